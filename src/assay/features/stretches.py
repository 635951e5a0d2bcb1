"""Stretches of bars, as days, weeks and sessions: where they begin, and what they held."""

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from assay.features.clocks import WEEK_MINUTES, minutes
from assay.features.contract import Frames, Input
from assay.features.windows import Vector

Flags: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.int64]


def begins_day(frames: Frames) -> Flags:
    """Say where a day begins: with its opening bar or, where that is missing, the first there is.

    The bar before closed no later than the day opened.
    """
    found: Flags = frames.once(begins_day, lambda: _new_day(frames))
    return found


def _new_day(frames: Frames) -> Flags:
    now = minutes(frames)
    opening = frames.numbers(Input.CALENDAR, "first_of_day") == 1.0
    opened = frames.numbers(Input.CALENDAR, "minutes_open") <= np.diff(now, prepend=now[:1])
    found: Flags = opening | opened
    return found


def begins_week(frames: Frames) -> Flags:
    """Say where a week begins, a day being of the week, from Monday, that it closes in."""
    now = minutes(frames)
    to_close = frames.numbers(Input.CALENDAR, "minutes_to_close")
    place = (frames.numbers(Input.CALENDAR, "minute_of_week") + to_close - 1.0) % WEEK_MINUTES
    found: Flags = np.diff(place, prepend=place[:1]) < 0
    return found | (np.diff(now, prepend=now[:1]) >= WEEK_MINUTES)


def last_begin(begins: Flags, rows: int) -> Places:
    """Return the row of the last flag among the last `rows` rows, this one included; else -1."""
    row = np.arange(begins.size)
    begin = np.maximum.accumulate(np.where(begins, row, -1))
    return np.where(row - begin < rows, begin, -1)


@dataclass(frozen=True, slots=True)
class Before:
    """The stretch before each row's own: where both are known, which it is, where they begin.

    Both are known where each has at most `longest` rows: looks at 2 x `longest` + 1 rows.
    """

    known: Flags
    which: Places
    starts: Places

    @classmethod
    def of(cls, begins: Flags, longest: int) -> Self:
        """Return the stretches before those that `begins` flags."""
        starts, own = np.flatnonzero(begins), np.cumsum(begins) - 1
        if starts.size < 2:
            return cls(np.zeros(begins.size, dtype=np.bool_), np.zeros_like(own), starts)
        since = np.arange(begins.size) - starts[np.maximum(own, 0)]
        short = np.diff(starts, prepend=starts[0] - longest - 1) <= longest
        known = (own > 0) & (since < longest) & short[np.maximum(own, 0)]
        return cls(known, np.maximum(own - 1, 0), starts)

    def fold(self, fold: np.ufunc, values: Vector) -> Vector:
        """Return the fold of `values` over the stretch before, row by row; 0 where not known."""
        if not self.known.any():
            return np.zeros(values.size)
        return np.where(self.known, fold.reduceat(values, self.starts)[self.which], 0.0)

    def last(self, values: Vector) -> Vector:
        """Return the last value of the stretch before, row by row; 0 where not known."""
        if not self.known.any():
            return np.zeros(values.size)
        ends = values[np.append(self.starts[1:], values.size) - 1]
        return np.where(self.known, ends[self.which], 0.0)


def running(
    fold: np.ufunc, begins: Flags, rows: int, several: tuple[Vector, ...]
) -> tuple[Vector, ...]:
    """Return the folds of each of `several` from the last flag on; NaN after `rows` rows.

    Folded in the order of the rows, so the same stretch gives the same bits in any frame.
    """
    start = np.flatnonzero(begins)
    if not start.size:
        return tuple(np.full(values.size, np.nan) for values in several)
    first = int(start[0])
    which = np.cumsum(begins[first:]) - 1
    since = np.arange(first, begins.size) - start[which]
    longest = int(since.max()) + 1
    width = min(rows, longest)
    cell = which * width + since
    near = since < width if longest > width else slice(None)
    shape = start.size, width

    def folded(values: Vector) -> Vector:
        """Lay each stretch in a row of a grid, and fold along the rows."""
        grid, found = np.zeros(shape), np.full(values.size, np.nan)
        grid.ravel()[cell[near]] = values[first:][near]
        found[first:][near] = fold.accumulate(grid, axis=1).ravel()[cell[near]]
        return found

    return tuple(map(folded, several))
