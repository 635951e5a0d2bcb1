"""Where today's volatility stands in its own past."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_rank


@dataclass(frozen=True, slots=True)
class VolPercentile(Windowed):
    """Rank of the realised volatility of `window` bars among its last `past` values, 0 to 1.

    0 lowest, 1 highest; equal values count a half, so a market that stands still is at 0.5.
    Source: the empirical distribution function.
    """

    window: int = 20
    past: int = 250
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a past with nothing to compare with."""
        Feature.__post_init__(self)
        if self.past < 2:
            raise SettingsError(f"VolPercentile: past is at least 2 bars; found {self.past}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.past

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"vol_percentile_{self.window}_{self.past}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        vol = Prices.of(frames).volatility(self.window)
        return {self.names[0]: window_rank(vol, self.past)}
