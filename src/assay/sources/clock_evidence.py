"""Which clock a file is written in: what its hours show, and what a stored series shows.

Every known clock is tried. A stretch of open time speaks for a clock if the file's bars, read on
it, begin and end with the stretch and none lies in the closed hours after it; a week of a stored
series speaks for a clock if the closes agree there as they do on no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros
from assay.sources.clock_course import best_path, turns_of
from assay.sources.clocks import DAY, HOUR, KNOWN_CLOCKS, WEEK, Clock, Clocks
from assay.sources.file_stamp import open_stretches

Floats = npt.NDArray[np.float64]
Tried = tuple[Clock, Micros, npt.NDArray[np.bool_]]
ENOUGH = 3
"""So many stretches, or weeks, have to speak."""
FITS = 0.5
"""The least mean score of stretches for a clock: one end of each, or both of half of them."""
CLEAR = 0.02
"""By such a share of the stretches, and half a stretch, a clock has to beat another."""
WHOLE = 0.9
"""A clock that fits so well is preferred to any offset that nobody writes in."""
SWITCH = 2.5
"""Weeks in a row that another clock must explain better to be seen as a change."""
SLACK = 15 * MINUTE
"""The first and last bar of a stretch may be so late or early in a thin market."""
BREAK = 30 * MINUTE
AGREE = 2.0
"""Closes agree on a clock where they differ by at most so many times the least difference."""
APART = 0.5
"""A week says nothing unless the least difference is such a share of the usual one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says: one clock or several in turn, None where it does not tell.

    `said` is the evidence in words; `between` are the clocks that fit alike.
    """

    clock: Clocks | None
    said: str
    between: tuple[Clock, ...] = ()

    @property
    def changes(self) -> bool:
        """Say whether the clock changes on the way."""
        return self.clock is not None and len(self.clock.clocks) > 1


def by_hours(local: Micros, spread: Floats, length: int, market: Calendar) -> Verdict:
    """Return what the hours of `market` show of bars that open at `local` (microseconds, rising).

    `spread` (n,) is the log range of each bar, `length` its length in microseconds. Clocks that
    change to summer time on other days fit alike where the bars at the seam are missing: the hours
    do not tell them apart. A clock that changes on the way shows in the course of the day.
    """
    moving = np.flatnonzero(spread > 0)  # flat bars are what a feed fills closed hours with
    if not len(moving):
        return Verdict(None, "no bar moves")
    ends = _ends_of_runs(local[moving], length)
    tried = _on_grid(_distinct(ends.at), length)
    scores = np.stack([_stretch_scores(at, known, ends, market) for _, at, known in tried])
    spoken = int(np.isfinite(scores).any(axis=0).sum())
    what = f"stretches of open time of {market.name}"
    if spoken < ENOUGH:
        few = f"only {spoken} {what} lie in the file"
        return Verdict(None, few if spoken else f"the hours of {market.name} show nothing")
    clocks, total = [clock for clock, _, _ in tried], np.nansum(scores, axis=1)
    best = int(np.argmax(total))
    if total[best] < FITS * spoken:
        return Verdict(None, f"no clock puts the bars into the {spoken:,} {what}")
    said = f"on it {total[best]:,.0f} of {spoken:,} {what} begin and end with bars"
    chosen, rivals = clocks[best], _rivals(total, best, clocks, spoken)
    turns = turns_of(local, spread, chosen, market) if length <= HOUR else Clocks((chosen,))
    if len(turns.clocks) > 1:
        return Verdict(turns, "the market's busy hours move on the way")
    return Verdict(None, said, (chosen, *rivals)) if rivals else Verdict(turns, said)


def _rivals(total: Floats, best: int, clocks: Sequence[Clock], spoken: int) -> list[Clock]:
    """Return the clocks that fit nearly as well as the best one."""
    lead = total[best] - total
    close = lead < max(0.5, CLEAR * spoken) + 1e-9
    if total[best] >= WHOLE * spoken:
        odd = np.array([clock.zone == "UTC" and clock.shift != 0 for clock in clocks])
        close &= ~odd | (lead == 0)
    close[best] = False
    return [clocks[place] for place in np.flatnonzero(close).tolist()]


def by_reference(
    local: Micros, closes: Floats, length: int, times: Micros, reference: Floats
) -> Verdict:
    """Return what a series stored in UTC (`times` of closes, `reference` prices) shows.

    `local` are the opens of the file's bars, `closes` their prices, `length` their length.
    """
    step = int(np.median(np.diff(times))) if len(times) > 1 else DAY
    ends = local + length
    near = np.flatnonzero(ends % min(step, BREAK) == 0)
    ends, prices = ends[near], closes[near]
    inside = (ends > times[0] - DAY) & (ends < times[-1] + DAY)
    ends, prices = ends[inside], prices[inside]
    if not len(ends):
        return Verdict(None, "the stored series lies elsewhere in time")
    tried = _distinct(ends)
    weeks = (ends - ends[0]) // WEEK
    apart = np.stack([_apart(at, known, prices, weeks, times, reference) for _, at, known in tried])
    speaks = np.isfinite(apart).sum(axis=0) >= 2
    apart = apart[:, speaks]
    clocks = [clock for clock, _, _ in tried]
    with np.errstate(invalid="ignore"):
        least = np.nanmin(apart, axis=0) if apart.shape[1] else np.zeros(0)
        clear = least <= APART * np.nanmedian(apart, axis=0)
    if clear.sum() < ENOUGH:
        return Verdict(None, "the stored series does not agree with the file on any clock")
    scores = (apart[:, clear] <= AGREE * least[clear] + 1e-9).astype(np.float64)
    starts = ends[0] + np.flatnonzero(speaks)[clear] * WEEK
    turns = _in_turn(scores, clocks, starts)
    if len(turns.clocks) > 1:
        what = "weeks in which the stored series says"
        return Verdict(turns, _changing(scores, clocks, turns, starts, what))
    best = clocks.index(turns.clocks[0])
    found = scores[best]
    middle = float(np.median(apart[best, clear])) * 1e4
    said = (
        f"in {found.sum():,.0f} of {len(found):,} weeks the closes agree with the stored series on "
        f"it best (median difference {middle:.1f} bp)"
    )
    if found.mean() < FITS:
        return Verdict(None, said)
    rivals = [
        place
        for place in range(len(clocks))
        if place != best and (scores[best] <= scores[place]).all()
    ]
    return (
        Verdict(turns, said)
        if not rivals
        else Verdict(None, said, tuple(clocks[place] for place in (best, *rivals)))
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """First and last bars of runs without a break, in order: their opens, and which are first."""

    at: Micros
    is_first: npt.NDArray[np.bool_]
    length: int


def _ends_of_runs(local: Micros, length: int) -> _Ends:
    gaps = np.flatnonzero(np.diff(local) > length + BREAK)
    firsts = np.concatenate([[0], gaps + 1])
    lasts = np.concatenate([gaps, [len(local) - 1]])
    places = np.concatenate([firsts, lasts])
    is_first = np.repeat([True, False], len(firsts))
    order = np.lexsort((~is_first, places))
    return _Ends(local[places[order]], is_first[order], length)


def _distinct(local: Micros) -> list[Tried]:
    """Return the clocks that read these times differently, the first of those that do not."""
    seen: dict[bytes, Tried] = {}
    for clock in KNOWN_CLOCKS:
        at, known = clock.utc(local)
        seen.setdefault(np.where(known, at, 0).tobytes(), (clock, at, known))
    return list(seen.values())


def _on_grid(tried: Sequence[Tried], length: int) -> list[Tried]:
    """Return the clocks that put the times on the grid of bars from 00:00 UTC, or all."""
    fine = [one for one in tried if not (one[1][one[2]] % length).any()]
    return fine or list(tried)


def _stretch_scores(
    at: Micros, known: npt.NDArray[np.bool_], ends: _Ends, market: Calendar
) -> Floats:
    """Return a score for each stretch: half for each end that bars begin or end with.

    0 where a bar opens in the closed hours behind it; NaN where the file does not cover it.
    """
    length, slack = ends.length, max(ends.length, SLACK)
    starts, stops = open_stretches(market, length)
    scores = np.full(len(starts), np.nan)
    if not known.any():
        return scores
    firsts = np.sort(at[known & ends.is_first])
    lasts = np.sort(at[known & ~ends.is_first])
    covered = np.flatnonzero((starts >= at[known].min()) & (stops <= at[known].max() + length))
    if not len(covered):
        return scores
    a, b = starts[covered], stops[covered]
    after = np.append(starts, np.iinfo(np.int64).max)[covered + 1]

    def between(values: Micros, low: Micros, high: Micros) -> npt.NDArray[np.bool_]:
        return np.searchsorted(values, high) > np.searchsorted(values, low)

    begins, finishes = between(firsts, a, a + slack), between(lasts, b - slack, b)
    closed = between(firsts, b, after) | between(lasts, b, after)
    there = between(firsts, a, b) | between(lasts, a, b)
    found = np.where(closed, 0.0, (begins.astype(float) + finishes) / 2)
    scores[covered] = np.where(there | closed, found, np.nan)
    return scores


def _in_turn(scores: Floats, clocks: Sequence[Clock], starts: Micros) -> Clocks:
    """Return the clocks in turn with the largest total of `scores` (C, K), less `SWITCH` a change.

    Of equal ones those that score more overall, then those earlier in `clocks`, are taken.
    """
    count, periods = scores.shape
    total = scores.sum(axis=1)
    rank = np.empty(count)
    rank[np.lexsort((np.arange(count), -total))] = np.arange(count)
    worth = scores - 1e-9 * rank[:, None]
    path = best_path(worth.T, SWITCH)
    turns = [0, *(k for k in range(1, periods) if path[k] != path[k - 1])]
    until = tuple(int(starts[k]) // DAY * DAY for k in turns[1:])
    return Clocks(tuple(clocks[path[k]] for k in turns), until)


def _changing(
    scores: Floats, clocks: Sequence[Clock], turns: Clocks, starts: Micros, what: str
) -> str:
    edges = np.searchsorted(starts // DAY * DAY, np.array(turns.until))
    parts = np.split(np.arange(len(starts)), edges)
    told = []
    for clock, own in zip(turns.clocks, parts, strict=True):
        fits = np.nansum(scores[clocks.index(clock), own])
        first = datetime.fromtimestamp(starts[own[0]] / 1e6, UTC)
        told.append(f"{clock.name} from {first:%Y-%m-%d} ({fits:,.0f} of {len(own):,})")
    return f"{what} {', then '.join(told)}"


def _apart(
    at: Micros,
    known: npt.NDArray[np.bool_],
    prices: Floats,
    weeks: Micros,
    times: Micros,
    reference: Floats,
) -> Floats:
    """Return the median difference of log closes in each week, NaN where few can be compared."""
    place = np.minimum(np.searchsorted(times, at), len(times) - 1)
    found = known & (times[place] == at)
    differ = np.abs(np.log(prices[found] / reference[place[found]]))
    frame = pl.DataFrame({"week": weeks[found], "differ": differ})
    grouped = frame.group_by("week").agg(pl.col("differ").median(), bars=pl.len())
    kept = grouped.filter(pl.col("bars") >= ENOUGH)
    values = np.full(int(weeks.max()) + 1, np.nan)
    values[kept["week"].to_numpy()] = kept["differ"].to_numpy()
    return values
