"""Weeks in another zone: told by hours, days and seams, and not where a feed has odd habits."""

import numpy as np
import polars as pl
import pytest

from assay.core.calendars.calendar import calendar
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import HOUR, WEEK
from assay.sources.quality.columns import Columns
from assay.sources.quality.zones import Moved, moved_weeks
from tests.sources.test_mutations import clean
from tests.sources.test_quality import walk

H1 = Timeframe.H1
FX, COIN = clean("EURUSD", H1), clean("BTCUSDT", H1)
BUSY = walk("EURUSD")
"""By day three times as busy as by night."""
CLOSED = 24 * HOUR


def weeks(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """Return first row and row after the last of the weeks, those at the ends left out."""
    breaks = np.flatnonzero(np.diff(Columns.of(frame).time) > CLOSED) + 1
    return list(zip(breaks[:-1].tolist(), breaks[1:].tolist(), strict=True))


def shifted(frame: pl.DataFrame, first: int, after: int, hours: int) -> pl.DataFrame:
    row = pl.int_range(pl.len())
    moved = pl.when((row >= first) & (row < after)).then(pl.duration(hours=hours))
    return frame.with_columns(pl.col("time") + moved.otherwise(pl.duration()))


def found(frame: pl.DataFrame, name: str = "FX", timeframe: Timeframe = H1) -> list[Moved]:
    return moved_weeks(Columns.of(frame), timeframe, calendar(name))


def without(frame: pl.DataFrame, *rows: int) -> pl.DataFrame:
    return frame.filter(~pl.int_range(pl.len()).is_in(rows))


@pytest.mark.parametrize("hours", [-12, -5, -1, 1, 2, 9])
def test_many_moved_weeks_are_each_found_with_their_hours(hours: int) -> None:
    frame, chosen = FX.frame, weeks(FX.frame)[3::7]
    for first, after in chosen:
        frame = shifted(frame, first, after, hours)

    expected = [Moved(first, after - 1, hours * HOUR) for first, after in chosen]
    assert found(frame) == expected
    assert found(FX.frame) == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_days_tell_where_a_first_or_last_hour_is_lacking(hours: int) -> None:
    first, after = weeks(BUSY)[30]
    frame = without(BUSY, first if hours < 0 else after - 1)

    moved = found(shifted(frame, first, after - 1, hours))

    assert found(frame) == [], "to lack an hour is not to be in another zone"
    assert moved == [Moved(first, after - 2, hours * HOUR)]


def test_hours_that_move_without_the_days_are_a_habit_of_the_feed() -> None:
    first, after = weeks(BUSY)[30]
    later = BUSY[after - 1].with_columns(pl.col("time") + pl.duration(hours=1))
    frame = pl.concat([BUSY[:first], BUSY[first + 1 : after], later, BUSY[after:]])

    assert found(frame) == []


def test_a_week_of_few_bars_tells_nothing() -> None:
    first, after = weeks(FX.frame)[30]
    sparse = without(FX.frame, *(row for row in range(first, after) if row % 3))

    assert found(sparse) == []


def test_a_week_without_others_tells_nothing() -> None:
    first, after = weeks(FX.frame)[30]

    assert found(shifted(FX.frame[first:after], 0, after - first, 1)) == []
    assert found(FX.frame[:3]) == []


def monday(number: int) -> int:
    """Return the row of the first bar of a week of the coin."""
    opens = Columns.of(COIN.frame).time - HOUR
    starts = np.flatnonzero(opens % WEEK == 4 * 24 * HOUR)
    return int(starts[number])


@pytest.mark.parametrize("hours", [-7, -2, 2, 4])
@pytest.mark.parametrize("lacking", [-30, -1, 3, 20])
def test_a_market_that_never_closes_may_lack_bars_beside_a_moved_week(
    hours: int, lacking: int
) -> None:
    first, after = monday(40), monday(41)
    row = (first if hours < 0 else after) + lacking
    rest = without(shifted(COIN.frame, first, after, hours), row)

    (run,) = found(rest, "CRYPTO")

    gone = int(row < first), int(row < after)
    assert (run.start, run.end) == (first - gone[0], after - 1 - gone[1])
    assert abs(run.by - hours * HOUR) <= HOUR * (lacking == -1), "what is lacking may be either's"
    assert found(without(COIN.frame, row), "CRYPTO") == []


@pytest.mark.parametrize("size", [1, 2, 5])
def test_rows_that_come_late_a_week_after_a_gap_move_no_week(size: int) -> None:
    gap, late = 3000, 3165
    rows = [*range(late + size, late + 2 * size), *range(late, late + size)]
    order = [*range(gap), *range(gap + size, late), *rows, *range(late + 2 * size, 6000)]

    assert found(COIN.frame[order], "CRYPTO") == []


def test_rows_that_came_late_over_a_weekend_move_no_week() -> None:
    _, after = weeks(FX.frame)[30]
    order = [*range(after - 12), *range(after - 4, after + 8), *range(after - 12, after - 4)]
    frame = FX.frame[[*order, *range(after + 8, len(FX.frame))]]

    assert found(frame) == []
