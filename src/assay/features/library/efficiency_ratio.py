"""How straight the way of the price was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum


@dataclass(frozen=True, slots=True)
class EfficiencyRatio(Windowed):
    """(C_t - C_t-n) / sum of |C_i - C_i-1| over n = `window` bars, signed, in [-1, 1].

    0 where nothing moved. Source: the efficiency ratio of Kaufman (1995), with its sign.
    """

    window: int = 20
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"efficiency_ratio_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = Prices.of(frames).close
        way = window_sum(np.abs(close - lagged(close, 1)), self.window)
        return {self.names[0]: ratio(close - lagged(close, self.window), way, cap=1.0)}
