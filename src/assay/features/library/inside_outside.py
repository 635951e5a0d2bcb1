"""Whether the bar stayed inside the one before, or swallowed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class InsideOutside(Windowed):
    """1 if H > H_t-1 and L < L_t-1, -1 if H < H_t-1 and L > L_t-1, else 0.

    Source: inside and outside days, Crabel (1990).
    """

    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return ("inside_outside",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        higher = np.sign(prices.high - lagged(prices.high, 1))
        lower = np.sign(lagged(prices.low, 1) - prices.low)
        return {"inside_outside": np.where(higher == lower, higher, 0.0)}
