"""Where the price stands in its recent range, stretched so that the ends stand out."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.chained import Chained
from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windows import Parts, Vector, window_max, window_min

_MOST = 0.999


@dataclass(frozen=True, slots=True)
class FisherTransform(Chained):
    """F = ln((1 + v) / (1 - v)) / 2 + F_t-1 / 2, v = 0.33 x + 0.67 v_t-1, within ±8.

    x is where P = (H + L) / 2 stands among the last `window` P, -1 lowest to 1 highest, 0 where
    these are equal; v counts within ±0.999. Source: Ehlers (2002).
    """

    window: int = 10
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"fisher_transform_{self.window}",)

    @property
    def chains(self) -> tuple[tuple[float, ...], ...]:
        """See `Chained.chains`."""
        return ((0.33, 0.5),)

    @property
    def reach(self) -> int:
        """See `Chained.reach`."""
        return self.window

    def drives(self, frames: Frames) -> Parts:
        """See `Chained.drives`."""
        prices = Prices.of(frames)
        price = 0.5 * (prices.high + prices.low)
        top, bottom = window_max(price, self.window), window_min(price, self.window)
        return (ratio((price - bottom) - (top - price), top - bottom, cap=1.0),)

    def link(self, averaged: Vector) -> Vector:
        """See `Chained.link`: half of this, averaged, is Ehlers's sum."""
        v = np.clip(averaged, -_MOST, _MOST)
        return log((1.0 + v) / (1.0 - v))

    def read(self, frames: Frames, paths: tuple[Parts, ...]) -> Parts:
        """See `Chained.read`."""
        return (paths[0][1],)
