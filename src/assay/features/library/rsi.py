"""How much of the recent movement was upwards."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, lagged


@dataclass(frozen=True, slots=True)
class Rsi(Recursive):
    """(RSI - 50) / 50 = (gain - loss) / (gain + loss) with Wilder's averages over `window` bars.

    In [-1, 1]; 0 where nothing moved (the averages under a millionth of a millionth of the price).
    Source: Wilder (1978), centred.
    """

    window: int = 14
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"rsi_{self.window}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (1.0 / self.window,) * 2

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        close = Prices.of(frames).close
        change = close - lagged(close, 1)
        return np.maximum(change, 0.0), np.maximum(-change, 0.0)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        gain, loss = first
        nothing = 1e-12 * Prices.of(frames).close
        return (ratio(gain - loss, gain + loss, cap=1.0, floor=nothing),)
