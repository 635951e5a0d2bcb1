"""Defects planted into clean bars at known places: what the rules of quality have to find."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.table import micros, moment_of
from assay.core.values.bars import BAR_SCHEMA
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Code

SPACING, MARGIN = 250, 300
"""Untouched bars between two mutations at least, and before the first and after the last."""
SMALLEST_SPIKE, LARGEST_SPIKE, ATR_BARS = 15.5, 40.0, 14
CALM = 5.0
"""Mean true ranges a bar and the next may reach where a spike is planted: else it is no spike."""
SHORTEST_STALE, LONGEST_STALE = 6, 40
SPLITS = (2, 3, 4, 5, 7, 10, 20)
FURTHEST_ZONE = 12
NEIGHBOURS = 20
"""Bars of the same hour of day that tell the usual volume."""
TRIES = 200
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
TIME, OPEN, HIGH, LOW, CLOSE, VOLUME = range(len(BAR_SCHEMA))
ALL_PRICES = slice(OPEN, VOLUME)

Table = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Chance = np.random.Generator


@dataclass(frozen=True)
class Planted:
    """One mutation: the rows of the mutated frame that it touched, both included.

    `first` and `last` are the earliest and the latest time in those rows. Of a split it is the
    first bar at the new price. `variant` says which kind of the class it is.
    """

    code: Code
    start: int
    end: int
    first: datetime
    last: datetime
    variant: str = ""


@dataclass(frozen=True)
class _Series:
    """Clean bars as one table (n, 6): times in microseconds, which a float holds exactly."""

    rows: Table
    length: int
    tick: float
    digits: int
    shorter: tuple[int, ...]
    hours: Rows
    run_ends: Rows
    openings: Rows
    weeks: dict[int, int]
    splits: bool

    def on_tick(self, price: float, rounding: Callable[[float], float] = np.round) -> float:
        return round(float(rounding(price / self.tick)) * self.tick, self.digits)

    def on_grid(self, row: int) -> bool:
        """Say whether the bar follows the one before it at once and both are on the grid."""
        time, before = int(self.rows[row, TIME]), int(self.rows[row - 1, TIME])
        return time - before == self.length and (self.length == DAY or time % self.length == 0)

    def ranges(self, row: int, count: int) -> Table:
        """Return the true ranges of the `count` bars from `row` on."""
        bars, before = self.rows[row : row + count], self.rows[row - 1 : row + count - 1, CLOSE]
        highs, lows = np.maximum(bars[:, HIGH], before), np.minimum(bars[:, LOW], before)
        return np.asarray(highs - lows)

    def usual_volume(self, row: int) -> float:
        """Return the median volume of the nearest bars of the same hour of day, 0 if few."""
        low = max(0, row - MARGIN)
        same = low + np.flatnonzero(self.hours[low : row + MARGIN + 1] == self.hours[row])
        near = same[np.argsort(np.abs(same - row), kind="stable")][1 : NEIGHBOURS + 1]
        return float(np.median(self.rows[near, VOLUME])) if len(near) == NEIGHBOURS else 0.0


@dataclass(frozen=True)
class _Edit:
    """`rows` instead of the rows from `start` up to, not including, `stop`.

    `reach` counts the bars on both sides whose times it may run into; `missing` is a column without
    a value in the first row; prices from there on are multiplied by `ratio`.
    """

    start: int
    stop: int
    rows: Table
    reach: int = 0
    missing: int | None = None
    ratio: float = 1.0


Variant = Callable[[_Series, int, Chance], _Edit | None]


def mutated(
    frame: pl.DataFrame,
    instrument: Instrument,
    timeframe: Timeframe,
    market: Calendar,
    codes: Sequence[Code],
    seed: int,
) -> tuple[pl.DataFrame, list[Planted]]:
    """Return the bars with one mutation a code, one after the other in time, and where they are.

    `frame` holds clean bars. The mutated one has its columns and types, and may have NaN, nulls,
    doubled and unordered times. A code that the series cannot have is left out (a split that is no
    share's, half bars of one minute, thin volume without volume), and so is what finds no room.
    """
    chance = np.random.default_rng(seed)
    series = _series(frame, instrument, timeframe, market)
    edits = list(_edits(series, [code for code in codes if _possible(series, code)], chance))
    return _applied(series, edits)


def _edits(
    series: _Series, codes: Sequence[Code], chance: Chance
) -> Iterator[tuple[Code, str, _Edit]]:
    """Yield the edits from left to right, the slack between them spread as by uniform draws."""
    needs = np.array([_need(series, code) + SPACING for code in codes], dtype=np.int64)
    after = len(series.rows) - MARGIN
    free, factor = MARGIN, 1.0
    for number, code in enumerate(codes):
        slack = max(0, after - free - int(needs[number:].sum()))
        wanted = free + int(chance.beta(1.0, len(codes) - number) * slack)
        variants = VARIANTS[code]
        variant = variants[int(chance.integers(len(variants)))]
        edit = _placed(series, code, variant, wanted, (free, after), chance)
        if edit is None:
            continue
        name = variant.__name__
        if code is Code.SPLIT:
            if not 1 / SPLITS[-1] <= factor * edit.ratio <= SPLITS[-1]:  # prices stay prices
                edit = replace(edit, ratio=1 / edit.ratio)
            factor *= edit.ratio
            name = "split" if edit.ratio < 1 else "reverse_split"
        yield code, name, edit
        free = edit.stop + edit.reach + SPACING


def _placed(
    series: _Series,
    code: Code,
    variant: Variant,
    wanted: int,
    between: tuple[int, int],
    chance: Chance,
) -> _Edit | None:
    """Return the edit at the first place at or after `wanted` that it fits, else `between`."""
    free, after = between
    for begin in (wanted, free):
        places: Sequence[int] = range(begin, min(begin + TRIES, after))
        if code is Code.SPLIT:
            places = series.openings[series.openings >= begin][:TRIES].tolist()
        elif code is Code.WRONG_ZONE:
            places = [week for week in series.weeks if week >= begin]
        for row in places:
            edit = variant(series, row, chance)
            if edit and edit.start - edit.reach >= free and edit.stop + edit.reach <= after:
                return edit
    return None


def _applied(
    series: _Series, edits: Sequence[tuple[Code, str, _Edit]]
) -> tuple[pl.DataFrame, list[Planted]]:
    pieces: list[Table] = []
    spans: list[tuple[int, int]] = []
    done = count = 0
    for _, _, edit in edits:
        pieces += [series.rows[done : edit.start], edit.rows]
        start = count + edit.start - done
        count = start + len(edit.rows)
        done = edit.stop
        spans.append((start, count))
    table = np.concatenate([*pieces, series.rows[done:]])
    factors = np.ones(len(table))
    nulls: dict[int, list[int]] = {}
    planted = []
    for (code, name, edit), (start, stop) in zip(edits, spans, strict=True):
        times = table[start:stop, TIME]
        first, last = moment_of(int(times.min())), moment_of(int(times.max()))
        planted.append(Planted(code, start, stop - 1, first, last, name))
        factors[start] = edit.ratio
        if edit.missing is not None:
            nulls.setdefault(edit.missing, []).append(start)
    scale = np.cumprod(factors)
    table[:, ALL_PRICES] *= scale[:, None]
    table[:, VOLUME] /= scale
    return _frame(table, nulls), planted


def _frame(table: Table, nulls: dict[int, list[int]]) -> pl.DataFrame:
    columns = []
    for number, (name, kind) in enumerate(BAR_SCHEMA.items()):
        values = table[:, number].astype(np.int64) if number == TIME else table[:, number].copy()
        column = pl.Series(name, values).cast(kind)
        columns.append(column.scatter(nulls[number], None) if number in nulls else column)
    return pl.DataFrame(columns)


def _series(
    frame: pl.DataFrame, instrument: Instrument, timeframe: Timeframe, market: Calendar
) -> _Series:
    times = micros(frame["time"])
    length = timeframe.minutes * MINUTE
    values = frame.select(list(BAR_SCHEMA)[1:]).to_numpy()
    day = market.trading_day(frame["time"], timeframe).cast(pl.Int32).to_numpy().astype(np.int64)
    is_open = _open(frame["time"], timeframe, market)
    rows = np.flatnonzero(is_open)
    return _Series(
        rows=np.column_stack([times.astype(np.float64), values]),
        length=length,
        tick=instrument.tick_size,
        digits=instrument.price_digits,
        shorter=tuple(one.minutes * MINUTE for one in Timeframe if one.minutes < timeframe.minutes),
        hours=(times - length) // HOUR % 24,
        run_ends=_run_ends(times, is_open, timeframe),
        openings=rows[np.flatnonzero(np.diff(day[rows], prepend=-1))],
        weeks=_weeks(rows, day[rows], 7 if market.name == "CRYPTO" else 5),
        splits=instrument.asset_class is AssetClass.EQUITY,
    )


def _open(times: pl.Series, timeframe: Timeframe, market: Calendar) -> Flags:
    """Say of each bar whether the market is open in its first or its last minute."""
    if not timeframe.is_intraday:
        return np.ones(len(times), dtype=np.bool_)
    first = market.are_open(times - timeframe.length)
    return np.asarray((first | market.are_open(times - timedelta(minutes=1))).to_numpy())


def _run_ends(times: Rows, is_open: Flags, timeframe: Timeframe) -> Rows:
    """Return for each row the row after the last of its run: no bar missing, the market open."""
    follows = is_open & np.concatenate([[False], is_open[:-1]])
    if timeframe.is_intraday:
        follows &= np.diff(times, prepend=0) == timeframe.minutes * MINUTE
    ends = np.append(np.flatnonzero(~follows), len(times))
    return ends[np.searchsorted(ends, np.arange(len(times)), side="right")]


def _weeks(rows: Rows, day: Rows, days: int) -> dict[int, int]:
    """Return the weeks with bars on all their `days`: first row, and the row after the last.

    Only the `rows` in open hours are told with their `day`: a stray bar does not begin a week.
    """
    week, starts, counts = np.unique((day + 3) // 7, return_index=True, return_counts=True)
    held = np.bincount(np.searchsorted(week, (np.unique(day) + 3) // 7), minlength=len(week))
    whole = (held == days) & (counts >= 0.9 * np.median(counts))
    ends = starts + counts - 1
    return {int(rows[a]): int(rows[b]) + 1 for a, b in zip(starts[whole], ends[whole], strict=True)}


def _possible(series: _Series, code: Code) -> bool:
    if code is Code.THIN_VOLUME:
        return bool(np.median(series.rows[:, VOLUME]) > 0)
    return {Code.SPLIT: series.splits, Code.HALF_BAR: bool(series.shorter)}.get(code, True)


def _need(series: _Series, code: Code) -> int:
    """Return about how many rows a mutation takes, with those passed over to find its place."""
    if code is Code.WRONG_ZONE:
        week = max((stop - start for start, stop in series.weeks.items()), default=0)
        return round(1.5 * week + 2 * FURTHEST_ZONE * HOUR / series.length)
    return {Code.STALE: LONGEST_STALE, Code.OUT_OF_ORDER: 20, Code.SPLIT: 13}.get(code, 3)


def _one_row(series: _Series, row: int, cells: dict[int, float]) -> _Edit:
    bar = series.rows[row : row + 1].copy()
    for column, value in cells.items():
        bar[0, column] = value
    return _Edit(row, row + 1, bar)


def _in_order(series: _Series, order: Sequence[int]) -> _Edit:
    """Return the edit that gives the rows, one stretch of them, in another order or twice."""
    return _Edit(min(order), max(order) + 1, series.rows[list(order)])


def copied(series: _Series, row: int, chance: Chance) -> _Edit:
    return _in_order(series, [row, row])


def copied_with_another_close(series: _Series, row: int, chance: Chance) -> _Edit:
    edit = _in_order(series, [row, row])
    low, high, close = (float(series.rows[row, column]) for column in (LOW, HIGH, CLOSE))
    other = min(max(series.on_tick(chance.uniform(low, high)), low), high)
    if other == close:
        other = high if close < high else low if close > low else series.on_tick(close, np.ceil)
    if other == close:
        other = series.on_tick(close + series.tick)
    edit.rows[1, CLOSE] = other
    edit.rows[1, HIGH] = max(high, other)
    return edit


def copied_later(series: _Series, row: int, chance: Chance) -> _Edit:
    return _in_order(series, [*range(row, row + int(chance.integers(3, 7))), row])


def neighbours_swapped(series: _Series, row: int, chance: Chance) -> _Edit:
    return _in_order(series, [row + 1, row])


def moved_later(series: _Series, row: int, chance: Chance) -> _Edit:
    return _in_order(series, [*range(row + 1, row + 1 + int(chance.integers(2, 21))), row])


def block_moved(series: _Series, row: int, chance: Chance) -> _Edit:
    after = row + int(chance.integers(3, 11))
    ahead = range(after, after + int(chance.integers(2, 21)))
    return _in_order(series, [*ahead, *range(row, after)])


def high_and_low_swapped(series: _Series, row: int, chance: Chance) -> _Edit | None:
    low, high = series.rows[row, LOW], series.rows[row, HIGH]
    return _one_row(series, row, {HIGH: low, LOW: high}) if low < high else None


def high_too_low(series: _Series, row: int, chance: Chance) -> _Edit | None:
    bar = series.rows[row]
    depth = max(series.tick, chance.random() * (bar[HIGH] - bar[LOW]))
    high = series.on_tick(max(bar[OPEN], bar[CLOSE]) - depth)
    return _one_row(series, row, {HIGH: high}) if high > 0 else None


def low_too_high(series: _Series, row: int, chance: Chance) -> _Edit:
    bar = series.rows[row]
    height = max(series.tick, chance.random() * (bar[HIGH] - bar[LOW]))
    return _one_row(series, row, {LOW: series.on_tick(min(bar[OPEN], bar[CLOSE]) + height)})


def one_zero(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, {_price(chance): 0.0})


def one_negative(series: _Series, row: int, chance: Chance) -> _Edit:
    column = _price(chance)
    return _one_row(series, row, {column: -series.rows[row, column]})


def all_zero(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, dict.fromkeys(range(OPEN, VOLUME), 0.0))


def price_nan(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, {_price(chance): np.nan})


def price_null(series: _Series, row: int, chance: Chance) -> _Edit:
    return replace(_one_row(series, row, {}), missing=_price(chance))


def price_infinite(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, {_price(chance): np.inf})


def price_minus_infinite(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, {_price(chance): -np.inf})


def volume_nan(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, {VOLUME: np.nan})


def volume_negative(series: _Series, row: int, chance: Chance) -> _Edit:
    return _one_row(series, row, {VOLUME: -(series.rows[row, VOLUME] or 1.0)})


def off_the_grid(series: _Series, row: int, chance: Chance) -> _Edit | None:
    """Move a bar by seconds that are no whole minute, so that no shorter grid has its time."""
    before, time, after = (int(one) for one in series.rows[row - 1 : row + 2, TIME])
    early = chance.random() < 0.5
    room = min(series.length, time - before if early else after - time) // MINUTE
    if series.length != DAY and time % series.length:
        return None
    seconds = 60 * int(chance.integers(room)) + int(chance.integers(1, 60))
    return _one_row(series, row, {TIME: time + (-1 if early else 1) * seconds * MINUTE // 60})


def half_inserted(series: _Series, row: int, chance: Chance) -> _Edit | None:
    """Put a bar of half the range and volume of the next before it."""
    if not series.on_grid(row):
        return None
    _, opened, high, low, _, volume = series.rows[row].tolist()
    half = (high - low) / 2
    bottom = min(max(opened - chance.random() * half, low), high - half)
    top = min(max(series.on_tick(bottom + half), opened), high)
    bottom = max(min(series.on_tick(bottom), opened), low)
    close = min(max(series.on_tick(chance.uniform(bottom, top)), bottom), top)
    bar = [_middle(series, row, chance), opened, top, bottom, close, volume / 2]
    return _Edit(row, row, np.array([bar]))


def half_stamped(series: _Series, row: int, chance: Chance) -> _Edit | None:
    if not series.on_grid(row):
        return None
    return _one_row(series, row, {TIME: _middle(series, row, chance)})


def week_shifted(series: _Series, row: int, chance: Chance) -> _Edit:
    hours = int(chance.integers(1, FURTHEST_ZONE + 1))
    rows = series.rows[row : series.weeks[row]].copy()
    rows[:, TIME] += HOUR * (hours if chance.random() < 0.5 else -hours)
    return _Edit(row, series.weeks[row], rows, reach=-(-hours * HOUR // series.length))


def close_spikes(series: _Series, row: int, chance: Chance) -> _Edit | None:
    size, far = _spike(series, row, chance)
    close, before = series.rows[row, CLOSE], series.rows[row - 1, CLOSE]
    if not size:
        return None
    if chance.random() < 0.5 and close > 1.25 * far:
        level = series.on_tick(min(close - far, before - SMALLEST_SPIKE * size), np.floor)
        return _one_row(series, row, {CLOSE: level, LOW: level})
    level = series.on_tick(max(close + far, before + SMALLEST_SPIKE * size), np.ceil)
    return _one_row(series, row, {CLOSE: level, HIGH: level})


def wick_spikes(series: _Series, row: int, chance: Chance) -> _Edit | None:
    size, far = _spike(series, row, chance)
    body = series.rows[row, [OPEN, CLOSE]]
    if not size:
        return None
    if chance.random() < 0.5 and body.min() > 1.25 * far:
        return _one_row(series, row, {LOW: series.on_tick(body.min() - far, np.floor)})
    return _one_row(series, row, {HIGH: series.on_tick(body.max() + far, np.ceil)})


def flat(series: _Series, row: int, chance: Chance) -> _Edit | None:
    """Give bars the close before them as open, high, low and close."""
    edit = _stale(series, row, chance)
    if edit:
        edit.rows[:, ALL_PRICES] = series.rows[row - 1, CLOSE]
    return edit


def closes_equal(series: _Series, row: int, chance: Chance) -> _Edit | None:
    """Give bars the close before them as close alone; high and low reach it."""
    edit = _stale(series, row, chance)
    if edit:
        close = series.rows[row - 1, CLOSE]
        edit.rows[:, CLOSE] = close
        edit.rows[:, HIGH] = np.maximum(edit.rows[:, HIGH], close)
        edit.rows[:, LOW] = np.minimum(edit.rows[:, LOW], close)
    return edit


def divided(series: _Series, row: int, chance: Chance) -> _Edit:
    ratio = float(chance.choice(SPLITS))
    split = ratio if chance.random() < 0.3 else 1 / ratio
    return replace(_one_row(series, row, {}), ratio=split)


def volume_gone(series: _Series, row: int, chance: Chance) -> _Edit | None:
    return _thin(series, row, 0.0)


def volume_tiny(series: _Series, row: int, chance: Chance) -> _Edit | None:
    return _thin(series, row, chance.uniform(0.0002, 0.003))


VARIANTS: dict[Code, tuple[Variant, ...]] = {
    Code.DUPLICATE: (copied, copied_with_another_close, copied_later),
    Code.OUT_OF_ORDER: (neighbours_swapped, moved_later, block_moved),
    Code.HIGH_BELOW_LOW: (high_and_low_swapped, high_too_low, low_too_high),
    Code.NOT_POSITIVE: (one_zero, one_negative, all_zero),
    Code.NOT_A_NUMBER: (
        price_nan, price_null, price_infinite, price_minus_infinite, volume_nan, volume_negative,
    ),
    Code.WRONG_STEP: (off_the_grid,),
    Code.HALF_BAR: (half_inserted, half_stamped),
    Code.WRONG_ZONE: (week_shifted,),
    Code.SPIKE: (close_spikes, wick_spikes),
    Code.STALE: (flat, closes_equal),
    Code.SPLIT: (divided,),
    Code.THIN_VOLUME: (volume_gone, volume_tiny),
}  # fmt: skip


def _price(chance: Chance) -> int:
    return int(chance.integers(OPEN, VOLUME))


def _middle(series: _Series, row: int, chance: Chance) -> float:
    """Return the time nearest the middle of the bar on the grid of a shorter timeframe."""
    step = series.shorter[int(chance.integers(len(series.shorter)))]
    middle = int(series.rows[row, TIME]) - series.length // 2
    return float((middle + step // 2) // step * step)


def _spike(series: _Series, row: int, chance: Chance) -> tuple[float, float]:
    """Return the mean true range before the bar, 0 where no spike can be told, and how far."""
    size = float(series.ranges(row - ATR_BARS, ATR_BARS).mean())
    if series.ranges(row, 2).max() > CALM * size:
        return 0.0, 0.0
    return size, size * chance.uniform(SMALLEST_SPIKE, LARGEST_SPIKE)


def _stale(series: _Series, row: int, chance: Chance) -> _Edit | None:
    """Return the bars that are to go stale, unless they are too few or so already."""
    wanted = int(chance.integers(SHORTEST_STALE, LONGEST_STALE + 1))
    stop = min(row + wanted, int(series.run_ends[row]))
    closes = series.rows[row - 1 : stop, CLOSE]
    if stop - row < SHORTEST_STALE or closes[1] == closes[0] or closes[-1] == closes[0]:
        return None
    return _Edit(row, stop, series.rows[row:stop].copy())


def _thin(series: _Series, row: int, share: float) -> _Edit | None:
    usual = series.usual_volume(row)
    if series.rows[row, VOLUME] <= 0.01 * usual or usual <= 0:
        return None
    return _one_row(series, row, {VOLUME: share * usual})
