"""Whether the large moves of late went up or down."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class RealisedSkew(Windowed):
    """sqrt(n) sum of r^3 / (sum of r^2)^(3/2) over n = `window` log returns.

    Within ±sqrt(n), which one lonely jump reaches; 0 where nothing moved. Source: realised
    skewness, Amaya, Christoffersen, Jacobs & Vasquez (2015).
    """

    window: int = 100
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"realised_skew_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        root = sqrt(self.window)
        returns = Prices.of(frames).returns()
        squares = returns * returns
        variance = window_sum(squares, self.window)
        cubes = window_sum(squares * returns, self.window)
        return {self.names[0]: ratio(root * cubes, variance * np.sqrt(variance), cap=root)}
