"""Whether highs ran away from lows before, or lows from highs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean


@dataclass(frozen=True, slots=True)
class Vortex(Windowed):
    """VI+ - VI- over `window` bars, within ±2; 0 where nothing moved.

    VI+ = sum of |H_t - L_t-1| / sum of true ranges, VI- = sum of |L_t - H_t-1| / the same. Source:
    the vortex indicator, Botes & Siepman (2010), as the difference of its two lines.
    """

    window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"vortex_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        up = np.abs(prices.high - lagged(prices.low, 1))
        down = np.abs(prices.low - lagged(prices.high, 1))
        apart = window_mean(up - down, self.window)
        return {self.names[0]: ratio(apart, prices.mean_true_range(self.window), cap=2.0)}
