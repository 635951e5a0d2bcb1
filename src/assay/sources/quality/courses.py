"""How bars fall on the hours of their weeks, and by how many hours a week has to move to fit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.table import Micros
from assay.sources.clocks import DAY, HOUR, WEEK
from assay.sources.quality.columns import Columns, Floats, Mask

MOST = 14
"""Hours that clocks on earth are apart at most."""
HOURS, WIDTH = 168, 168 + 2 * MOST
"""Hours of a week, and those of a row in the tables: so many more on both sides."""
SHORTEST = 50 * HOUR
"""What is shorter is no week that can be told by its hours."""
NEAR, NEAR_COURSES = 12, 24
"""Weeks that tell the usual hours, and the usual course of the days."""
OTHER, ALIKE = 0.05, 0.8
"""What a week of another season counts, or one with fewer bars than such a share."""
AROUND = 12
"""Hours on each side whose mean an hour is compared with: only the course of the day counts."""
LEAST_CHANCE, FARTHEST, CAUTION = 0.02, 3.0, 0.7
"""No hour has bars or none for sure, and none is farther off; neighbours err alike."""
DAY_HOURS, MOST_AN_HOUR = 24, 4.0
"""No hour of the day counts for more, on all days: a feed may close early for once."""
AGAINST = 8.0
"""The ranges, which no feed makes, may not be so much less likely a few hours away, `NEXT`."""
NEXT = slice(MOST - 2, MOST + 3)
SMALLEST = 0.02
"""Deviation of what is hardly ever other than usual."""
ALLOWED, FURTHER = 5.0, 30.0
"""How much worse the hours may fit where the course of the days is asked, and in moved weeks."""
ENOUGH = 150
"""Weeks that tell how much hours usually deviate."""
SURE, DOUBTFUL, DOUBTED = (15.0, 8.0, 4.0), 1.0, 0.25
"""Likelihoods from which weeks are put back, in turn, or count less before they tell of others."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weeks:
    """Tables (weeks, WIDTH) by the hour in New York, from `MOST` hours before Saturday 00:00.

    `there` is the share of the hour that has bars, `expected` the share in which the market is
    open; `course` (kinds, weeks, WIDTH) the log range and log volume of the bars that open in it
    less what is usual around it, NaN where none does.
    """

    there: Floats
    expected: Floats
    course: Floats
    season: Ints
    bars: Floats
    long: Mask

    @property
    def dense(self) -> Mask:
        """Say which weeks have about as many bars in an hour as those before and after."""
        if not self.long.any():
            return self.long
        rates = np.pad(self.bars[self.long], NEAR // 2, mode="edge")
        usual = np.median(sliding_window_view(rates, NEAR + 1), axis=1)
        dense = self.long.copy()
        dense[self.long] = self.bars[self.long] > ALIKE * usual
        return dense


def weeks_of(bars: Columns, length: int, starts: Ints, ends: Ints, market: Calendar) -> Weeks:
    """Return the tables of the weeks of rows `starts` to `ends`, both included."""
    time = bars.time
    known = (time[starts] > 0) & (time[ends] > 0)
    long = known & (time[ends] - time[starts] >= SHORTEST)
    middle = np.where(long, (time[starts] + time[ends]) // 2, 0)
    offset = _offsets("America/New_York", middle)
    season = offset // HOUR * 100 + _offsets("Europe/London", middle) // HOUR
    begins = (middle + offset - 2 * DAY) // WEEK * WEEK + 2 * DAY - offset - MOST * HOUR
    week = np.repeat(np.arange(len(starts)), ends - starts + 1)
    hour = (time - length - begins[week]) // HOUR
    inside = long[week] & (hour >= 0) & (hour < WIDTH)
    place, size = (week * WIDTH + hour)[inside], len(starts) * WIDTH
    there = np.bincount(place, minlength=size) * (length / HOUR)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = (np.log(np.log(bars.high / bars.low)), np.log(bars.volume))
    course = np.stack([_around(_means(place, each[inside], size)) for each in logs])
    edges = begins[:, None] + np.arange(WIDTH + 1) * HOUR
    return Weeks(
        np.minimum(there, 1).reshape(-1, WIDTH),
        np.diff(open_before(market, edges), axis=1) / HOUR,
        course[np.isfinite(course).any(axis=(1, 2))],
        season,
        (ends - starts + 1) * length / np.maximum(time[ends] - time[starts] + length, length),
        long,
    )


def _offsets(zone: str, at: Micros) -> Micros:
    """Return how far clocks in `zone` are before UTC."""
    times = pl.Series(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    there = times.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return there.dt.epoch("us").to_numpy() - at


def _means(place: Ints, values: Floats, size: int) -> Floats:
    known = np.isfinite(values)
    counts = np.bincount(place[known], minlength=size)
    sums = np.bincount(place[known], weights=values[known], minlength=size)
    with np.errstate(invalid="ignore"):
        return np.asarray((sums / np.where(counts > 0, counts, np.nan)).reshape(-1, WIDTH))


def _around(table: Floats) -> Floats:
    """Return the table less the mean of the hours around each."""
    known = np.isfinite(table)
    sums = np.pad(np.cumsum(np.where(known, table, 0.0), axis=1), ((0, 0), (1, 0)))
    counts = np.pad(np.cumsum(known, axis=1), ((0, 0), (1, 0)))
    first = np.maximum(np.arange(WIDTH) - AROUND, 0)
    after = np.minimum(np.arange(WIDTH) + AROUND + 1, WIDTH)
    with np.errstate(invalid="ignore"):
        means = (sums[:, after] - sums[:, first]) / (counts[:, after] - counts[:, first])
    return np.asarray(table - means)


def open_before(market: Calendar, at: Micros) -> Floats:
    """Return for how long the market was open before each time since its calendar began."""
    table = market.table
    edges = np.stack([table.from_, table.until], axis=1).ravel()
    spans = np.stack([table.until - table.from_, np.zeros_like(table.from_)], axis=1).ravel()
    return np.asarray(np.interp(at, edges, np.concatenate([[0], np.cumsum(spans)[:-1]])))


def fits(weeks: Weeks) -> tuple[Floats, Floats]:
    """Return (weeks, 2 * MOST + 1) log likelihoods of being up to `MOST` hours early or late.

    Of the hours that have bars, and of the course of the days; both less that of being right. The
    course counts as impossible where the hours alone are `ALLOWED` worse. Compared is with the
    nearest weeks in which New York and London have the same time as in this; what is clearly moved
    among those is put back before. A week without others is right.
    """
    near = _near(weeks, NEAR), _near(weeks, NEAR_COURSES)
    by = np.zeros(len(weeks.long), dtype=np.int64)
    hours, days = _compared(weeks, near, by)
    for sure in SURE:
        total = (hours + days).max(axis=1)
        late = (hours + days).argmax(axis=1) - MOST
        if np.array_equal(by, np.where(total > sure, late, 0)) and not (by == 0)[late != 0].any():
            break
        by = np.where(total > sure, late, 0)
        counts = np.where((total > DOUBTFUL) & (total <= sure), DOUBTED, 1.0)
        hours, days = _compared(weeks, (near[0] * counts, near[1] * counts), by)
    return hours, days


def _near(weeks: Weeks, count: int) -> Floats:
    """Return (weeks, weeks) what each of the `count` nearest counts for each, 0 for the others.

    Those of the same season with about as many bars come first and count 1, the others `OTHER`.
    """
    size = len(weeks.season)
    bars = weeks.bars
    alike = np.minimum.outer(bars, bars) >= ALIKE * np.maximum.outer(bars, bars)
    alike &= np.equal.outer(weeks.season, weeks.season)
    place = np.arange(size)
    far = np.abs(np.subtract.outer(place, place)) + size * ~alike
    far[:, ~weeks.long] = far[place, place] = 3 * size
    chosen = np.argpartition(far, min(count, size - 1), axis=1)[:, :count]
    found = np.zeros((size, size))
    np.put_along_axis(found, chosen, 1.0, axis=1)
    return np.where(far < 3 * size, np.where(alike, found, OTHER * found), 0.0)


def _compared(weeks: Weeks, near: tuple[Floats, Floats], by: Ints) -> tuple[Floats, Floats]:
    """Return what `fits` does, told by the `near` weeks, which were late `by` hours."""
    there, course = _put_back(weeks.there, by), _put_back(weeks.course, by)
    counts = near[0].sum(axis=1, keepdims=True)
    chance = (near[0] @ there + weeks.expected + 0.25) / (counts + 1.5)
    chance = np.clip(chance, LEAST_CHANCE, 1 - LEAST_CHANCE)
    odds = np.log(chance / (1 - chance))[:, MOST : MOST + HOURS]
    hours = np.einsum("wsh,wh->ws", sliding_window_view(weeks.there, HOURS, axis=1), odds)
    hours -= hours[:, MOST : MOST + 1]
    hours[~weeks.long | (counts[:, 0] == 0)] = -np.inf
    hours[:, MOST] = 0.0
    asked = hours >= -np.where(by != 0, FURTHER, ALLOWED)[:, None]
    asked &= asked.sum(axis=1, keepdims=True) > 1
    week, late = np.nonzero(asked)
    kinds = np.zeros((len(course), *hours.shape))
    kinds[:, week, late] = _course_fits(weeks.course, course, near[1], week, late)
    kinds -= kinds[:, :, MOST : MOST + 1]
    asked[:, NEXT] &= np.all(kinds[:1, :, NEXT] >= -AGAINST, axis=0)
    asked[:, MOST] = True
    return hours, np.where(asked, kinds.sum(axis=0), -np.inf)


def _put_back(table: Floats, by: Ints) -> Floats:
    """Return the table (..., weeks, WIDTH) with each week moved back by its hours."""
    table = table.copy()
    for week in np.flatnonzero(by).tolist():
        table[..., week, :] = np.roll(table[..., week, :], -int(by[week]), axis=-1)
    return table


def _course_fits(courses: Floats, right: Floats, near: Floats, week: Ints, late: Ints) -> Floats:
    """Return (kinds, n) how likely the course of each `week` is if it is `late`, against any.

    Hours in which the others have no bars tell nothing.
    """
    if not len(week) or not len(courses):
        return np.zeros((len(courses), len(week)))
    usual = np.stack([_usual(each, near) for each in right])
    moved = sliding_window_view(courses, HOURS, axis=2)[:, week, late]
    off = moved - usual[:, week, MOST : MOST + HOURS]
    known = np.isfinite(off)
    gain = _likelihood(off, right - usual, known) - _likelihood(moved, right, known)
    by_clock = CAUTION * gain.reshape(*gain.shape[:2], -1, DAY_HOURS).sum(axis=2)
    return np.asarray(np.clip(by_clock, -MOST_AN_HOUR, MOST_AN_HOUR).sum(axis=2))


def _usual(table: Floats, near: Floats) -> Floats:
    """Return the mean over the near weeks, NaN where less than half of them have bars."""
    known = np.isfinite(table)
    sums, counts = near @ np.where(known, table, 0.0), near @ known.astype(np.float64)
    enough = counts >= np.maximum(near.sum(axis=1, keepdims=True) / 2, SMALLEST)
    return np.where(enough, sums / np.where(enough, counts, 1.0), np.nan)


def _likelihood(asked: Floats, sample: Floats, known: Mask) -> Floats:
    """Return the log likelihood of the hours `asked` (kinds, n, hours), up to a constant.

    Only what is new counts: of an hour what the hour before does not tell, of a volume what the
    range does not. The `sample` (kinds, weeks, WIDTH) says how much they tell.
    """
    found = np.zeros(asked.shape)
    told: tuple[Floats, Floats] | None = None
    sample = sample[:, :: len(sample[0]) // ENOUGH + 1, MOST : MOST + HOURS]
    for kind, (one, other) in enumerate(zip(sample, asked, strict=True)):
        carry = _slope(one[:, :-1], one[:, 1:])
        one, other = _new(one, carry), _new(other, carry)
        if told is not None:
            slope = _slope(told[0], one)
            one = one - slope * np.nan_to_num(told[0])
            other = other - slope * np.nan_to_num(told[1])
        told = one, other
        size = _size(one)
        off = np.minimum(np.abs(other) / size, FARTHEST)
        found[kind] = np.where(known[kind], -(off**2) / 2 - np.log(size), 0.0)
    return found


def _new(table: Floats, carry: float) -> Floats:
    new = table.copy()
    new[:, 1:] -= carry * np.nan_to_num(table[:, :-1])
    return new


def _slope(told: Floats, of: Floats) -> float:
    """Return by how much one rises with the other, far values left out."""
    near = (np.abs(told) < FARTHEST * _size(told)) & (np.abs(of) < FARTHEST * _size(of))
    return float((told[near] * of[near]).sum() / max((told[near] ** 2).sum(), SMALLEST))


def _size(table: Floats) -> float:
    """Return the usual deviation from zero."""
    known = np.abs(table[np.isfinite(table)])
    return max(1.4826 * float(np.median(known)), SMALLEST) if len(known) else SMALLEST
