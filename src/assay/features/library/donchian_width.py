"""How wide the recent channel is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_min


@dataclass(frozen=True, slots=True)
class DonchianWidth(Windowed):
    """(highest high - lowest low) / (mean true range x sqrt n) over n = `window` bars.

    Wide in a trend, narrow in a quiet range; within 20, 0 where nothing moved. Source: the channel
    of Donchian (1960), scaled as a random walk.
    """

    window: int = 20
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"donchian_width_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        width = window_max(p.high, self.window) - window_min(p.low, self.window)
        unit = p.mean_true_range(self.window) * sqrt(self.window)
        return {self.names[0]: ratio(width, unit)}
