"""Which column says what, and when each story could first be known: never too early."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import SettingsError
from assay.sources.clocks import parse_clock
from assay.sources.file_stories import Stories, Told, stories_of
from assay.sources.reading.raw import read_raw
from assay.sources.reading.table import Raw, counted


def raw_of(**columns: Any) -> Raw:
    frame = pl.DataFrame(columns)
    return Raw(frame, counted(frame.height), "row", frame.height, name="table.csv")


def read(told: Told | None = None, **columns: Any) -> Stories:
    return stories_of(raw_of(**columns), told or Told(), "table")


def seen(found: Stories) -> list[datetime]:
    return found.frame["seen_at"].to_list()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_moment_is_first_seen_at_that_moment_and_a_delay_later() -> None:
    columns: dict[str, Any] = {
        "headline": ["Gold falls"],
        "published": ["2020-03-02T14:05:00+02:00"],
    }

    plain, late = read(**columns), read(Told(delay=timedelta(minutes=15)), **columns)

    assert seen(plain) == [at("2020-03-02T12:05:00")]
    assert seen(late) == [at("2020-03-02T12:20:00")]
    assert late.frame["event_at"].to_list() == [at("2020-03-02T12:05:00")]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (None, "2020-03-03T12:00:00"),
        ("UTC", "2020-03-03T00:00:00"),
        ("America/New_York", "2020-03-03T05:00:00"),
        ("Asia/Tokyo", "2020-03-02T15:00:00"),
    ],
)
def test_a_day_alone_is_first_seen_when_it_is_over(zone: str | None, expected: str) -> None:
    told = Told(clock=None if zone is None else parse_clock(zone))

    found = read(told, title=["Gold falls"], date=["2020-03-02"])

    assert seen(found) == [at(expected)]
    assert found.frame["dated"].to_list() == [True]


def test_in_a_column_of_moments_a_day_alone_is_still_a_day() -> None:
    found = read(
        Told(clock=parse_clock("UTC")),
        headline=["a", "b"],
        date=["2020-03-02", "2020-03-02 09:30"],
    )

    assert seen(found) == [at("2020-03-03T00:00:00"), at("2020-03-02T09:30:00")]


@settings(deadline=None)  # the first zone that is asked for is read from disk
@given(
    day=st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    zone=st.sampled_from(["UTC-12", "America/Sao_Paulo", "Asia/Tokyo", "Pacific/Apia", "UTC+14"]),
)
def test_no_hour_of_a_day_in_its_zone_comes_after_it_was_seen(day: date, zone: str) -> None:
    clock = parse_clock(zone)

    found = read(Told(clock=clock), text=["x"], date=[day])

    last = pl.Series([datetime.combine(day, datetime.max.time())]).dt.epoch("us").to_numpy()
    utc, exists = clock.utc(last)
    if exists[0]:  # a day that a zone skipped, as it moved over the date line, has no hours
        assert seen(found)[0].timestamp() * 1e6 >= utc[0]


def test_times_without_a_zone_are_asked_about_and_read_in_the_one_that_is_said() -> None:
    columns: dict[str, Any] = {
        "headline": ["a", "b"],
        "time": ["2020-07-01 09:30", "2020-07-01T09:30:00Z"],
    }

    found = read(Told(clock=parse_clock("America/New_York")), **columns)

    assert seen(found) == [at("2020-07-01T13:30:00"), at("2020-07-01T09:30:00")]
    with pytest.raises(SettingsError, match="name no zone; say with --zone"):
        read(**columns)


def test_days_are_no_substitute_for_moments_that_stand_beside_them() -> None:
    columns: dict[str, Any] = {
        "text": ["a"],
        "file_date": ["2014-01-01"],
        "created_at": [datetime(2013, 12, 31, 23, 10, tzinfo=UTC)],
    }

    found = read(**columns)

    assert seen(found) == [at("2013-12-31T23:10:00")]
    with pytest.raises(SettingsError, match="'file_date' only names days, but 'created_at'"):
        read(Told(time="file_date"), **columns)


def test_columns_are_found_by_name_the_best_first() -> None:
    found = read(
        Headline=["h"],
        text=["t"],
        date=["2020-01-02"],
        Ticker=["$aapl, MSFT".upper()],
        URL=["https://www.example.org/x"],
    )

    row = found.frame.row(0, named=True)
    assert (row["text"], row["source"], row["tickers"]) == ("h", "example.org", ["AAPL", "MSFT"])
    assert {f.what: f.flag for f in found.findings}["text"] == "--text"


def test_columns_that_are_named_are_taken_and_others_asked_for() -> None:
    columns: dict[str, Any] = {
        "words": ["w"],
        "when": ["2020-01-02"],
        "who": ["desk"],
        "what": ["eurusd"],
    }

    found = read(Told("words", "when", "what", "who"), **columns)
    constant = read(Told("words", "when", "XAUUSD", "Wire"), **columns)

    assert found.frame.row(0, named=True) | {"seen_at": None, "event_at": None} == {
        "event_at": None, "seen_at": None, "source": "desk", "text": "w", "tickers": ["EURUSD"],
        "dated": True,
    }  # fmt: skip
    assert (constant.about, constant.frame["source"].to_list()) == ("XAUUSD", ["Wire"])
    with pytest.raises(SettingsError, match="say it with --text COLUMN"):
        read(when=["2020-01-02"])
    with pytest.raises(SettingsError, match="no column 'wrods'; did you mean words"):
        read(Told(text="wrods"), **columns)


def test_a_subject_in_words_is_no_ticker() -> None:
    found = read(headline=["h", "i"], date=["2020-01-02"] * 2, subject=["bitcoin", "altcoin"])

    assert found.frame["tickers"].to_list() == [[], []]
    assert any("holds no tickers (bitcoin, altcoin)" in f.evidence for f in found.findings)


def test_what_cannot_be_read_is_counted() -> None:
    found = read(headline=["a", None, "  ", "d"], date=["2020-01-02", "2020-01-02", "", "soon"])

    assert found.frame["text"].to_list() == ["a"]
    assert (found.rows, found.without_text, found.without_time) == (4, 2, 1)


def test_a_story_is_never_known_early_by_a_delay() -> None:
    with pytest.raises(SettingsError, match="no story is known early"):
        Told(delay=timedelta(minutes=-1))


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_every_form_of_table_says_the_same(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame({"headline": ["Gold, falling", "b"], "date": ["2020-01-02", "2020-01-03"]})
    file = tmp_path / f"x.{suffix}"
    getattr(frame, f"write_{suffix}")(file)

    found = stories_of(read_raw(file), Told(), "x")

    assert found.frame["text"].to_list() == ["Gold, falling", "b"]
    assert seen(found) == [at("2020-01-03T12:00:00"), at("2020-01-04T12:00:00")]
