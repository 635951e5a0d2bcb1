"""Coverage against what markets really do: a closed market is never a gap, a missing bar always."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import CALENDARS, calendar
from assay.core.calendars.frozen import EXCHANGES
from assay.core.errors import HistoryError
from assay.core.instruments import defined, index, instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.workflows.covered import WINDOW, Gap, covered, refuse_sparse, sparse
from assay.workflows.syncing.routes import Route
from assay.workflows.syncing.spans import Span, gaps_of
from tests.workflows.workspace import open_at

xcals = pytest.importorskip("exchange_calendars", reason="the oracle of the hours (extra oracle)")
FIRST, LAST = date(2015, 1, 1), date(2027, 12, 30)
NEW_YORK = "America/New_York"
ATOM = 5
"""Minutes: every market opens and closes on a multiple of it."""
SHORT_DAYS = ("XNYS", "XLON", "XTKS")
SERIES_OF = [
    (name, timeframe)
    for name in CALENDARS
    for timeframe in (Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1)
    if timeframe is not Timeframe.M5 or name in SHORT_DAYS
]
"""Thirteen years of 5-minute bars of a market that hardly closes are over a million."""
MOURNED = (date(2018, 12, 5), date(2025, 1, 9))
"""Days on which index futures rested for a president, and gold went on."""
Minutes = NDArray[np.int64]


def traded(name: str) -> Instrument:
    kinds = {"FX": AssetClass.FX, "METAL": AssetClass.METAL, "CRYPTO": AssetClass.CRYPTO}
    symbols = {"FX": "EURUSD", "METAL": "XAUUSD", "CRYPTO": "BTCUSDT"}
    return defined(symbols[name], kinds[name]) if name in kinds else index("ACME", name)


@cache
def oracle(name: str) -> Any:
    return xcals.get_calendar(name, start="2014-12-25", end="2027-12-31")


def minutes_of(stamps: Any) -> Minutes:
    utc = stamps.dt.tz_convert(None)
    return np.asarray(utc.to_numpy().astype("datetime64[m]").astype(np.int64))


@cache
def open_atoms(name: str) -> Minutes:
    """Return the starts (minutes since 1970) of all open stretches of `ATOM` minutes."""
    if name not in EXCHANGES:
        return by_the_clock_of_new_york(name)
    rows = oracle(name).schedule
    resting = ~rows["break_start"].isna().to_numpy()
    starts = np.concatenate([minutes_of(rows["open"]), minutes_of(rows["break_end"])[resting]])
    ends = minutes_of(rows["close"])
    first_ends = np.where(resting, minutes_of(rows["break_start"]), ends)
    ends = np.concatenate([first_ends, ends[resting]])
    assert not (starts % ATOM).any()
    assert not (ends % ATOM).any()
    found = [np.arange(a, b, ATOM) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return inside(np.sort(np.concatenate(found)))


def by_the_clock_of_new_york(name: str) -> Minutes:
    """Return the open stretches of what follows a rule: Sunday 17:00 to Friday 17:00 New York."""
    start = datetime(2014, 12, 25, tzinfo=UTC)
    every = pl.datetime_range(
        start, datetime(2027, 12, 31, tzinfo=UTC), f"{ATOM}m", time_unit="us", eager=True
    )
    minutes = every.dt.epoch("us").to_numpy() // 60_000_000
    if name == "CRYPTO":
        return inside(minutes)
    local = every.dt.convert_time_zone(NEW_YORK)
    of_day = local.dt.hour().to_numpy().astype(int) * 60 + local.dt.minute().to_numpy()
    day = local.dt.offset_by("7h").dt.date()  # the day that closes at 17:00
    clock = pl.DataFrame({"day": day, "of_day": of_day, "minute": minutes})
    closed = days_closed() if name == "METAL" else christmas_and_new_year()
    clock = clock.filter((pl.col("day").dt.weekday() <= 5) & ~pl.col("day").is_in(closed))
    if name == "METAL":
        stops = pl.DataFrame(early_stops(), schema={"day": pl.Date, "stop": pl.Int64}, orient="row")
        after_five = pl.col("of_day") >= 17 * 60
        clock = clock.join(stops, on="day", how="left", maintain_order="left").filter(
            ~pl.col("of_day").is_between(17 * 60, 18 * 60 - 1)
            & (pl.col("stop").is_null() | after_five | (pl.col("of_day") < pl.col("stop")))
        )
    return inside(clock["minute"].to_numpy())


def christmas_and_new_year() -> list[date]:
    return [date(year, *day) for year in range(2014, 2029) for day in ((12, 25), (1, 1))]


def days_closed() -> list[date]:
    """Return the weekdays on which the futures have no session, and gold none either."""
    held = {*(stamp.date() for stamp in oracle("CMES").schedule.index), *MOURNED}
    every = pl.date_range(date(2014, 12, 26), date(2027, 12, 31), "1d", eager=True)
    return [day for day in every.to_list() if day.weekday() < 5 and day not in held]


def early_stops() -> list[tuple[date, int]]:
    """Return when gold stops on the days on which the futures stop early: 13:00, or 13:45."""
    days = [stamp.date() for stamp in oracle("CMES").early_closes]
    return [
        (day, 13 * 60 + 45 * (day.month == 12 or (day.month == 11 and day.weekday() == 4)))
        for day in days
    ]


def inside(atoms: Minutes) -> Minutes:
    low, high = (
        int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) // 60 for d in (FIRST, LAST)
    )
    return atoms[(atoms >= low) & (atoms < high)]


@cache
def all_of(name: str, timeframe: Timeframe) -> Bars:
    """Return a bar for every stretch in which the oracle has an open minute, 2015 to 2027."""
    if timeframe.is_intraday:
        length = timeframe.minutes
        closes = np.unique(open_atoms(name) // length * length + length)
    else:
        closes = day_closes(name)
    return bars_at(traded(name), timeframe, closes * 60_000_000)


def day_closes(name: str) -> Minutes:
    if name in EXCHANGES:
        return np.unique(minutes_of(oracle(name).schedule["close"]))
    every = pl.date_range(FIRST, LAST, "1d", eager=True)
    if name == "CRYPTO":
        return every.cast(pl.Datetime("us")).dt.epoch("us").to_numpy() // 60_000_000
    closed = days_closed() if name == "METAL" else christmas_and_new_year()
    kept = every.filter((every.dt.weekday() <= 5) & ~every.is_in(closed))
    five = kept.cast(pl.Datetime("us")).dt.offset_by("17h").dt.replace_time_zone(NEW_YORK)
    return five.dt.convert_time_zone("UTC").dt.epoch("us").to_numpy() // 60_000_000


def bars_at(known: Instrument, timeframe: Timeframe, micros: Minutes) -> Bars:
    time = pl.Series("time", micros).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    price = pl.lit(1.0)
    frame = pl.DataFrame({"time": time}).with_columns(
        open=price, high=price, low=price, close=price, volume=price
    )
    return Bars(known, timeframe, frame.match_to_schema(BAR_SCHEMA))


def without(bars: Bars, rows: Sequence[int]) -> Bars:
    keep = np.ones(len(bars), dtype=np.bool_)
    keep[list(rows)] = False
    return replace(bars, frame=bars.frame.filter(pl.Series(keep)))


@pytest.mark.parametrize(("name", "timeframe"), SERIES_OF)
def test_in_thirteen_years_no_holiday_half_day_or_change_of_clocks_is_a_gap(
    name: str, timeframe: Timeframe
) -> None:
    bars = all_of(name, timeframe)

    found = covered(bars)

    assert len(bars) > 3_000
    assert found.share == 1.0
    assert len(found.expected) == len(bars)
    assert found.gaps() == []
    assert not sparse(bars, 1.0).any()
    refuse_sparse(bars, 1.0)


@pytest.mark.parametrize("name", CALENDARS)
def test_a_sync_asks_for_what_was_taken_away_and_for_nothing_else(
    name: str, tmp_path: Path
) -> None:
    bars = all_of(name, Timeframe.H1)
    gone = [1, 2, 3, 500, *range(9_000, 9_100), len(bars) - 2]
    times = bars.frame["time"]
    hour = Timeframe.H1.length
    runs = [(1, 3), (500, 500), (9_000, 9_099), (len(bars) - 2, len(bars) - 2)]

    spans = []
    for number, series in enumerate((bars, without(bars, gone))):
        desk = open_at(tmp_path / str(number), times[-1])
        desk.bars.append(series, source="test", known_at=times[-1])
        route = Route(bars.instrument, Timeframe.H1, ("test",), None, ())
        spans.append(gaps_of(desk, route))

    assert spans == [[], [Span(times[a] - hour, times[b]) for a, b in runs]]


def expected_gaps(bars: Bars, gone: Sequence[int]) -> list[Gap]:
    times, rows = bars.frame["time"], sorted(gone)
    cuts = [0, *(n for n, (a, b) in enumerate(pairwise(rows), 1) if b != a + 1), len(rows)]
    return [
        Gap(times[rows[a]], times[rows[b - 1]], b - a) for a, b in pairwise(cuts) if rows and b > a
    ]


@cache
def a_year(name: str, timeframe: Timeframe) -> Bars:
    rows = all_of(name, timeframe).frame.filter(pl.col("time").dt.year() == 2021)
    return Bars(traded(name), timeframe, rows)


SERIES = st.builds(
    a_year, st.sampled_from(CALENDARS), st.sampled_from([Timeframe.H1, Timeframe.H4, Timeframe.D1])
)


@settings(max_examples=150, deadline=None)
@given(bars=SERIES, data=st.data())
def test_bars_that_are_taken_away_are_exactly_the_gaps(bars: Bars, data: st.DataObject) -> None:
    inner = st.integers(1, len(bars) - 2)
    gone = data.draw(st.sets(inner, max_size=40))
    start = data.draw(inner)
    gone |= set(range(start, min(start + data.draw(st.integers(0, 60)), len(bars) - 1)))

    found = covered(without(bars, sorted(gone)))

    assert found.gaps() == expected_gaps(bars, sorted(gone))
    assert sum(gap.bars for gap in found.gaps()) == len(gone)
    assert found.share == pytest.approx(1 - len(gone) / len(bars))


@settings(max_examples=150, deadline=None)
@given(bars=SERIES, data=st.data())
def test_a_bar_is_sparse_by_what_had_closed_by_then_alone(bars: Bars, data: st.DataObject) -> None:
    chance = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    gone = np.flatnonzero(chance.random(len(bars) - 2) < data.draw(st.floats(0, 0.5))) + 1
    left = without(bars, gone.tolist())
    least = data.draw(st.floats(0, 1))
    row = data.draw(st.integers(0, len(left) - 1))

    found = sparse(left, least)

    there = np.ones(len(bars), dtype=np.bool_)
    there[gone] = False
    place = int(np.flatnonzero(there)[row])
    window = there[max(0, place + 1 - WINDOW) : place + 1]
    assert found[row] == (window.sum() < least * len(window))
    early = replace(left, frame=left.frame.head(row + 1))
    assert sparse(early, least).tolist() == found[: row + 1].tolist()


def test_bars_outside_the_hours_count_for_nothing() -> None:
    whole = a_year("FX", Timeframe.H1)
    saturday = bars_at(
        whole.instrument, Timeframe.H1, np.array([1_610_186_400_000_000])
    )  # 2021-01-09 10:00
    both = replace(whole, frame=pl.concat([whole.frame, saturday.frame]).sort("time"))

    found = covered(both)

    assert len(both) == len(whole) + 1
    assert (found.share, found.gaps()) == (1.0, [])
    assert not sparse(both, 1.0).any()


def test_days_count_bars_on_the_day_they_were_made_on() -> None:
    whole = a_year("FX", Timeframe.H4)
    gone = whole.frame.with_row_index().filter(
        pl.col("time").is_between(
            datetime(2021, 3, 3, 4, tzinfo=UTC), datetime(2021, 3, 4, tzinfo=UTC)
        )
    )
    flagged = np.array([datetime(2021, 3, 6, tzinfo=UTC).timestamp() * 1e6], dtype=np.int64)

    days = covered(without(whole, gone["index"].to_list())).by_day(flagged)

    near = days.filter(pl.col("day").is_between(date(2021, 3, 2), date(2021, 3, 8)))
    want = pl.DataFrame(
        {
            "day": [date(2021, 3, day) for day in (2, 3, 4, 5, 7, 8)],
            "expected": [6, 6, 6, 6, 1, 6],
            "there": [6, 0, 6, 6, 1, 6],
            "flagged": [0, 0, 0, 1, 0, 0],
        }
    )
    assert_frame_equal(near, want, check_dtypes=False)
    assert days["expected"].sum() == len(whole)


def test_too_little_is_refused_by_name_with_what_to_do_and_nothing_never() -> None:
    whole = a_year("FX", Timeframe.H1)
    half = without(whole, range(1, len(whole) - 1, 2))

    with pytest.raises(HistoryError) as told:
        refuse_sparse(half, 0.8)

    assert str(told.value).startswith("EURUSD 1h: only 50.0% of the bars that FX expects")
    assert "80% are needed (least_coverage)" in str(told.value)
    assert "assay data gaps EURUSD --timeframe 1h" in str(told.value)
    refuse_sparse(half, 0.0)
    nothing = Bars(instrument("EURUSD"), Timeframe.H1, BAR_SCHEMA.to_frame())
    refuse_sparse(nothing, 1.0)
    assert covered(nothing).gaps() == []
    assert not len(sparse(nothing, 1.0))
    assert covered(nothing).by_day(np.array([], dtype=np.int64)).is_empty()


def test_a_single_bar_is_all_there_is() -> None:
    one = replace(a_year("FX", Timeframe.H1), frame=a_year("FX", Timeframe.H1).frame.head(1))

    found = covered(one)

    assert (found.share, found.gaps()) == (1.0, [])
    assert calendar("FX").is_open(one.first_time - timedelta(minutes=1))
