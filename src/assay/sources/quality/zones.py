"""Weeks of bars that were stamped in another zone than the rest."""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE, overlaps
from assay.core.calendars.table import Micros
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import HOUR, WEEK, hours_in
from assay.sources.quality.columns import Columns, Floats

ZONES = ("America/New_York", "Europe/London")
FARTHEST, LEAST_SPREAD = 4.0, 0.05
"""No hour counts for more deviations, and no deviation is smaller."""
ALONE = 24
"""Rows on either side of a step in which there is no other."""
PLAIN = 0.1
"""If more of a week's bars are astray, its hours alone show that it was moved."""
STRAY = 0.05
"""Of a week's bars, so many may lie outside the hours."""
MOST = 14
"""Hours that clocks on earth are apart at most."""
SHORTEST, LONGEST = 100 * HOUR, 216 * HOUR
"""A run of bars that moved has to last about a week."""
MORE, WHOLE = 12 * HOUR, 0.9
"""A gap may be longer by what the feed lacks there; so much of the run has no other."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows `start` to `end` (both included) that are stamped `by` microseconds late."""

    start: int
    end: int
    by: int


def moved_weeks(bars: Columns, timeframe: Timeframe, market: Calendar) -> list[Moved]:
    """Return the weeks of intraday bars that fit the market's hours only when moved by hours.

    A week is moved if some of its bars lie where the market is closed or off the grid, none does
    once all are moved by the same hours, the week then begins or ends when the market does, and the
    course of its days is rather that of other weeks then: a feed that lacks a first hour and sends
    one after the close has the hours of a moved week, but not its days. In a market that never
    closes a week is moved if its bars follow a gap and run as far into the bars after it, or the
    other way round.
    """
    time = bars.time
    if not timeframe.is_intraday or len(time) < 2:
        return []
    length = timeframe.minutes * MINUTE
    if _never_closes(market):
        return _between_seams(bars, length)
    groups = np.flatnonzero(np.diff(time) > _weekend(market))
    starts = np.concatenate([[0], groups + 1])
    ends = np.concatenate([groups, [len(time) - 1]])
    sure: list[Moved] = []
    found: list[Moved] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        closes = time[start : end + 1]
        by = _moved_by(closes, length, market)
        if by:
            clear = _misfits(closes, length, market) > PLAIN * len(closes)
            (sure if clear or length > HOUR else found).append(Moved(start, end, by))
    return sure + (_by_course(bars, found, length) if found else [])


