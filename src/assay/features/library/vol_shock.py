"""How large the last move was against what was to be expected before it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, half_life_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class VolShock(Recursive):
    """|r_t| / sigma_t-1, sigma^2 the exponential average of squared returns up to the bar before.

    Half of it is forgotten every `half_life` bars (11 is near the 0.94 of RiskMetrics). Within 20;
    0 where nothing moved before. Source: J.P. Morgan RiskMetrics (1996).
    """

    half_life: int = 11
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2 * self.half_life + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"vol_shock_{self.half_life}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`; the second only holds the last return's size."""
        return half_life_weight(self.half_life), 1.0

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        returns = Prices.of(frames).returns()
        return returns * returns, np.abs(returns)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`: the average before this bar is worked back from the one after."""
        after, size = first
        weight = self.weights[0]
        before = (after - weight * size * size) / (1.0 - weight)
        return (ratio(size, np.sqrt(np.maximum(before, 0.0)), floor=1e-12),)
