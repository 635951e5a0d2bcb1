"""How deep under its recent highs the price has been."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_mean


@dataclass(frozen=True, slots=True)
class UlcerIndex(Windowed):
    """Root mean square of C / highest close - 1, divided by sqrt(n) x RMS of the returns.

    The mean, the highest close of each bar and the returns are of n = `window` bars. Within 20; 0
    at ever new highs, and where the window stood still. Source: Martin & McCann (1989), in units of
    volatility.
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(2 * self.window - 1, self.window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"ulcer_index_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        drawdown = prices.close / window_max(prices.close, self.window) - 1.0
        index = np.sqrt(window_mean(drawdown * drawdown, self.window))
        usual = prices.volatility(self.window) * sqrt(self.window)
        return {self.names[0]: ratio(index, usual)}
