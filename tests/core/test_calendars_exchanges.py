"""The frozen tables against the library they were frozen from."""

import importlib.util
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.calendars.frozen import EXCHANGES
from assay.core.errors import HistoryError
from assay.core.values.timeframe import Timeframe

pandas = pytest.importorskip("pandas", reason="what the oracle speaks (extra oracle)")
xcals = pytest.importorskip("exchange_calendars", reason="the oracle of the tables (extra oracle)")
FIRST, LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2027, 12, 30, tzinfo=UTC)
TOOL = Path(__file__).parents[2] / "tools/freeze_calendars.py"


@pytest.fixture(scope="module", params=EXCHANGES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def oracle(name: str) -> Any:
    return xcals.get_calendar(name, start="2014-12-01", end="2027-12-31")


def schedule(oracle: Any) -> pl.DataFrame:
    rows = oracle.schedule
    times = {
        column: [None if pandas.isna(stamp) else stamp.to_pydatetime() for stamp in rows[column]]
        for column in ("open", "close", "break_start", "break_end")
    }
    kind = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        {"date": [day.date() for day in rows.index], **times},
        schema={"date": pl.Date, **dict.fromkeys(times, kind)},
    ).filter((pl.col("close") > FIRST) & (pl.col("open") < LAST))


def test_every_session_open_close_and_break_is_the_library_s(name: str, oracle: Any) -> None:
    expected = schedule(oracle)

    found = calendar(name).sessions(FIRST, LAST)

    assert found.height > 3000
    assert_frame_equal(found.select(expected.columns), expected)
    assert found["day_close"].equals(found["close"])


def test_days_with_other_hours_are_called_so(name: str, oracle: Any) -> None:
    expected = {day.date() for day in oracle.early_closes if FIRST < day.tz_localize("UTC") < LAST}

    noted = calendar(name).sessions(FIRST, LAST).filter(pl.col("note") == "early close")

    assert set(noted["date"]) == expected
    assert (name == "XTKS") == (not expected)


@settings(max_examples=300, deadline=None)
@given(minutes=st.integers(0, int((LAST - FIRST).total_seconds() // 60)))
def test_it_is_open_at_exactly_the_library_s_minutes(name: str, oracle: Any, minutes: int) -> None:
    moment = FIRST + timedelta(minutes=minutes)

    assert calendar(name).is_open(moment) == oracle.is_open_at_time(
        pandas.Timestamp(moment), side="left"
    )


@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.H1, Timeframe.H4])
def test_expected_bars_hold_at_least_one_open_minute(
    name: str, oracle: Any, timeframe: Timeframe
) -> None:
    start, end = datetime(2025, 10, 20, tzinfo=UTC), datetime(2026, 1, 10, tzinfo=UTC)
    minutes = oracle.minutes_in_range(start - timeframe.length, end)
    length = timeframe.minutes
    expected = sorted({-(-(int(m.timestamp()) // 60 + 1) // length) * length for m in minutes})

    found = calendar(name).expected_closes(timeframe, start, end)

    within = (start.timestamp() // 60, end.timestamp() // 60)
    whole = [stamp for stamp in expected if within[0] <= stamp <= within[1]]
    assert [int(stamp.timestamp()) // 60 for stamp in found] == whole


def test_weeks_in_which_clocks_change_open_at_the_usual_local_hour(name: str) -> None:
    market = calendar(name)
    sessions = market.sessions(FIRST, LAST)
    local = sessions.select(pl.col("open").dt.convert_time_zone(market.zone).dt.time())

    assert local["open"].n_unique() == 1
    assert (sessions["open"].dt.time().n_unique() == 2) == (name != "XTKS")


def test_trading_next_stops_when_the_library_says(name: str, oracle: Any) -> None:
    found, chance = schedule(oracle), np.random.default_rng(3)
    stops = pl.concat([found["close"], found["break_start"].drop_nulls()]).sort()
    stops = stops.filter(~stops.is_in(found["open"].implode()))
    span = int((datetime(2027, 12, 1, tzinfo=UTC) - FIRST) / timedelta(minutes=1))

    for minute in chance.integers(span, size=200).tolist():
        moment = FIRST + timedelta(minutes=minute)

        assert calendar(name).next_close(moment) == stops.filter(stops > moment)[0]


def test_the_committed_tables_are_what_the_script_makes(name: str) -> None:
    spec = importlib.util.spec_from_file_location("freeze_calendars", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    committed = json.loads((tool.FOLDER / f"{name.lower()}.json").read_text())

    made = tool.table(name)

    if made["made_with"] == committed["made_with"]:
        assert made == committed
    else:
        pytest.skip(f"the tables were {committed['made_with']}, installed is {made['made_with']}")


def test_outside_the_table_it_says_how_far_it_reaches(name: str) -> None:
    market = calendar(name)

    with pytest.raises(HistoryError, match=f"{name} are known from 2007-01-01 to 2027-12-31"):
        market.is_open(datetime(2028, 6, 1, tzinfo=UTC))
    with pytest.raises(HistoryError, match="asked for 2006-06-01"):
        market.expected_closes(
            Timeframe.H1, datetime(2006, 6, 1, tzinfo=UTC), datetime(2007, 6, 1, tzinfo=UTC)
        )
    with pytest.raises(HistoryError, match="holidays"):
        market.holidays(date(2027, 1, 1), date(2028, 1, 1))
