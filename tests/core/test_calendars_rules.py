"""FX, metal and crypto by worked examples, the weeks in which clocks change above all."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.calendars.calendar import CALENDARS, calendar
from assay.core.errors import HistoryError, NotFoundError
from assay.core.values.timeframe import Timeframe


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WEEKS = [
    # (opens, closes): winter, US summer before Europe's, summer, Europe's winter before the US's
    ("2024-02-25 22:00", "2024-03-01 22:00"),
    ("2024-03-03 22:00", "2024-03-08 22:00"),
    ("2024-03-10 21:00", "2024-03-15 21:00"),
    ("2024-03-31 21:00", "2024-04-05 21:00"),
    ("2024-10-27 21:00", "2024-11-01 21:00"),
    ("2024-11-03 22:00", "2024-11-08 22:00"),
]


@pytest.mark.parametrize(("opens", "closes"), WEEKS)
def test_fx_runs_from_sunday_to_friday_1700_new_york(opens: str, closes: str) -> None:
    fx, instant = calendar("FX"), timedelta(microseconds=1)

    assert fx.is_open(at(opens))
    assert not fx.is_open(at(opens) - instant)
    assert fx.is_open(at(closes) - instant)
    assert not fx.is_open(at(closes))
    assert fx.next_open(at(opens) - timedelta(hours=20)) == at(opens)
    assert fx.last_close(at(closes) + timedelta(hours=30)) == at(closes)


@pytest.mark.parametrize(("opens", "closes"), WEEKS)
def test_metal_opens_an_hour_later_and_rests_an_hour_a_day(opens: str, closes: str) -> None:
    metal, hour = calendar("METAL"), timedelta(hours=1)

    assert not metal.is_open(at(opens))
    assert metal.is_open(at(opens) + hour)
    for day in range(1, 5):
        rest = at(opens) + timedelta(days=day)
        assert [metal.is_open(rest + step) for step in (-hour, hour / 2, hour)] == [1, 0, 1]
    assert not metal.is_open(at(closes))


def test_hours_of_a_week_with_the_us_in_summer_time_and_europe_not() -> None:
    closes = calendar("FX").expected_closes(
        Timeframe.H4, at("2024-03-09 00:00"), at("2024-03-16 00:00")
    )

    # Friday 8 March closes 22:00 UTC inside the bar to 00:00; Sunday opens 21:00 inside 20:00-24:00
    assert closes[0] == at("2024-03-09 00:00")
    assert closes[1] == at("2024-03-11 00:00")
    assert closes[-1] == at("2024-03-16 00:00")
    assert len(closes) == 2 + 5 * 6


def test_fx_days_close_1700_new_york() -> None:
    closes = calendar("FX").expected_closes(
        Timeframe.D1, at("2024-03-06 00:00"), at("2024-03-13 23:00")
    )

    hours = [(stamp.day, stamp.hour) for stamp in closes]
    assert hours == [(6, 22), (7, 22), (8, 22), (11, 21), (12, 21), (13, 21)]


def test_fx_rests_from_the_evening_before_christmas_and_new_year() -> None:
    fx = calendar("FX")

    assert fx.is_open(at("2024-12-24 21:59"))
    assert not fx.is_open(at("2024-12-24 22:00"))
    assert not fx.is_open(at("2024-12-25 21:59"))
    assert fx.is_open(at("2024-12-25 22:00"))
    assert not fx.is_open(at("2025-01-01 12:00"))
    assert fx.explain(at("2024-12-24 23:00")) == "FX was closed on 2024-12-25 (Christmas)"
    # 1 January 2022 was a Saturday: nothing to close
    assert fx.is_open(at("2021-12-31 12:00"))
    assert fx.is_open(at("2022-01-03 12:00"))


def test_metal_keeps_the_us_holidays_and_stamps_the_day_1700_all_the_same() -> None:
    metal = calendar("METAL")

    labor_day = metal.sessions(at("2024-09-02 12:00"), at("2024-09-02 13:00"))
    black_friday = metal.sessions(at("2024-11-29 12:00"), at("2024-11-29 13:00"))

    assert labor_day["close"][0] == at("2024-09-02 17:00")
    assert labor_day["day_close"][0] == at("2024-09-02 21:00")
    assert black_friday["close"][0] == at("2024-11-29 18:45")
    assert metal.explain(at("2024-03-29 12:00")) == "METAL was closed on 2024-03-29 (Good Friday)"
    assert metal.is_open(at("2018-12-05 15:00")), "a mourning of the equity futures binds no metal"


def test_metal_says_where_its_holidays_end() -> None:
    metal = calendar("METAL")

    assert metal.degraded(at("2027-12-30 00:00")) is None
    assert "not known after 2027-12-31" in str(metal.degraded(at("2028-09-04 12:00")))
    assert "not known after 2027-12-31" in metal.explain(at("2028-09-04 12:00"))
    assert not metal.is_open(at("2028-12-25 12:00"))


def test_a_week_of_fx_is_one_stretch_and_crypto_has_no_next_close() -> None:
    fx = calendar("FX")
    sunday, friday = "2024-01-07 22:00", "2024-01-12 22:00"
    opens, stops = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (sunday, friday))

    assert fx.next_close(opens - timedelta(days=1)) == stops
    assert fx.next_close(opens) == fx.next_close(stops - timedelta(minutes=1)) == stops
    assert fx.next_close(stops) == stops + timedelta(days=7)
    assert calendar("CRYPTO").next_close(opens) is None


def test_crypto_never_closes() -> None:
    crypto = calendar("CRYPTO")
    start, end = at("2024-02-28 00:00"), at("2024-03-02 00:00")

    assert len(crypto.expected_closes(Timeframe.M5, start, end)) == 3 * 288 + 1
    days = crypto.expected_closes(Timeframe.D1, start, end)
    assert [stamp.day for stamp in days] == [28, 29, 1, 2]
    assert crypto.trading_day(days).dt.day().to_list() == [27, 28, 29, 1]
    assert crypto.next_open(end) == end
    assert crypto.holidays(start.date(), end.date()).is_empty()
    assert crypto.explain(end) == "CRYPTO was open at 2024-03-02 00:00 UTC: it never closes"


@given(
    name=st.sampled_from(["FX", "METAL", "CRYPTO"]),
    minutes=st.integers(0, 30 * 365 * 1440),
)
def test_it_is_open_exactly_inside_a_session(name: str, minutes: int) -> None:
    market = calendar(name)
    moment = at("2005-01-01 00:00") + timedelta(minutes=minutes)
    around = market.sessions(moment - timedelta(days=2), moment + timedelta(days=2))

    inside = around.filter((pl.col("open") <= moment) & (moment < pl.col("close")))

    assert market.is_open(moment) == (inside.height == 1)


@given(
    name=st.sampled_from(["FX", "METAL", "CRYPTO", "XNYS", "XTKS"]),
    hours=st.integers(0, 15 * 365 * 24),
    timeframe=st.sampled_from(list(Timeframe)[1:-1]),
)
def test_bars_are_expected_where_their_time_overlaps_open_time(
    name: str, hours: int, timeframe: Timeframe
) -> None:
    market = calendar(name)
    start = at("2010-01-01 00:00") + timedelta(hours=hours)
    end = start + timedelta(days=2)
    step = timedelta(minutes=5)  # no calendar opens or closes off the five-minute grid

    expected = set(market.expected_closes(timeframe, start, end))

    for number in range(int((end - start) / timeframe.length) + 2):
        stamp = start.replace(hour=0) + number * timeframe.length
        if start <= stamp <= end:
            parts = range(int(timeframe.length / step))
            touched = any(market.is_open(stamp - step * (part + 1)) for part in parts)
            assert (stamp in expected) == touched


@pytest.mark.parametrize("name", CALENDARS)
def test_many_moments_are_open_exactly_where_each_of_them_is(name: str) -> None:
    market, start = calendar(name), at("2021-11-05 20:00")
    minute, instant = timedelta(minutes=15), timedelta(microseconds=1)
    moments = [start + minute * step for step in range(600)]
    edges = [moment + shift for moment in moments for shift in (-instant, timedelta(0), instant)]

    found = market.are_open(pl.Series("time", edges, dtype=pl.Datetime("us", "UTC")))

    assert found.to_list() == [market.is_open(moment) for moment in edges]


def test_unknown_names_and_times_far_away_are_refused_in_words() -> None:
    with pytest.raises(NotFoundError, match=r"No calendar is called 'XNYZ' \(did you mean XNYS"):
        calendar("XNYZ")
    with pytest.raises(HistoryError, match="FX are known from 1990-01-01 to 2049-12-31"):
        calendar("FX").is_open(at("1980-01-01 00:00"))
