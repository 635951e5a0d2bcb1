"""Splits on the way into the store: never in silence, never lost, never done twice."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import DataError, SettingsError
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.workflows.check import check_series
from assay.workflows.data import list_series, resample_series
from assay.workflows.desk import Desk
from assay.workflows.imported import Imported
from assay.workflows.imports import import_file
from tests.sources.test_splits import first_bar, share_bars, unadjusted
from tests.workflows.workspace import HandClock, open_at

TRUE = share_bars()
"""The share as if it had never split."""
DAY = date(2021, 4, 5)
RAW = unadjusted(TRUE, first_bar(TRUE, DAY), 4, 1)
NEW_YORK = calendar("XNYS")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_at(tmp_path / "home", datetime(2022, 6, 1, tzinfo=UTC))


def imported(desk: Desk, frame: pl.DataFrame, *, adjust: bool = False) -> Imported:
    """Import `frame` as the share's quarter hours, a minute after whatever came before."""
    path = desk.home.parent / "share.parquet"
    frame.write_parquet(path)
    assert isinstance(desk.clock, HandClock)
    desk.clock.at += timedelta(minutes=1)
    return import_file(
        desk,
        path,
        "SHARE",
        Timeframe.M15,
        stamp="close",
        asset_class=AssetClass.EQUITY,
        adjust_splits=adjust,
    )


def stored(desk: Desk, timeframe: Timeframe = Timeframe.M15) -> pl.DataFrame:
    return desk.bars.read(desk.instrument("SHARE"), timeframe).frame


def codes(done: Imported) -> list[str]:
    return [note.code for note in done.notes if note.code.startswith(("split", "no_split"))]


def test_a_split_is_named_first_and_stored_as_it_is(desk: Desk) -> None:
    done = imported(desk, RAW.frame)

    assert done.notes[0].code == "split"
    assert "2021-04-05" in done.notes[0].sentence
    assert "4-for-1" in done.notes[0].sentence
    assert "--adjust-splits" in done.notes[0].sentence
    assert not done.splits_adjusted
    assert_frame_equal(stored(desk), RAW.frame, check_exact=True)
    (found,) = check_series(desk, "SHARE", Timeframe.M15).splits
    assert (found.day, found.new, found.old) == (DAY, 4, 1)


def test_adjusted_on_request_it_is_said_in_notes_and_list(desk: Desk) -> None:
    done = imported(desk, RAW.frame, adjust=True)

    assert codes(done) == ["split_adjusted"]
    assert (done.added, done.renewed, done.splits_adjusted) == (len(RAW), 0, True)
    assert_frame_equal(stored(desk), TRUE.frame, rel_tol=1e-12)
    assert check_series(desk, "SHARE", Timeframe.M15).splits == ()
    assert list_series(desk)[0].source == "file:share.parquet, splits adjusted"


def test_json_names_the_splits(desk: Desk) -> None:
    said = imported(desk, RAW.frame, adjust=True).to_json()

    assert said["splits_adjusted"] is True
    assert [(s["date"], s["new"], s["old"]) for s in said["splits"]] == [("2021-04-05", 4, 1)]


def test_stored_bars_are_adjusted_later_and_the_version_before_stays(desk: Desk) -> None:
    imported(desk, RAW.frame)
    before = desk.clock.now()

    done = imported(desk, RAW.frame, adjust=True)

    earlier = RAW.frame.filter(pl.col("time") < first_bar(TRUE, DAY)).height
    assert (done.added, done.renewed) == (0, earlier)
    assert_frame_equal(stored(desk), TRUE.frame, rel_tol=1e-12)
    then = desk.bars.read(desk.instrument("SHARE"), Timeframe.M15, known_at=before).frame
    assert_frame_equal(then, RAW.frame, check_exact=True)
    (reason,) = check_series(desk, "SHARE", Timeframe.M15).corrections
    assert "adjusted for splits (4-for-1 on 2021-04-05) with file:share.parquet" in reason


@pytest.mark.parametrize("first", ["before the split", "after the split"])
def test_a_file_that_comes_in_parts_ends_as_one_that_came_whole(desk: Desk, first: str) -> None:
    away = timedelta(days=-3 if first == "before the split" else 3)
    part = RAW.frame.filter(pl.col("time") < first_bar(TRUE, DAY) + away)

    imported(desk, part, adjust=True)
    for _ in range(2):
        last = imported(desk, RAW.frame, adjust=True)

    assert (last.added, last.renewed) == (0, 0)
    assert codes(last) == ["split_adjusted"]
    assert_frame_equal(stored(desk), TRUE.frame, rel_tol=1e-12)


def test_a_file_that_starts_where_the_stored_bars_end_shows_its_seam(desk: Desk) -> None:
    at = first_bar(TRUE, DAY)
    imported(desk, RAW.frame.filter(pl.col("time") < at))

    after = imported(desk, RAW.frame.filter(pl.col("time") >= at))
    adjusted = imported(desk, RAW.frame.filter(pl.col("time") >= at), adjust=True)

    assert codes(after) == ["split"]
    assert codes(adjusted) == ["split_adjusted"]
    assert_frame_equal(stored(desk), TRUE.frame, rel_tol=1e-12)


