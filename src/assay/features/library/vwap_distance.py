"""How far the close is from what was paid on average."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class VwapDistance(Windowed):
    """(C - VWAP) / mean true range of `range_window` bars, over `window` bars.

    VWAP = sum(T V) / sum(V), T = (H + L + C) / 3. Within ±20; 0 where no volume is published or
    nothing moved. Source: the volume-weighted average price, Berkowitz, Logue & Noser (1988), over
    a rolling window.
    """

    window: int = 50
    range_window: int = 14
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"vwap_distance_{self.window}_by_{self.range_window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        typical = (p.high + p.low + p.close) / 3.0
        paid = window_sum(typical * p.volume, self.window)
        traded = window_sum(p.volume, self.window)
        some = traded > 0
        away = np.where(some, p.close - paid / np.where(some, traded, 1.0), 0.0)
        return {self.names[0]: ratio(away, p.mean_true_range(self.range_window))}
