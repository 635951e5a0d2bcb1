"""How strong a trend is, and which way it points."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, Vector, lagged


@dataclass(frozen=True, slots=True)
class Adx(Recursive):
    """ADX / 100, and (+DI - -DI) / (+DI + -DI), over `window` bars with Wilder's averages.

    +DM = up move if it is above 0 and above the down move; DI = average DM / average true range;
    DX = |+DI - -DI| / (+DI + -DI); ADX = average DX. In [0, 1] and [-1, 1]; 0 where neither side
    moved. Source: Wilder (1978).
    """

    window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2 * self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"adx_{self.window}", f"directional_{self.window}"

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (1.0 / self.window,) * 3

    @property
    def second_weights(self) -> tuple[float, ...]:
        """See `Recursive.second_weights`."""
        return (1.0 / self.window,)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        prices = Prices.of(frames)
        up = prices.high - lagged(prices.high, 1)
        down = lagged(prices.low, 1) - prices.low
        plus = np.where((up > down) & (up > 0), up, 0.0)
        minus = np.where((down > up) & (down > 0), down, 0.0)
        return plus, minus, prices.true_range()

    def seconds(self, frames: Frames, first: Parts) -> Parts:
        """See `Recursive.seconds`."""
        return (np.abs(_direction(first)),)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        return second[0], _direction(first)


def _direction(first: Parts) -> Vector:
    plus, minus, ranges = first
    return ratio(plus - minus, plus + minus, cap=1.0, floor=1e-9 * ranges)
