"""How much the price bounces between bid and ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean


@dataclass(frozen=True, slots=True)
class RollSpread(Windowed):
    """2 sqrt(-cov(r_t, r_t-1)) over `window` bars by the RMS of the last `past` returns.

    Log returns. In [0, 20]; 0 where the autocovariance is not negative, and where nothing moved.
    Source: the effective spread of Roll (1984), per volatility.
    """

    window: int = 50
    past: int = 200
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window + 2, self.past + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"roll_spread_{self.window}_by_{self.past}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        returns = p.returns()
        before = lagged(returns, 1)
        means = window_mean(returns, self.window) * window_mean(before, self.window)
        together = window_mean(returns * before, self.window) - means
        spread = 2.0 * np.sqrt(np.maximum(-together, 0.0))
        return {self.names[0]: ratio(spread, p.volatility(self.past))}
