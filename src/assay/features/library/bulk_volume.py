"""Which side the volume was on, judged by how far the price went."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum

_SERIES = (0.0000430638, 0.0002765672, 0.0001520143, 0.0092705272, 0.0422820123, 0.0705230784)


@dataclass(frozen=True, slots=True)
class BulkVolume(Windowed):
    """sum(V (2 Phi(z) - 1)) / sum(V) over `window` bars, in [-1, 1].

    z is the log return by the RMS of the last `past` of them. The share of V that bought is Phi(z),
    the normal distribution function (to 2e-7, Abramowitz & Stegun (1964), 7.1.28). 0 where no
    volume is published or nothing moved. Source: bulk volume classification, Easley, Lopez de Prado
    & O'Hara (2012).
    """

    window: int = 20
    past: int = 50
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window + self.past, self.past + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"bulk_volume_{self.window}_by_{self.past}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        returns = p.returns()
        bought = _error_function(ratio(returns, p.volatility(self.past)) / sqrt(2.0))
        net = window_sum(p.volume * bought, self.window)
        return {self.names[0]: ratio(net, window_sum(p.volume, self.window), cap=1.0)}


def _error_function(values: Vector) -> Vector:
    """Return erf; 2 Phi(z) - 1 is erf(z / sqrt 2)."""
    size = np.abs(values)
    total = np.full(values.shape, _SERIES[0])
    for factor in _SERIES[1:]:
        total *= size
        total += factor
    total *= size
    total += 1.0
    for _ in range(4):  # to the sixteenth power
        total *= total
    return np.sign(values) * (1.0 - 1.0 / total)
