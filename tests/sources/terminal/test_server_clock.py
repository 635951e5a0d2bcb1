"""The clock of a server, read both ways and made out from a year of hours."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import micro, micros, moment_of
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import HOUR, KNOWN_CLOCKS, Clock, Clocks, parse_clock
from assay.sources.terminal.server_clock import (
    chosen,
    covered_until,
    fits,
    opened,
    seen,
    server_seconds,
    shown,
)
from tests.sources.test_clocks import local_of, spread_of

FX = calendar("FX")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
WHERE = "assay.toml under [providers.metatrader5]"
ATHENS, NEW_YORK = parse_clock("Europe/Athens"), parse_clock("America/New_York+7h")


def hours(start: str, end: str) -> np.ndarray:
    ends = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, end)]
    return micros(FX.expected_closes(Timeframe.H1, *ends)) - HOUR


def evidence(start: str, end: str, clocks: Clocks) -> pl.DataFrame:
    """Return hours as a server with `clocks` stamps them, with the course of a real day."""
    utc = hours(start, end)
    highs = np.exp(spread_of(utc))
    return pl.DataFrame({"time": shown(clocks, utc) // 1_000_000, "high": highs, "low": 1.0})


def choice(
    frame: pl.DataFrame, ahead: int | None, now: datetime = NOW
) -> tuple[Clocks, datetime | None]:
    return chosen(seen(frame, FX), frame["time"].to_numpy(), ahead, now, WHERE)


@settings(deadline=None)
@given(st.sampled_from(KNOWN_CLOCKS), st.integers(0, 4_000 * 24 * 4))
def test_what_a_clock_shows_is_read_back_unless_it_shows_it_twice(clock: Clock, step: int) -> None:
    clocks = Clocks((clock,))
    utc = np.array([micro(datetime(2015, 1, 1, tzinfo=UTC)) + step * HOUR // 4])

    local = shown(clocks, utc)
    back, certain = opened(clocks, local // 1_000_000)

    assert local == local_of(utc, clock)
    twice = [other for other in (-HOUR, HOUR) if shown(clocks, utc + other) == local]
    assert certain[0] == (not twice)
    assert back[0] == utc[0] or twice


@pytest.mark.parametrize("name", ["Europe/Athens", "America/New_York+7h", "Australia/Sydney"])
@pytest.mark.parametrize("timeframe", [5, 15, 60])
def test_a_time_is_covered_when_all_that_is_shown_up_to_it_has_passed(
    name: str, timeframe: int
) -> None:
    clocks = parse_clock(name)
    year = np.arange(micro(datetime(2026, 1, 1, tzinfo=UTC)), micro(NOW) + 200 * 24 * HOUR, HOUR)
    changes = np.flatnonzero(np.diff(shown(clocks, year) - year))
    assert len(changes) == 2

    for change in changes:
        middle = int(shown(clocks, year[change : change + 1])[0]) // 1_000_000
        for seconds in range(middle - 4 * 3_600, middle + 4 * 3_600, timeframe * 60):
            until = covered_until(clocks, seconds)
            later = shown(clocks, until + np.arange(1, 60) * HOUR // 12) // 1_000_000
            assert (later > seconds).all()  # nothing that was to be covered comes later
            assert shown(clocks, np.array([until]))[0] // 1_000_000 >= seconds


def test_clocks_in_turn_are_shown_in_turn() -> None:
    clocks = parse_clock("Europe/London until 2026-03-01, UTC+3")

    seconds = [
        server_seconds(clocks, datetime(2026, month, 15, 12, tzinfo=UTC)) for month in (2, 4)
    ]

    assert [datetime.fromtimestamp(at, UTC).hour for at in seconds] == [12, 15]


@pytest.mark.parametrize(
    "name", ["America/New_York+7h", "Europe/Athens", "UTC", "UTC+3", "Europe/London"]
)
def test_a_year_of_hours_shows_the_clock_for_ever(name: str) -> None:
    clocks = parse_clock(name)
    frame = evidence("2025-05-20", "2026-06-30", clocks)

    found, until = choice(frame, server_seconds(clocks, NOW) - int(NOW.timestamp()))

    utc = hours("2025-05-20", "2027-06-30")
    assert (shown(found, utc) == shown(clocks, utc)).all()
    assert until is None


def test_a_summer_shows_a_clock_until_autumn() -> None:
    found, until = choice(evidence("2026-04-05", "2026-06-30", NEW_YORK), 3 * 3_600)

    assert server_seconds(found, NOW) == server_seconds(NEW_YORK, NOW)
    assert until == datetime(2026, 10, 25, 1, tzinfo=UTC)  # Europe changes its clocks


def test_clocks_that_have_parted_are_named_and_none_is_guessed() -> None:
    summer = evidence("2026-04-05", "2026-10-23", NEW_YORK)
    sunday = datetime(2026, 10, 25, 12, tzinfo=UTC)

    with pytest.raises(SettingsError, match=r"Europe/Athens.*alike") as caught:
        choice(summer, None, sunday)

    assert "America/New_York+7h" in str(caught.value)
    assert 'zone = "' in str(caught.value)


def test_what_the_terminal_says_tells_apart_what_the_bars_do_not() -> None:
    summer = evidence("2026-04-05", "2026-10-23", NEW_YORK)
    tuesday = datetime(2026, 10, 27, 12, tzinfo=UTC)

    winter, _ = choice(summer, 2 * 3_600, tuesday + timedelta(days=2))
    with pytest.raises(SettingsError, match="4 hours ahead"):
        choice(summer, 4 * 3_600, tuesday)

    assert winter == ATHENS


def test_a_server_of_europe_that_leaves_out_the_first_hour_is_none_of_new_york() -> None:
    frame = evidence("2025-05-20", "2026-06-30", ATHENS)
    early = pl.col("time") % (7 * 86_400) // 3_600 == 3 * 24 + 23  # Sunday, 23:00 by the server

    found, until = choice(frame.filter(~early), 3 * 3_600)

    assert frame.filter(early).height >= 3
    assert (found, until) == (ATHENS, None)


def test_a_clock_on_which_the_weeks_do_not_end_with_the_market_is_none() -> None:
    frame = evidence("2025-05-20", "2026-06-30", ATHENS)
    friday = pl.col("time") % (7 * 86_400) // 86_400 == 1

    with pytest.raises(SettingsError, match="nothing shows which clock"):
        choice(frame.filter(~friday), 3 * 3_600)


def test_a_clock_that_was_changed_is_told_with_its_dates() -> None:
    moved = parse_clock("Europe/Berlin until 2026-01-11, Europe/Athens")

    with pytest.raises(SettingsError, match="was changed on the way") as caught:
        choice(evidence("2025-05-20", "2026-06-30", moved), 3 * 3_600)

    assert "until 2026-01" in str(caught.value)


def test_two_weeks_show_nothing() -> None:
    with pytest.raises(SettingsError, match="nothing shows which clock"):
        choice(evidence("2026-06-15", "2026-06-30", NEW_YORK), 3 * 3_600)


def test_the_terminal_may_learn_of_a_change_after_the_weekend() -> None:
    sunday = datetime(2026, 10, 25, 12, tzinfo=UTC)

    assert fits(ATHENS, 3 * 3_600 + 40, sunday)
    assert fits(ATHENS, 2 * 3_600 - 40, sunday)
    assert not fits(ATHENS, 3 * 3_600, sunday + timedelta(days=7))
    assert fits(ATHENS, None, sunday)


def test_the_end_of_a_skipped_hour_is_where_it_is_skipped() -> None:
    gap = datetime(2026, 3, 29, 3, 30, tzinfo=UTC)

    until = covered_until(ATHENS, int(gap.timestamp()))

    assert moment_of(until) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
