"""How far the close is from its exponential averages."""

from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class EmaDistance(Recursive):
    """(C - EMA_n(C)) / ATR for each n in `spans`; ATR is Wilder's average over `atr_window` bars.

    EMA weight 2 / (n + 1). Within ±20 ATR; 0 where ATR is 0. Source: exponential smoothing, Brown
    (1959); ATR, Wilder (1978).
    """

    spans: tuple[int, ...] = (20, 50)
    atr_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(*self.spans, self.atr_window)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"ema_distance_{span}_by_{self.atr_window}" for span in self.spans)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (1.0 / self.atr_window, *map(span_weight, self.spans))

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        prices = Prices.of(frames)
        return (prices.true_range(), *(prices.close for _ in self.spans))

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        atr, *averages = first
        close = Prices.of(frames).close
        return tuple(ratio(close - average, atr) for average in averages)
