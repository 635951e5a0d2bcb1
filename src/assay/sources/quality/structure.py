"""Rules of structure: what no sound bar, and no sound row of bars, ever is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import HOUR
from assay.sources.quality.columns import Columns, Mask, runs
from assay.sources.quality.flaw import Code
from assay.sources.quality.zones import Moved, moved_weeks


@dataclass(frozen=True, slots=True)
class Found:
    """A flaw by rows: its class, where it is, and what to say of it."""

    code: Code
    start: int
    end: int
    known: int
    sentence: str
    moved_by: int = 0


def structural(
    bars: Columns, timeframe: Timeframe, market: Calendar, *, is_open: bool
) -> tuple[list[Found], Columns, Mask]:
    """Return the flaws, the bars with moved weeks put back, and which rows are sound.

    With `is_open` the last week goes on, and whether it has moved cannot be known.
    """
    bad = np.zeros(len(bars), dtype=np.bool_)
    found: list[Found] = []
    for code, mask, said in _values(bars):
        mask = mask & ~bad
        bad |= mask
        found += [Found(code, a, b, b, said) for a, b in runs(mask)]
    weeks = moved_weeks(bars, timeframe, market)
    if is_open:
        weeks = [week for week in weeks if week.end < len(bars) - 1]
    found += [_moved(week) for week in weeks]
    time = bars.time.copy()
    for week in weeks:
        time[week.start : week.end + 1] -= week.by
    for code, mask, said in _times(time, timeframe, market):
        mask = mask & ~bad
        bad |= mask
        found += [Found(code, a, b, b, said) for a, b in runs(mask)]
    return found, replace(bars, time=time), ~bad


def _moved(week: Moved) -> Found:
    hours = abs(week.by) // HOUR
    side = "late" if week.by > 0 else "early"
    said = f"{week.end - week.start + 1:,} bars, about a week, are stamped {hours} h too {side}"
    return Found(Code.WRONG_ZONE, week.start, week.end, week.end, said, week.by)


def _values(bars: Columns) -> Iterator[tuple[Code, Mask, str]]:
    prices = bars.prices
    fair: Mask = np.asarray(np.isfinite(prices).all(axis=1))
    unknown = ~fair | ~np.isfinite(bars.volume) | (bars.volume < 0)
    yield Code.NOT_A_NUMBER, unknown, "a price or the volume is no number"
    yield Code.NOT_POSITIVE, np.asarray((prices <= 0).any(axis=1)), "a price is zero or negative"
    with np.errstate(invalid="ignore"):
        high = bars.high < np.maximum.reduce([bars.open, bars.low, bars.close])
        low = bars.low > np.minimum.reduce([bars.open, bars.high, bars.close])
    yield Code.HIGH_BELOW_LOW, high | low, "high is not the highest price, or low not the lowest"


def _times(
    time: Micros, timeframe: Timeframe, market: Calendar
) -> Iterator[tuple[Code, Mask, str]]:
    off, half = _off_grid(time, timeframe, market)
    yield Code.HALF_BAR, half, f"its time is inside a {timeframe} bar: it holds part of one"
    yield Code.WRONG_STEP, off & ~half, f"its time is not on the grid of {timeframe} bars"
    sound = np.where(off, np.iinfo(np.int64).min, time)
    before = np.maximum.accumulate(np.concatenate([[np.iinfo(np.int64).min], sound[:-1]]))
    order = np.argsort(sound, kind="stable")
    again = np.zeros(len(time), dtype=np.bool_)
    again[order[1:]] = np.diff(sound[order]) == 0
    again &= ~off
    yield Code.DUPLICATE, again, "another row is of the same time"
    yield Code.OUT_OF_ORDER, ~off & (time < before), "it stands after a later one"


def _off_grid(time: Micros, timeframe: Timeframe, market: Calendar) -> tuple[Mask, Mask]:
    """Return which times are no close of the timeframe, and which are one of a shorter one."""
    if not timeframe.is_intraday:
        ends = market.table.day_closes
        place = np.minimum(np.searchsorted(ends, time), len(ends) - 1)
        return ends[place] != time, np.zeros(len(time), dtype=np.bool_)
    length = timeframe.minutes * MINUTE
    off = time % length != 0
    shorter = time % MINUTE == 0 if timeframe.minutes > 1 else np.zeros(len(time), dtype=np.bool_)
    return off, off & shorter
