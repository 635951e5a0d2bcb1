"""How unsteady the volatility is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean_std


@dataclass(frozen=True, slots=True)
class VolOfVol(Windowed):
    """Standard deviation / mean of the last `span` volatilities, each the RMS of `window` returns.

    The deviation divides by n. Within 20; 0 where the volatility does not vary. Source: volatility
    of volatility, Baltussen, van Bekkum & van der Grient (2018), of realised in place of implied
    volatility.
    """

    window: int = 10
    span: int = 100
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.span

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"vol_of_vol_{self.window}_{self.span}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        vol = Prices.of(frames).volatility(self.window)
        mean, spread = window_mean_std(vol, self.span)
        return {self.names[0]: ratio(spread, mean)}
