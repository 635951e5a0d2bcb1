"""How far below the recent highest close the price is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max


@dataclass(frozen=True, slots=True)
class Drawdown(Windowed):
    """ln(C / highest close) / (RMS of returns x sqrt n) over n = `window` bars, at most 0.

    Within -20; 0 where the window stood still. Source: nearness to the high, George & Hwang (2004).
    """

    window: int = 100
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"drawdown_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        usual = prices.volatility(self.window) * sqrt(self.window)
        below = log(prices.close / window_max(prices.close, self.window))
        return {self.names[0]: ratio(below, usual)}
