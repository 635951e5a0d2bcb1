"""Where the close stands against yesterday's high and low."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

import numpy as np
import numpy.typing as npt

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import begins_day
from assay.features.windowed import Windowed
from assay.features.windows import Vector, compiled

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PriorDay(Windowed):
    """(C - prior day's high) and (C - prior day's low), in mean true ranges of `range_window` bars.

    Days begin where the calendar says `first_of_day`. `longest_day` is how many bars the longest
    day has: 288 suits 5 minutes and longer, one minute needs 1,440; of a longer day only so many
    are looked at. Within ±20; 0 where the mean true range is 0. Source: support and resistance at
    prior extremes, Osler (2000).
    """

    longest_day: int = 288
    range_window: int = 14
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(2 * self.longest_day, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.longest_day}_by_{self.range_window}"
        return f"prior_high_distance_{settings}", f"prior_low_distance_{settings}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        unit = p.mean_true_range(self.range_window)
        begin, end = self._prior_days(begins_day(frames))
        high, low = _over(p.high, begin, end, 1), _over(p.low, begin, end, 2)
        values = ratio(p.close - high, unit), ratio(p.close - low, unit)
        return dict(zip(self.names, values, strict=True))

    def _prior_days(self, first: npt.NDArray[np.bool_]) -> tuple[Places, Places]:
        """Return for each row where the day before its own begins and ends (the end is outside)."""
        row = np.arange(first.size)
        start = np.maximum.accumulate(np.where(first, row, 0))
        today = np.maximum(start, row - self.longest_day + 1)
        earlier = start[np.maximum(today - 1, 0)]
        return np.maximum(earlier, today - self.longest_day), today


def _over(values: Vector, begin: Places, end: Places, kind: int) -> Vector:
    """Return the largest (kind 1) or smallest of `values[begin:end]` a row, NaN for none."""
    fast = compiled()
    if fast:
        return cast("Vector", fast.extremes(values, begin, end, kind))
    extreme = np.fmax if kind == 1 else np.fmin
    changed = (np.diff(begin, prepend=-1) != 0) | (np.diff(end, prepend=-1) != 0)
    place = np.flatnonzero(changed)
    begins, ends = begin[place], end[place]
    whole = begins < ends
    each = np.full(place.size, np.nan)
    if whole.any():
        edges = np.stack([begins[whole], ends[whole]], axis=1).ravel()
        each[whole] = extreme.reduceat(np.append(values, np.nan), edges)[::2]
    found: Vector = each[np.cumsum(changed) - 1]
    return found