def _by_course(bars: Columns, moved: list[Moved], length: int) -> list[Moved]:
    """Return those of the weeks whose days run rather as in other weeks once they are moved.

    Compared are the mean log range and log volume of each hour with those of all weeks, by the
    clocks of New York and London: where those differ from their usual five hours, a market may keep
    the hours of either.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = [np.log(bars.high / bars.low), np.log(bars.volume)]
    values = np.stack([np.where(np.isfinite(each), each, np.nan) for each in logs])
    opens = bars.time - length
    usual = {zone: _course(opens, values, zone) for zone in ZONES}

    def misses(rows: slice, by: int) -> float:
        return min(
            _apart(opens[rows] - by, values[:, rows], zone, course)
            for zone, course in usual.items()
        )

    weeks = ((week, slice(week.start, week.end + 1)) for week in moved)
    return [week for week, rows in weeks if misses(rows, week.by) < misses(rows, 0)]


def _course(opens: Micros, values: Floats, zone: str) -> tuple[Floats, Floats]:
    """Return (2, 24) the median of each week's means by the hour, less the week's own mean.

    And how far weeks lie from it. NaN in hours without bars.
    """
    weeks = np.unique((opens - opens.min()) // WEEK, return_inverse=True)[1]
    table = np.stack([_table(opens, each, weeks, zone) for each in values])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an hour or a volume that is never there
        table = table - np.nanmean(table, axis=2, keepdims=True)
        usual = np.nanmedian(table, axis=1)
        spread = 1.4826 * np.nanmedian(np.abs(table - usual[:, None]), axis=1)
    return np.asarray(usual), np.maximum(np.asarray(spread), LEAST_SPREAD)


def _table(opens: Micros, values: Floats, weeks: npt.NDArray[np.int64], zone: str) -> Floats:
    known = np.isfinite(values)
    places = weeks[known] * 24 + hours_in(zone, opens[known])
    size = (int(weeks.max()) + 1) * 24
    counts = np.bincount(places, minlength=size)
    sums = np.bincount(places, weights=values[known], minlength=size)
    with np.errstate(invalid="ignore"):
        return np.asarray((sums / np.where(counts > 0, counts, np.nan)).reshape(-1, 24))


def _apart(opens: Micros, values: Floats, zone: str, course: tuple[Floats, Floats]) -> float:
    """Return by how much one week misses the usual course, in squared deviations.

    An hour in which there are never bars is as far off as any can be.
    """
    usual, spread = course
    table = np.stack(
        [_table(opens, each, np.zeros(len(opens), dtype=np.int64), zone)[0] for each in values]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        table = table - np.nanmean(table, axis=1, keepdims=True)
        off = np.minimum(np.abs(table - usual) / spread, FARTHEST)
    off = np.where(np.isfinite(table) & ~np.isfinite(usual), FARTHEST, off)
    return float(np.nansum(off**2))


def _never_closes(market: Calendar) -> bool:
    return bool((market.table.from_[1:] <= market.table.until[:-1]).all())


def _weekend(market: Calendar) -> int:
    """Return a break that is longer than any inside a week, and shorter than a weekend."""
    breaks = market.table.from_[1:] - market.table.until[:-1]
    daily = market.table.until - market.table.from_
    return 24 * HOUR if np.median(daily) > 12 * HOUR and breaks.size else 45 * HOUR


def _moved_by(closes: Micros, length: int, market: Calendar) -> int:
    """Return by how much a week is stamped late, 0 if it is not clearly moved.

    Of the hours that leave the fewest bars astray the smallest is taken; a few may stay so, for
    feeds send some before and after the hours.
    """
    astray = _misfits(closes, length, market)
    if closes[-1] - closes[0] < SHORTEST // 2 or not astray:
        return 0
    best, least = 0, min(astray, int(STRAY * len(closes)) + 1)
    for hours in range(1, MOST + 1):
        for by in (hours * HOUR, -hours * HOUR):
            left = _misfits(closes - by, length, market)
            if left < least and _begins_or_ends(closes - by, length, market):
                best, least = by, left
    return best


def _misfits(closes: Micros, length: int, market: Calendar) -> int:
    """Return how many bars lie off the grid, or wholly where the market is closed."""
    off = closes % length != 0
    return int((off | ~overlaps(market.table, closes - length, closes)).sum())


def _begins_or_ends(closes: Micros, length: int, market: Calendar) -> bool:
    table = market.table
    first, last = int(closes.min()) - length, int(closes.max())
    at = int(np.searchsorted(table.from_, first + length, side="left")) - 1
    begins = at >= 0 and table.from_[at] // length * length == first
    at = int(np.searchsorted(table.until, last, side="left"))
    back = max(at - 1, 0)
    ends = any(
        -(-int(table.until[place]) // length) * length == last
        for place in (back, min(at, len(table.until) - 1))
    )
    return begins or ends


def _between_seams(bars: Columns, length: int) -> list[Moved]:
    """Return the runs between a step back by hours and a gap that is as long, or a little longer.

    A late week ends in the step back, an early one begins with it. Steps that stand alone count: a
    row that came twice or late makes several, close together.
    """
    extra = np.diff(bars.time) - length
    copy = (np.diff(bars.time) == 0) & (np.diff(bars.open) == 0) & (np.diff(bars.volume) == 0)
    odd = np.concatenate([np.zeros(ALONE), extra != 0, np.zeros(ALONE)])
    alone = np.lib.stride_tricks.sliding_window_view(odd, 2 * ALONE + 1).sum(axis=1) <= 1
    back = (extra < 0) & (extra % HOUR == 0) & (extra >= -MOST * HOUR) & alone & ~copy
    gaps = np.flatnonzero(extra > 0)
    found = []
    for seam in np.flatnonzero(back).tolist():
        by = -int(extra[seam])
        far = np.abs(gaps - seam) * length
        fits = (far >= SHORTEST) & (far <= LONGEST)
        fits &= (extra[gaps] >= by) & (extra[gaps] <= by + MORE)
        if not fits.any():
            continue
        gap = int(gaps[fits][np.argmin(extra[gaps[fits]])])
        first, last = min(gap, seam), max(gap, seam)
        if (extra[first + 1 : last] == 0).mean() > WHOLE:
            found.append(Moved(first + 1, last, by if gap < seam else -by))
    return found
