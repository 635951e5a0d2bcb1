"""How far the close is from the floor traders' levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import Before, begins_day
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PivotPoints(Windowed):
    """(C - P), (C - R) and (C - S) in mean true ranges of `range_window` bars.

    P = (H + L + C) / 3 of the day before, resistance R = 2 P - L, support S = 2 P - H. Days begin
    as in `prior_day`; `longest_day` is how many bars the longest day may have: 96 suits 15 minutes
    and longer. Within ±20; 0 in and after a longer day, and where nothing moved. Source: floor
    trader pivots, Person (2004).
    """

    longest_day: int = 96
    range_window: int = 14
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(2 * self.longest_day, self.range_window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(
            f"{level}_distance_{self.longest_day}_by_{self.range_window}"
            for level in ("pivot", "resistance", "support")
        )

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        unit = p.mean_true_range(self.range_window)
        before = Before.of(begins_day(frames), self.longest_day)
        high, low = before.fold(np.maximum, p.high), before.fold(np.minimum, p.low)
        pivot = (high + low + before.last(p.close)) / 3.0
        levels = pivot, 2.0 * pivot - low, 2.0 * pivot - high
        values = (ratio(np.where(before.known, p.close - level, 0.0), unit) for level in levels)
        return dict(zip(self.names, values, strict=True))
