"""Where the close stands in the channel around the average bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class Keltner(Windowed):
    """(C - mean of (H + L + C) / 3) / mean of (H - L), over `window` bars.

    ±1 at the lines of the channel; within ±20, 0 where no bar has a range. Source: the ten-day
    moving average rule, Keltner (1960).
    """

    window: int = 10
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"keltner_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        middle = window_mean(prices.high + prices.low + prices.close, self.window) / 3.0
        half_width = window_mean(prices.high - prices.low, self.window)
        return {self.names[0]: ratio(prices.close - middle, half_width)}
