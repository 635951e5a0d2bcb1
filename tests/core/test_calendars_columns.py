"""What the calendar says at the close of each bar, and the person's own corrections."""

import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import CALENDARS, calendar
from assay.core.calendars.sessions import CENTRES
from assay.core.errors import DataError, HistoryError, NotFoundError, SettingsError
from assay.core.values.timeframe import Timeframe

COLUMNS = [
    "minute_of_week",
    "session_sydney",
    "session_tokyo",
    "session_london",
    "session_new_york",
    "minutes_open",
    "minutes_to_close",
    "first_of_day",
    "after_holiday",
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stamps(*texts: str) -> pl.Series:
    return pl.Series("time", [at(text) for text in texts], dtype=pl.Datetime("us", "UTC"))


def row(name: str, text: str, timeframe: Timeframe) -> dict[str, float]:
    return calendar(name).calendar_columns(stamps(text), timeframe).row(0, named=True)


@pytest.mark.parametrize("name", CALENDARS)
def test_columns_are_those_of_the_contract_all_float(name: str) -> None:
    table = calendar(name).calendar_columns(stamps("2024-07-03 15:00"), Timeframe.H1)

    assert table.columns == COLUMNS
    assert set(table.dtypes) == {pl.Float64}


@given(st.integers(0, 20 * 365 * 1440))
def test_minute_of_week_counts_from_monday_in_utc(minutes: int) -> None:
    moment = at("2007-06-01 00:00") + timedelta(minutes=minutes)
    times = pl.Series("time", [moment], dtype=pl.Datetime("us", "UTC"))

    found = calendar("CRYPTO").calendar_columns(times, Timeframe.M1)["minute_of_week"][0]

    assert found == moment.weekday() * 1440 + moment.hour * 60 + moment.minute


@given(st.integers(0, 20 * 365 * 24))
def test_centres_keep_their_local_hours(hours: int) -> None:
    moment = at("2007-06-01 00:00") + timedelta(hours=hours)
    times = pl.Series("time", [moment], dtype=pl.Datetime("us", "UTC"))

    found = calendar("CRYPTO").calendar_columns(times, Timeframe.H1).row(0, named=True)

    for centre in CENTRES:
        local = moment.astimezone(ZoneInfo(centre.zone))
        at_desk = local.weekday() < 5 and centre.opens <= local.hour < centre.closes
        assert found[f"session_{centre.name}"] == at_desk


def test_an_fx_day_by_the_hour() -> None:
    first = row("FX", "2024-07-02 22:00", Timeframe.H1)
    second = row("FX", "2024-07-02 23:00", Timeframe.H1)
    last = row("FX", "2024-07-03 21:00", Timeframe.H1)

    assert (first["first_of_day"], first["minutes_open"], first["minutes_to_close"]) == (
        1,
        60,
        1380,
    )
    assert (second["first_of_day"], second["minutes_open"]) == (0, 120)
    assert (last["first_of_day"], last["minutes_open"], last["minutes_to_close"]) == (0, 1440, 0)


def test_an_hour_that_runs_past_the_close_stays_with_its_day() -> None:
    london = calendar("XLON")
    closing = stamps("2024-07-03 16:00")  # the session ends 15:30 UTC

    with_length = london.trading_day(closing, Timeframe.H1)[0]
    columns = row("XLON", "2024-07-03 16:00", Timeframe.H1)

    assert with_length == date(2024, 7, 3)
    assert london.trading_day(closing)[0] == date(2024, 7, 4)
    assert (columns["minutes_open"], columns["minutes_to_close"]) == (510, 0)


def test_a_bar_that_straddles_the_fx_close_belongs_to_the_next_day() -> None:
    fx = calendar("FX")

    days = fx.trading_day(stamps("2024-07-02 20:00", "2024-07-03 00:00"), Timeframe.H4)

    assert days.to_list() == [date(2024, 7, 2), date(2024, 7, 3)]
    friday = fx.trading_day(stamps("2024-07-06 00:00"), Timeframe.H4)
    assert friday.to_list() == [date(2024, 7, 5)]


def test_the_day_after_a_holiday_is_marked_for_all_its_bars_and_no_other() -> None:
    times = calendar("XNYS").expected_closes(
        Timeframe.H1, at("2024-07-02 00:00"), at("2024-07-09 00:00")
    )

    table = calendar("XNYS").calendar_columns(times, Timeframe.H1)

    marked = set(times.filter(table["after_holiday"] == 1).dt.date())
    assert marked == {date(2024, 7, 5)}
    assert table["first_of_day"].sum() == 4


@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(CALENDARS),
    timeframe=st.sampled_from(list(Timeframe)),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_row_depends_on_its_own_stamp_alone(name: str, timeframe: Timeframe, seed: int) -> None:
    chance = np.random.default_rng(seed)
    minutes = np.sort(chance.integers(0, 10 * 365 * 1440, 50)) * 60_000_000
    base = int(at("2012-01-01 00:00").timestamp()) * 1_000_000
    times = pl.Series(minutes + base).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    market = calendar(name)

    whole = market.calendar_columns(times, timeframe)
    alone = pl.concat([market.calendar_columns(times[i : i + 1], timeframe) for i in range(50)])

    assert_frame_equal(whole, alone, check_exact=True)


@pytest.mark.parametrize("name", ["FX", "XNYS"])
def test_a_million_stamps_take_a_moment(name: str) -> None:
    start = int(at("2010-01-01 00:00").timestamp()) * 1_000_000
    many = pl.Series(np.arange(1_000_000) * 300_000_000 + start).cast(pl.Datetime("us"))
    times = many.dt.replace_time_zone("UTC")
    market = calendar(name)

    took = []
    for _ in range(3):
        begun = time.process_time()
        market.calendar_columns(times, Timeframe.M5)
        market.trading_day(times, Timeframe.M5)
        took.append(time.process_time() - begun)

    assert min(took) < 2.0  # 0.4 s on an idle core


def test_times_that_cannot_be_placed_are_refused() -> None:
    naive = pl.Series("time", [datetime(2024, 1, 2)])  # noqa: DTZ001 - naive is the point
    missing = pl.Series("time", [None], dtype=pl.Datetime("us", "UTC"))

    with pytest.raises(DataError, match="time zone"):
        calendar("FX").trading_day(naive)
    with pytest.raises(DataError, match="missing in 1 of 1 rows"):
        calendar("FX").trading_day(missing)
    with pytest.raises(HistoryError, match="XNYS are known from"):
        calendar("XNYS").trading_day(stamps("2031-01-01 00:00"))
    with pytest.raises(DataError, match="no time zone"):
        calendar("FX").is_open(datetime(2024, 1, 2))  # noqa: DTZ001 - naive is the point


def test_an_empty_holiday_is_said_and_is_no_failure() -> None:
    nyse = calendar("XNYS")
    start, end = at("2024-07-04 00:00"), at("2024-07-04 23:59")

    assert nyse.expected_closes(Timeframe.H1, start, end).is_empty()
    assert nyse.explain(at("2024-07-04 15:00")) == (
        "XNYS was closed on 2024-07-04 (Independence Day)"
    )
    assert nyse.explain(at("2024-07-06 15:00")) == "XNYS was closed on 2024-07-06 (weekend)"
    assert nyse.explain(at("2024-07-03 18:00")) == (
        "XNYS was closed at 2024-07-03 18:00 UTC: the session of 2024-07-03 ran 13:30 to 17:00 "
        "UTC, early close"
    )
    holidays = nyse.holidays(date(2024, 7, 1), date(2024, 7, 31)).rows()
    assert holidays == [
        (date(2024, 7, 3), "early close"),
        (date(2024, 7, 4), "Independence Day"),
    ]
    assert "with a break 02:30 to 03:30" in calendar("XTKS").explain(at("2024-07-03 03:00"))


def write(folder: Path, content: object) -> Path:
    path = folder / "closures.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_person_can_close_a_day_and_change_hours(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "written": "2024-05-01",
            "XNYS": {
                "closed": {"2024-05-07": "snow"},
                "hours": {
                    "2024-05-08": ["09:30", "11:00", "early close"],
                    "2024-07-04": ["10:00", "12:00", "special session"],
                },
            },
        },
    )

    changed, usual = calendar("XNYS", path), calendar("XNYS")

    assert changed.explain(at("2024-05-07 15:00")) == "XNYS was closed on 2024-05-07 (snow)"
    assert not changed.is_open(at("2024-05-08 15:00"))
    assert usual.is_open(at("2024-05-08 15:00"))
    assert changed.is_open(at("2024-07-04 14:00"))
    assert changed.last_close(at("2024-05-08 23:00")) == at("2024-05-08 15:00")
    assert changed.sessions(at("2024-05-09 00:00"), at("2024-06-09 00:00")).equals(
        usual.sessions(at("2024-05-09 00:00"), at("2024-06-09 00:00"))
    )
    untouched = calendar("XLON", path).sessions(at("2024-01-01 00:00"), at("2025-01-01 00:00"))
    assert untouched.equals(
        calendar("XLON").sessions(at("2024-01-01 00:00"), at("2025-01-01 00:00"))
    )


