"""Where the close stands against yesterday's high and low."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import begins_day
from assay.features.windowed import Windowed
from assay.features.windows import Vector

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
        high = _over(np.fmax, p.high, begin, end)
        low = _over(np.fmin, p.low, begin, end)
        values = ratio(p.close - high, unit), ratio(p.close - low, unit)
        return dict(zip(self.names, values, strict=True))

    def _prior_days(self, first: npt.NDArray[np.bool_]) -> tuple[Places, Places]:
        """Return for each row where the day before its own begins and ends (the end is outside)."""
        row = np.arange(first.size)
        start = np.maximum.accumulate(np.where(first, row, 0))
        today = np.maximum(start, row - self.longest_day + 1)
        earlier = start[np.maximum(today - 1, 0)]
        return np.maximum(earlier, today - self.longest_day), today


def _over(extreme: np.ufunc, values: Vector, begin: Places, end: Places) -> Vector:
    """Return the extreme of `values[begin:end]` for each row, NaN where that is empty."""
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
