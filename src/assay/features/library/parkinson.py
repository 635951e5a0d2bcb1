"""How much the price moved lately, from highs and lows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log as ln
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class Parkinson(Windowed):
    """sqrt(mean of ln(H / L)^2 / (4 ln 2)) over `window` bars; per bar, not annualised.

    Blind to gaps between bars, so its distance from `realised_vol` tells of them. Source: Parkinson
    (1980).
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"parkinson_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        squares = log(prices.high / prices.low) ** 2
        return {self.names[0]: np.sqrt(window_mean(squares, self.window) / (4.0 * ln(2.0)))}
