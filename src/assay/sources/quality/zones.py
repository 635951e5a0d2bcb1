"""Weeks of bars that were stamped in another zone than the rest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import HOUR
from assay.sources.quality.columns import Columns
from assay.sources.quality.courses import ALLOWED, MOST, fits, weeks_of
from assay.sources.quality.seams import between_seams

LEAST, CLEAR = 3.0, 20.0
"""Log likelihood by which a week fits better when it is moved, and where its hours may fit less."""
WHOLE, SHORT_HOURS = 98 * HOUR, 6.0
"""A week that is shorter than this is one with holidays: its hours have to fit better as well."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows `start` to `end` (both included) that are stamped `by` microseconds late."""

    start: int
    end: int
    by: int


def moved_weeks(bars: Columns, timeframe: Timeframe, market: Calendar) -> list[Moved]:
    """Return the weeks of intraday bars that fit the other weeks better when moved by hours.

    Both the hours that have bars and the course of range and volume over the days are compared with
    those of the weeks around, by the clock of New York: a feed that lacks a first hour and sends
    one after the close has the hours of a moved week, but not its days. Weeks with far fewer bars
    than those around are left alone. In a market that never closes a week has moved if its bars
    follow a gap and run as far into the bars after it, or the other way round.
    """
    time = bars.time
    if not timeframe.is_intraday or len(time) < 2:
        return []
    length = timeframe.minutes * MINUTE
    if _never_closes(market):
        return [Moved(*run) for run in between_seams(bars, length)]
    order = np.argsort(time, kind="stable")
    if (np.diff(time) < 0).any():  # rows that came late belong to the week of their time
        bars = bars.take(order)
    breaks = np.flatnonzero(np.diff(bars.time) > _weekend(market))
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [len(time) - 1]])
    weeks = weeks_of(bars, length, starts, ends, market)
    hours, days = fits(weeks)
    late = np.argmax(hours + days, axis=1)
    place = np.arange(len(starts))
    own = hours[place, late]
    total = own + days[place, late]
    sure = (total > CLEAR) | ((total > LEAST) & (own > -ALLOWED))
    sure &= (bars.time[ends] - bars.time[starts] >= WHOLE) | (own > SHORT_HOURS)
    sure &= weeks.long & weeks.dense & (late != MOST)
    found = []
    for week in np.flatnonzero(sure).tolist():
        rows = _together(np.sort(order[starts[week] : ends[week] + 1]))
        by = (int(late[week]) - MOST) * HOUR
        if _fits_the_grid(time[rows], by, length):
            found.append(Moved(int(rows[0]), int(rows[-1]), by))
    return found


def _fits_the_grid(time: Micros, by: int, length: int) -> bool:
    """Say whether bars that are moved back stand on the grid as often as they do now.

    Four-hour bars that keep the grid cannot be an hour late.
    """
    return int(((time - by) % length == 0).sum()) >= int((time % length == 0).sum())


def _together(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the longest stretch of rows without another between."""
    return max(np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1), key=len)


def _never_closes(market: Calendar) -> bool:
    return bool((market.table.from_[1:] <= market.table.until[:-1]).all())


def _weekend(market: Calendar) -> int:
    """Return a break that is longer than any inside a week, and shorter than a weekend."""
    breaks = market.table.from_[1:] - market.table.until[:-1]
    daily = market.table.until - market.table.from_
    return 24 * HOUR if np.median(daily) > 12 * HOUR and breaks.size else 45 * HOUR
