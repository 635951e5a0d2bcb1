"""Whether long moves are larger than short ones add up to by chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class VarianceRatio(Windowed):
    """ln of [mean (q-bar return)^2 / (q x mean (1-bar return)^2)] over `window` bars, q = `bars`.

    Above 0 trending, below 0 turning back, within ±5; 0 where nothing moved. Source: the variance
    ratio of Lo & MacKinlay (1988), of returns about zero.
    """

    bars: int = 5
    window: int = 100
    group: ClassVar[Group] = Group.RETURNS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.bars

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"variance_ratio_{self.bars}_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        long = window_mean(prices.returns(self.bars) ** 2, self.window)
        short = window_mean(prices.returns() ** 2, self.window)
        share = ratio(long, self.bars * short, cap=np.e**5)
        share = np.where(short > 0, np.maximum(share, np.e**-5), 1.0 + 0.0 * long)
        return {self.names[0]: log(share)}