def test_an_unadjusted_file_over_adjusted_bars_is_refused_with_the_way_out(desk: Desk) -> None:
    imported(desk, RAW.frame, adjust=True)

    with pytest.raises(DataError, match=r"4-for-1 split on 2021-04-05.*say --adjust-splits"):
        imported(desk, RAW.frame)

    assert_frame_equal(stored(desk), TRUE.frame, rel_tol=1e-12)


@pytest.mark.parametrize("column", ["close", "volume"])
def test_a_file_that_differs_by_more_than_its_splits_changes_nothing(
    desk: Desk, column: str
) -> None:
    imported(desk, RAW.frame)
    number = pl.int_range(pl.len())
    other = RAW.frame.with_columns(
        pl.when(number == 700).then(pl.col(column) * 1.0001).otherwise(pl.col(column))
    )

    with pytest.raises(DataError, match=r"1 of .* bars .* differ .* more than their splits"):
        imported(desk, other, adjust=True)

    assert_frame_equal(stored(desk), RAW.frame, check_exact=True)


def test_nothing_to_adjust_is_said(desk: Desk) -> None:
    done = imported(desk, TRUE.frame, adjust=True)

    assert codes(done) == ["no_split"]
    assert list_series(desk)[0].source == "file:share.parquet"
    assert_frame_equal(stored(desk), TRUE.frame, check_exact=True)


def test_only_a_share_may_be_adjusted(desk: Desk) -> None:
    path = desk.home.parent / "index.parquet"
    RAW.frame.write_parquet(path)

    with pytest.raises(SettingsError, match="Only shares split: US500 is of class index"):
        import_file(
            desk,
            path,
            "US500",
            Timeframe.M15,
            stamp="close",
            asset_class=AssetClass.INDEX,
            adjust_splits=True,
        )

    assert list_series(desk) == []


def test_longer_bars_are_made_again_when_the_shorter_were_adjusted(desk: Desk) -> None:
    imported(desk, RAW.frame)
    first = resample_series(desk, "SHARE", Timeframe.M15, Timeframe.H1)
    imported(desk, RAW.frame, adjust=True)
    assert isinstance(desk.clock, HandClock)
    desk.clock.at += timedelta(minutes=1)

    again = resample_series(desk, "SHARE", Timeframe.M15, Timeframe.H1)
    once_more = resample_series(desk, "SHARE", Timeframe.M15, Timeframe.H1)

    hours = Bars(desk.instrument("SHARE"), Timeframe.M15, stored(desk))
    oracle = resample(hours, Timeframe.H1, NEW_YORK).frame
    assert first.renewed == 0 == again.added
    assert 0 < again.renewed < first.added
    assert (once_more.added, once_more.renewed) == (0, 0)
    assert_frame_equal(stored(desk, Timeframe.H1), oracle, check_exact=True)
    (reason,) = check_series(desk, "SHARE", Timeframe.H1).corrections
    assert "made again of 15m bars, which were adjusted for splits" in reason


def test_longer_bars_that_came_from_a_file_are_not_overwritten(desk: Desk) -> None:
    imported(desk, RAW.frame)
    hourly = resample(RAW, Timeframe.H1, NEW_YORK)
    desk.bars.append(hourly, source="file:hours.csv", known_at=desk.clock.now())
    imported(desk, RAW.frame, adjust=True)

    with pytest.raises(DataError, match="differ from those stored"):
        resample_series(desk, "SHARE", Timeframe.M15, Timeframe.H1)

    assert_frame_equal(stored(desk, Timeframe.H1), hourly.frame, check_exact=True)


def test_years_show_where_a_feed_is_thin_and_what_its_volume_is(desk: Desk) -> None:
    times = NEW_YORK.expected_closes(
        Timeframe.H1, datetime(2021, 12, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC)
    )
    kept = times.filter((times.dt.year() == 2021) | (times.dt.day() % 2 == 0))
    year = kept.dt.year().cast(pl.Float64)
    frame = pl.DataFrame({"time": kept, **dict.fromkeys(("open", "high", "low", "close"), 9.0)})
    imported(desk, RAW.frame)
    desk.bars.append(
        Bars(desk.instrument("SHARE"), Timeframe.H1, frame.with_columns(volume=year)),
        source="test",
        known_at=desk.clock.now(),
    )

    found = check_series(desk, "SHARE", Timeframe.H1)

    assert [(y.year, y.volume) for y in found.years] == [(2021, 2021.0), (2022, 2022.0)]
    assert found.years[0].coverage == 1.0
    assert 0.3 < found.years[1].coverage < 0.7
    assert sum(y.rows for y in found.years) == found.rows
    assert sum(y.expected for y in found.years) == found.expected
    assert sum(y.missing for y in found.years) == found.missing
    assert (found.outside, found.outside_span) == (0, None)