def test_fx_hours_of_an_override_open_the_evening_before(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"written": "2024-12-01", "FX": {"hours": {"2024-12-24": ["17:00", "13:00", "early"]}}},
    )

    fx = calendar("FX", path)

    assert fx.is_open(at("2024-12-24 17:59"))
    assert not fx.is_open(at("2024-12-24 18:00"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not readable JSON"),
        ([], "JSON object"),
        ({"XNYS": {}}, "'written' needs a date"),
        ({"written": "2024-05-01", "XNYS": {"shut": {}}}, "may hold 'closed' and 'hours'"),
        ({"written": "2024-05-01", "XNYS": {"closed": {"May": "x"}}}, "needs a date like"),
        ({"written": "2024-05-01", "XNYS": {"closed": {"1999-05-05": "x"}}}, "lies outside"),
        ({"written": "2024-05-01", "XNYS": {"hours": {"2024-05-08": ["9", "x", "y"]}}}, "09:30"),
        ({"written": "2024-05-01", "XNYS": {"hours": {"2024-05-08": "all day"}}}, "open, close"),
        (
            {"written": "2024-05-01", "XNYS": {"hours": {"2024-05-08": ["12:00", "10:00", "y"]}}},
            "closes before it opens",
        ),
        (
            {
                "written": "2024-05-01",
                "XNYS": {"closed": {"2024-05-08": "x"}, "hours": {"2024-05-08": ["1", "2", "3"]}},
            },
            "both closed and open",
        ),
    ],
)
def test_overrides_nobody_can_understand_are_refused(
    tmp_path: Path, content: object, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        calendar("XNYS", write(tmp_path, content))


def test_overrides_that_are_not_there_are_missed(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file of calendar overrides"):
        calendar("XNYS", tmp_path / "none.json")
