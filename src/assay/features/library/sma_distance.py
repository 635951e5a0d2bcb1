"""How far the close is from its plain average."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class SmaDistance(Windowed):
    """(C - mean of the last `window` closes) / mean true range of `range_window` bars.

    Within ±20; 0 where the mean true range is 0. Source: moving-average rules, Brock, Lakonishok &
    LeBaron (1992).
    """

    window: int = 100
    range_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"sma_distance_{self.window}_by_{self.range_window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        away = prices.close - window_mean(prices.close, self.window)
        return {self.names[0]: ratio(away, prices.mean_true_range(self.range_window))}
