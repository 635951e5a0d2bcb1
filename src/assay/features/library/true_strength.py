"""How much of the movement, twice smoothed, was upwards."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, lagged


@dataclass(frozen=True, slots=True)
class TrueStrength(Recursive):
    """TSI / 100 = EMA_short(EMA_long(C_t - C_t-1)) / EMA_short(EMA_long(|C_t - C_t-1|)).

    In [-1, 1]; 0 where nothing moved (the average under a millionth of a millionth of the price).
    Source: the true strength index, Blau (1991).
    """

    long: int = 25
    short: int = 13
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.long + self.short

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"true_strength_{self.long}_{self.short}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (span_weight(self.long),) * 2

    @property
    def second_weights(self) -> tuple[float, ...]:
        """See `Recursive.second_weights`."""
        return (span_weight(self.short),) * 2

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        close = Prices.of(frames).close
        change = close - lagged(close, 1)
        return change, np.abs(change)

    def seconds(self, frames: Frames, first: Parts) -> Parts:
        """See `Recursive.seconds`."""
        return first

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        net, way = second
        return (ratio(net, way, cap=1.0, floor=1e-12 * Prices.of(frames).close),)
