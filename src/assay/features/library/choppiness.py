"""Whether the market went somewhere or back and forth."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log as ln
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_min


@dataclass(frozen=True, slots=True)
class Choppiness(Windowed):
    """ln(sum of true ranges / (highest high - lowest low)) / ln n over n = `window` bars.

    Near 0 in a trend, near 1 where each bar covers the same ground; in [0, 1], 0 where nothing
    moved. Source: the choppiness index of Dreiss (1993), divided by 100.
    """

    window: int = 14
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window of one bar, which covers all its ground at once."""
        Feature.__post_init__(self)
        if self.window < 2:
            raise SettingsError(f"Choppiness: window is at least 2; found {self.window}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"choppiness_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        ground = window_max(prices.high, self.window) - window_min(prices.low, self.window)
        way = self.window * prices.mean_true_range(self.window)
        often = np.maximum(ratio(way, ground, cap=self.window), 1.0)
        return {self.names[0]: np.minimum(log(often) / ln(self.window), 1.0)}
