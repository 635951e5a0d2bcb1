"""How far the close is from the average it had half a cycle ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean


@dataclass(frozen=True, slots=True)
class Detrended(Windowed):
    """(C - mean of n closes as it was n // 2 + 1 bars ago) in mean true ranges, n = `window`.

    These are of `range_window` bars. Nothing is shifted back in time. Within ±20; 0 where the mean
    true range is 0. Source: the detrended price oscillator in Achelis (1995), in units of true
    range.
    """

    window: int = 20
    range_window: int = 14
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window + self.window // 2 + 1, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"detrended_{self.window}_by_{self.range_window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        before = lagged(window_mean(prices.close, self.window), self.window // 2 + 1)
        unit = prices.mean_true_range(self.range_window)
        return {self.names[0]: ratio(prices.close - before, unit)}
