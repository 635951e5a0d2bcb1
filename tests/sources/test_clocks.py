"""Clocks: read as they are called, and found out from hours, from a stored series, from the day."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import Micros, micros
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe
from assay.sources.clock_evidence import by_hours, by_reference
from assay.sources.clocks import HOUR, KNOWN_CLOCKS, Clock, parse_clock

HOUR_BARS, FX = Timeframe.H1, calendar("FX")
BUSY = np.array([1, 1, 1, 2, 3, 4, 4, 5, 6, 6, 5, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]) * 1e-4
"""Mean range by the hour in New York: an hour off, it is another course."""


def local_of(utc: Micros, clock: Clock) -> Micros:
    """Return UTC as `clock` shows it."""
    times = pl.Series(utc).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    shown = times.dt.convert_time_zone(clock.zone).dt.replace_time_zone(None)
    return shown.dt.epoch("us").to_numpy() + clock.shift


def opens(market: str, start: str, end: str, timeframe: Timeframe = HOUR_BARS) -> Micros:
    ends = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, end)]
    closes = calendar(market).expected_closes(timeframe, *ends)
    return micros(closes) - timeframe.minutes * 60_000_000


def spread_of(utc: Micros, market: str = "FX", seed: int = 0) -> np.ndarray:
    times = pl.Series(utc).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    hours = times.dt.convert_time_zone(calendar(market).zone).dt.hour().to_numpy()
    return np.asarray(BUSY[hours] * np.random.default_rng(seed).lognormal(0, 0.5, len(utc)))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("name", "local", "utc"),
    [
        ("UTC", "2020-01-01 12:00", "2020-01-01 12:00"),
        ("GMT", "2020-01-01 12:00", "2020-01-01 12:00"),
        ("America/New_York", "2020-01-01 12:00", "2020-01-01 17:00"),
        ("America/New_York", "2020-07-01 12:00", "2020-07-01 16:00"),
        ("America/New_York+7h", "2020-07-01 12:00", "2020-07-01 09:00"),
        ("Europe/London-5h", "2020-07-01 12:00", "2020-07-01 16:00"),
        ("EET", "2020-07-01 12:00", "2020-07-01 09:00"),
        ("EST", "2020-07-01 12:00", "2020-07-01 17:00"),
        ("utc+5:30", "2020-07-01 12:00", "2020-07-01 06:30"),
        ("UTC-3", "2020-07-01 12:00", "2020-07-01 15:00"),
        ("Europe/Berlin until 2020-06-01, UTC+3", "2020-05-31 12:00", "2020-05-31 10:00"),
        ("Europe/Berlin until 2020-06-01, UTC+3", "2020-06-01 00:00", "2020-05-31 21:00"),
    ],
)
def test_a_clock_is_read_as_it_is_called(name: str, local: str, utc: str) -> None:
    values, known = parse_clock(name).utc(np.array([at(local)]))

    assert known.all()
    assert values[0] == at(utc)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "UTC+20", "UTC until 2020-01-01", "UTC, EET", "../etc/passwd",
             "EET until 2021-01-01, CET until 2020-01-01, UTC", "EET until 2020-13-01, UTC"]
)  # fmt: skip
def test_what_is_no_clock_is_said_with_what_is(name: str) -> None:
    with pytest.raises(SettingsError, match=r"clock"):
        parse_clock(name)


@given(st.sampled_from(KNOWN_CLOCKS), st.integers(0, 2_000))
def test_every_clock_goes_there_and_back(clock: Clock, day: int) -> None:
    start = at("2015-01-01") + day * 24 * HOUR
    utc = start + np.arange(48) * HOUR // 2

    back, known = parse_clock(clock.name).utc(local_of(utc, clock))

    assert known.all()
    assert (back == utc).all()


def test_an_hour_shown_twice_and_one_never_shown() -> None:
    clock = parse_clock("Europe/Berlin")
    once = [at(f"2020-10-25 0{hour}:30") for hour in (1, 2, 3)]

    values, known = clock.utc(np.array([*once[:2], *once[1:]]))
    _, gone = clock.utc(np.array([at("2020-03-29 02:30")]))

    assert known.all()
    assert np.diff(values).tolist() == [HOUR, HOUR, HOUR]
    assert not gone.any()


@pytest.mark.parametrize(
    "name",
    ["UTC", "America/New_York", "Europe/Athens", "America/New_York+7h", "Europe/London-5h",
     "Europe/Berlin", "UTC+3", "UTC-5", "Australia/Sydney"],
)  # fmt: skip
@pytest.mark.parametrize("market", ["FX", "METAL", "XNYS"])
def test_the_hours_show_the_clock(name: str, market: str) -> None:
    utc = opens(market, "2019-01-01", "2020-06-01", Timeframe.M30)
    clock = parse_clock(name)

    local = local_of(utc, clock.clocks[0])
    found = by_hours(local, spread_of(utc, market), 30 * 60_000_000, calendar(market))

    assert found.clock is not None, found
    assert (found.clock.utc(local)[0] == utc).all()  # two names may be one clock in these years


def test_without_the_seam_hours_two_clocks_fit_alike_and_none_is_guessed() -> None:
    utc = opens("FX", "2019-01-01", "2020-06-01")
    athens, york = (parse_clock(n).clocks[0] for n in ("Europe/Athens", "America/New_York+7h"))
    local = local_of(utc, athens)
    kept = local // HOUR % 24 != 23  # a broker that has no bar for the first hour of such a week
    kept |= local_of(utc, york) == local

    found = by_hours(local[kept], spread_of(utc)[kept], HOUR, FX)

    assert found.clock is None
    assert {clock.name for clock in found.between} == {"Europe/Athens", "America/New_York+7h"}


def test_a_clock_that_changes_is_seen_with_its_date() -> None:
    utc = opens("FX", "2018-01-01", "2021-01-01")
    before = utc < at("2019-06-02")
    first, second = (parse_clock(n).clocks[0] for n in ("Europe/Berlin", "EET"))
    local = np.where(before, local_of(utc, first), local_of(utc, second))

    found = by_hours(local, spread_of(utc), HOUR, FX)

    assert found.changes
    assert found.clock is not None
    (moment,) = found.clock.until
    assert abs(moment - at("2019-06-02")) <= timedelta(days=14) / timedelta(microseconds=1)


def test_one_clock_all_along_is_no_change_even_where_summer_time_differs() -> None:
    utc = opens("FX", "2016-01-01", "2021-01-01")
    clock = parse_clock("Europe/Athens").clocks[0]

    found = by_hours(local_of(utc, clock), spread_of(utc), HOUR, FX)

    assert found.clock == parse_clock("Europe/Athens")


@pytest.mark.parametrize("name", ["America/New_York+7h", "Europe/Athens", "UTC", "UTC+2"])
def test_a_stored_series_shows_the_clock(name: str) -> None:
    utc = opens("FX", "2019-01-01", "2020-01-01")
    chance = np.random.default_rng(3)
    closes = 1.1 * np.exp(np.cumsum(chance.normal(0, 1e-3, len(utc))))
    other_feed = closes * np.exp(chance.normal(0, 2e-5, len(utc)))

    found = by_reference(
        local_of(utc, parse_clock(name).clocks[0]), other_feed, HOUR, utc + HOUR, closes
    )

    assert found.clock == parse_clock(name), found


def test_a_stored_series_shows_when_a_clock_changes() -> None:
    utc = opens("FX", "2018-01-01", "2020-01-01")
    closes = 1.1 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 1e-3, len(utc))))
    early, late = (parse_clock(n).clocks[0] for n in ("Europe/Berlin", "Europe/Athens"))
    local = np.where(utc < at("2019-03-03"), local_of(utc, early), local_of(utc, late))

    found = by_reference(local, closes, HOUR, utc + HOUR, closes)

    assert found.clock is not None
    assert [clock.name for clock in found.clock.clocks] == ["Europe/Berlin", "Europe/Athens"]
    assert abs(found.clock.until[0] - at("2019-03-03")) <= 7 * 24 * HOUR


def test_another_market_shows_nothing() -> None:
    utc = opens("FX", "2019-01-01", "2020-01-01")
    chance = np.random.default_rng(5)
    one, other = (np.exp(np.cumsum(chance.normal(0, 1e-3, len(utc)))) for _ in range(2))

    assert by_reference(utc, one, HOUR, utc + HOUR, other).clock is None


def test_few_bars_show_nothing() -> None:
    utc = opens("FX", "2019-01-07", "2019-01-16")

    found = by_hours(utc, spread_of(utc), HOUR, FX)

    assert found.clock is None
    assert "only" in found.said
