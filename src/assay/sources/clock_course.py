"""The course of a market's day: on the right clock its busy hours are the same all year.

London opens, New York's figures come out and both go home at hours of their own clocks. Read on a
wrong clock the mean range of each hour runs an hour early or late for some weeks.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.table import Micros
from assay.sources.clocks import DAY, HOUR, WEEK, Clock, Clocks, hours_in, parse_clock

Floats = npt.NDArray[np.float64]
LAGS = (0, -1, 1, -2, 2)
"""Hours by which a clock that changes is looked for around the one that was found."""
PENALTY = 12.0
"""Nats that weeks in a row must bring for another clock to be believed in them."""
LEAST_WEEKS = 26
ROUND_THE_CLOCK = 20
"""Hours of the day with bars; a market open for fewer shows its clock by opening and closing."""
LASTING = 8
"""Weeks that a moved clock must hold: for up to four a year London and New York lie an hour closer
or further apart, and the day of a London market runs by London."""
FARTHEST = 3.0
"""Usual deviations; a bar in an hour that never has any is so far from what is usual."""
SHARE = 0.5
"""Of a week's hours, bars must be there for the week to say anything."""


def turns_of(local: Micros, spread: Floats, clock: Clock, market: Calendar) -> Clocks:
    """Return `clock`, or the clocks in turn if the course shows that hours were moved on the way.

    Weeks in a row are given to a clock some hours off where that explains their course by
    `PENALTY` nats better; fewer than `LEAST_WEEKS` weeks of bars, or bars longer than an hour, show
    nothing. `local` are the opens of bars (microseconds), `spread` (n,) their log ranges.
    """
    at, known = clock.utc(local)
    moving = known & (spread > 0)
    times, logs = at[moving], np.log(spread[moving])
    if not len(times):
        return Clocks((clock,))
    weeks = times // WEEK
    frame = pl.DataFrame({"week": weeks, "hour": hours_in(market.zone, times), "log": logs})
    table = frame.group_by("week", "hour").agg(pl.col("log").mean())
    numbers = np.unique(weeks)
    courses = np.full((len(numbers), 24), np.nan)
    row = np.searchsorted(numbers, table["week"].to_numpy())
    courses[row, table["hour"].to_numpy()] = table["log"].to_numpy()
    courses -= np.nanmean(courses, axis=1, keepdims=True)
    there = np.isfinite(courses)
    spoken = there.sum(axis=1) >= SHARE * there.any(axis=0).sum()
    courses, numbers = courses[spoken], numbers[spoken]
    if len(numbers) < LEAST_WEEKS or there.any(axis=0).sum() < ROUND_THE_CLOCK:
        return Clocks((clock,))
    path = _lasting(_path(courses))
    turns = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist()]
    until = tuple(int(numbers[k]) * WEEK // DAY * DAY for k in turns[1:])
    return Clocks(tuple(_moved(clock, LAGS[path[k]]) for k in turns), until)


def _path(courses: Floats) -> npt.NDArray[np.int64]:
    """Return for each week the place in `LAGS` that explains its course."""
    there = np.isfinite(courses)
    busy = there.any(axis=0)
    usual = np.full(24, np.nan)
    usual[busy] = np.nanmedian(courses[:, busy], axis=0)
    spread = float(np.nanmedian(np.abs(courses - usual))) * 1.4826
    shifted = np.stack([np.roll(usual, lag) for lag in LAGS])
    apart = np.nan_to_num(np.abs(courses[:, None, :] - shifted) / spread, nan=FARTHEST)
    misses = np.where(there[:, None, :], np.minimum(apart, FARTHEST), 0.0)
    fit = -(misses**2).sum(axis=2) / 2
    fit[0, 1:] -= PENALTY
    return best_path(fit, PENALTY)


def best_path(worth: Floats, penalty: float) -> npt.NDArray[np.int64]:
    """Return the states, one a period, of the largest total of `worth` (periods, states).

    Each change of state costs `penalty` (Viterbi 1967).
    """
    value, came = worth[0].copy(), np.zeros(worth.shape, dtype=np.int64)
    for period in range(1, len(worth)):
        top = int(np.argmax(value))
        moved = value[top] - penalty > value
        came[period] = np.where(moved, top, np.arange(len(value)))
        value = np.where(moved, value[top] - penalty, value) + worth[period]
    path = [int(np.argmax(value))]
    for period in range(len(worth) - 1, 0, -1):
        path.append(int(came[period, path[-1]]))
    return np.array(path[::-1])


def _lasting(path: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return `path` with runs under `LASTING` weeks taken into the run before them."""
    kept = path.copy()
    starts = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    for start, end in pairwise(starts):
        if end - start < LASTING:
            kept[start:end] = kept[start - 1] if start else path[min(end, len(path) - 1)]
    return kept


def _moved(clock: Clock, hours: int) -> Clock:
    """Return the clock that reads `hours` later than `clock`."""
    if not hours:
        return clock
    shift = clock.shift // HOUR + hours
    name = f"{clock.zone}{shift:+d}h" if clock.zone != "UTC" else f"UTC{shift:+d}"
    return parse_clock(name if shift else clock.zone).clocks[0]
