"""Stored series of one instrument that came from different files are held against each other."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError
from assay.core.instruments import instrument
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.overlap import Kind
from assay.workflows.beside import compare_stored
from assay.workflows.desk import Desk
from assay.workflows.imports import import_file
from assay.workflows.thin import thin_of
from tests.sources.files import as_opened, market_bars
from tests.sources.test_quality import walk
from tests.workflows.workspace import open_at

H1, H4, D1 = Timeframe.H1, Timeframe.H4, Timeframe.D1
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_at(tmp_path / "home", NOW)


def two_files(desk: Desk, folder: Path, share: float) -> None:
    """Import hours and four hours of one walk; of the hours `share` of the volume is printed."""
    known = instrument("BTCUSDT")
    hours = Bars(known, H1, walk("BTCUSDT"))
    long = resample(hours, H4, calendar(known.calendar))
    for bars in (hours, long):
        factor = share if bars is hours else 1.0
        path = folder / f"BTCUSDT_{bars.timeframe}.parquet"
        as_opened(bars).with_columns(pl.col("volume") * factor).write_parquet(path)
        import_file(desk, path)


def test_a_file_of_little_volume_is_known_by_another_of_longer_bars(
    desk: Desk, tmp_path: Path
) -> None:
    two_files(desk, tmp_path, share=0.0002)
    before = desk.bars.read(desk.instrument("BTCUSDT"), H1).frame

    found = compare_stored(desk, ["BTCUSDT"])

    [one] = found.compared
    assert one.timeframe is H4
    assert (one.source, one.other) == ("file:BTCUSDT_1h.parquet", "file:BTCUSDT_4h.parquet")
    assert [difference.kind for difference in one.overlap.differences] == [Kind.VOLUME]
    assert "prints less than 0.1% of the volume" in one.overlap.differences[0].sentence
    thin = thin_of(desk, "BTCUSDT", H1)
    assert thin is not None
    assert thin.share == pytest.approx(0.0002)
    assert thin_of(desk, "BTCUSDT", H4) is None
    assert_frame_equal(desk.bars.read(desk.instrument("BTCUSDT"), H1).frame, before)


def test_the_longer_bars_may_be_the_thin_ones(desk: Desk, tmp_path: Path) -> None:
    two_files(desk, tmp_path, share=20.0)

    compare_stored(desk)

    assert thin_of(desk, "BTCUSDT", H1) is None
    thin = thin_of(desk, "BTCUSDT", H4)
    assert thin is not None
    assert thin.share == pytest.approx(0.05)


def test_files_that_agree_differ_in_nothing(desk: Desk, tmp_path: Path) -> None:
    two_files(desk, tmp_path, share=1.0)

    [one] = compare_stored(desk).compared

    assert one.overlap.differences == ()
    assert one.overlap.both > 2_000
    assert thin_of(desk, "BTCUSDT", H1) is None


def test_what_was_made_here_is_no_source_of_its_own(desk: Desk, tmp_path: Path) -> None:
    hours = market_bars("BTCUSDT")
    as_opened(hours).write_parquet(tmp_path / "BTCUSDT_1h.parquet")
    import_file(desk, tmp_path / "BTCUSDT_1h.parquet")
    days = resample(hours, D1, calendar(hours.instrument.calendar))
    desk.bars.append(days, source=f"resampled:{H1}", known_at=NOW)

    found = compare_stored(desk)

    assert (found.compared, found.failed) == ((), ())


def test_files_of_different_years_cannot_be_compared_and_are_named(
    desk: Desk, tmp_path: Path
) -> None:
    for timeframe, year in ((H1, 2023), (H4, 2024)):
        bars = market_bars("BTCUSDT", timeframe, f"{year}-01-01 00:00", f"{year}-03-01 00:00")
        as_opened(bars).write_parquet(tmp_path / f"BTCUSDT_{timeframe}.parquet")
        import_file(desk, tmp_path / f"BTCUSDT_{timeframe}.parquet")

    found = compare_stored(desk)

    assert found.compared == ()
    [failed] = found.failed
    assert "in common" in failed.reason


def test_a_symbol_nobody_knows_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        compare_stored(desk, ["NOSUCH"])
