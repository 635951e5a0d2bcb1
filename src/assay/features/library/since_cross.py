"""How long ago the close crossed its average, and to which side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.stretches import last_begin
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean


@dataclass(frozen=True, slots=True)
class SinceCross(Windowed):
    """Side of the average x (1 - n / `limit`), n bars since the close crossed it; in [-1, 1].

    1 where it just rose over the mean of the last `window` closes, -1 where it just fell under it,
    0 where it has not crossed in the last `limit` bars. Source: the age of a moving-average signal,
    as traded by Brock, Lakonishok & LeBaron (1992).
    """

    window: int = 50
    limit: int = 100
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.limit

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"since_cross_{self.window}_{self.limit}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = Prices.of(frames).close
        mean = window_mean(close, self.window)
        side = np.where(close > mean, 1.0, -1.0)
        crossed = (side != lagged(side, 1)) & ~np.isnan(lagged(mean, 1))
        last = last_begin(crossed, self.limit)
        age = 1.0 - (np.arange(close.size) - last) / self.limit
        return {self.names[0]: np.where(last >= 0, side * age, 0.0)}
