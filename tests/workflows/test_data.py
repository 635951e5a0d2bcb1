"""Bars come in from files, once; they are listed, shown, checked and made into longer ones."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import DataError, NotFoundError, SettingsError
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.workflows.check import check_series
from assay.workflows.data import list_series, resample_series, show_bars
from assay.workflows.imports import import_file
from tests.factories import make_bars
from tests.workflows.workspace import open_at


def as_parquet(bars: Bars, folder: Path) -> Path:
    path = folder / "bars.parquet"
    bars.frame.write_parquet(path)
    return path


def as_csv(bars: Bars, folder: Path) -> Path:
    path = folder / "bars.csv"
    time = pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S+00:00")
    bars.frame.with_columns(time).write_csv(path)
    return path


def as_gzip(bars: Bars, folder: Path) -> Path:
    path = folder / "bars.csv.gz"
    path.write_bytes(gzip.compress(as_csv(bars, folder).read_bytes()))
    return path


@pytest.mark.parametrize("write", [as_parquet, as_csv, as_gzip])
def test_what_comes_out_is_what_was_in_the_file(
    tmp_path: Path, write: Callable[[Bars, Path], Path]
) -> None:
    bars, desk = make_bars(500), open_at(tmp_path / "home")

    done = import_file(desk, write(bars, tmp_path), "eurusd", Timeframe.H1, stamp="close")

    assert (done.symbol, done.bars, done.added) == ("EURUSD", 500, 500)
    assert (done.first, done.last) == (bars.frame["time"][0], bars.last_time)
    stored = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1).frame
    assert_frame_equal(stored, bars.frame, check_exact=write is as_parquet)


def test_bars_stamped_with_their_open_are_moved_to_their_close(tmp_path: Path) -> None:
    bars, desk = make_bars(100), open_at(tmp_path / "home")

    done = import_file(desk, as_parquet(bars, tmp_path), "EURUSD", Timeframe.H1, stamp="open")

    assert done.last == bars.last_time + Timeframe.H1.length


def test_importing_twice_adds_nothing_and_a_longer_file_only_what_is_new(tmp_path: Path) -> None:
    bars, desk = make_bars(300), open_at(tmp_path / "home")
    short = Bars(bars.instrument, bars.timeframe, bars.frame.head(200))
    added = [
        import_file(desk, as_parquet(each, tmp_path), "EURUSD", Timeframe.H1, stamp="close").added
        for each in (short, short, bars, bars)
    ]

    assert added == [200, 0, 100, 0]
    (info,) = list_series(desk)
    assert (info.rows, info.corrections) == (300, 0)


def test_a_file_that_contradicts_what_is_stored_changes_nothing(tmp_path: Path) -> None:
    bars, desk = make_bars(300), open_at(tmp_path / "home")
    import_file(desk, as_parquet(bars, tmp_path), "EURUSD", Timeframe.H1, stamp="close")
    other = make_bars(300, seed=8, gaps=False)

    with pytest.raises(DataError):
        import_file(desk, as_parquet(other, tmp_path), "EURUSD", Timeframe.H1, stamp="close")

    stored = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1).frame
    assert_frame_equal(stored, bars.frame)


def test_a_symbol_nobody_knows_says_how_to_say_what_it_is(tmp_path: Path) -> None:
    desk, path = open_at(tmp_path / "home"), as_parquet(make_bars(50), tmp_path)

    with pytest.raises(NotFoundError, match=r"'AAPL'.*--class equity or --class index"):
        import_file(desk, path, "AAPL", Timeframe.H1, stamp="close")
    with pytest.raises(SettingsError, match="FOO is no coin against USDT"):
        import_file(desk, path, "FOO", Timeframe.H1, stamp="close", asset_class=AssetClass.CRYPTO)
    with pytest.raises(NotFoundError, match="No calendar is called 'MARS'"):
        import_file(
            desk,
            path,
            "AAPL",
            Timeframe.H1,
            stamp="close",
            asset_class=AssetClass.EQUITY,
            venue_calendar="MARS",
        )
    assert list_series(desk) == []


def test_a_share_is_remembered_with_its_calendar(tmp_path: Path) -> None:
    desk, bars = open_at(tmp_path / "home"), make_bars(50, timeframe=Timeframe.D1)
    path = as_parquet(bars, tmp_path)

    import_file(
        desk,
        path,
        "shel",
        Timeframe.D1,
        stamp="close",
        asset_class=AssetClass.EQUITY,
        venue_calendar="XLON",
    )

    again = open_at(tmp_path / "home").instrument("SHEL")
    assert (again.asset_class, again.calendar) == (AssetClass.EQUITY, "XLON")
    assert [i.symbol for i in list_series(desk)] == ["SHEL"]


def test_a_file_that_is_refused_defines_no_symbol(tmp_path: Path) -> None:
    desk, path = open_at(tmp_path / "home"), tmp_path / "bars.csv"
    path.write_text("timestamp,open,high,low,close\n2020-01-06 10:00,1,1,1,nothing\n")

    with pytest.raises(DataError, match="None of 1 rows can be read"):
        import_file(desk, path, "NEW", Timeframe.H1, asset_class=AssetClass.INDEX)

    with pytest.raises(NotFoundError, match="'NEW'"):
        desk.instrument("NEW")


def test_a_share_cannot_become_an_index_later(tmp_path: Path) -> None:
    desk = open_at(tmp_path / "home")
    path = as_parquet(make_bars(50, timeframe=Timeframe.D1), tmp_path)
    import_file(desk, path, "SHEL", Timeframe.D1, stamp="close", asset_class=AssetClass.EQUITY)

    with pytest.raises(DataError, match="SHEL is defined already, as equity of XNYS"):
        import_file(desk, path, "SHEL", Timeframe.D1, stamp="close", asset_class=AssetClass.INDEX)

    assert desk.instrument("SHEL").asset_class is AssetClass.EQUITY


def test_a_known_symbol_keeps_its_class_whatever_is_said(tmp_path: Path) -> None:
    desk, path = open_at(tmp_path / "home"), as_parquet(make_bars(50), tmp_path)

    for name in ("EURUSD", "eur/usd"):
        import_file(desk, path, name, Timeframe.H1, stamp="close", asset_class=AssetClass.EQUITY)

    assert desk.instrument("EURUSD").asset_class is AssetClass.FX
    assert [info.symbol for info in list_series(desk)] == ["EURUSD"]


def test_series_are_listed_by_symbol_then_length(tmp_path: Path) -> None:
    desk = open_at(tmp_path)
    for symbol, frame in (("GBPUSD", Timeframe.H1), ("EURUSD", Timeframe.H4), ("EURUSD", "1h")):
        bars = make_bars(30, symbol=symbol, timeframe=Timeframe(frame))
        desk.bars.append(bars, source="test", known_at=desk.clock.now())

    found = [(i.symbol, i.timeframe.value) for i in list_series(desk)]

    assert found == [("EURUSD", "1h"), ("EURUSD", "4h"), ("GBPUSD", "1h")]


def test_the_newest_bars_are_shown(tmp_path: Path) -> None:
    desk, bars = open_at(tmp_path), make_bars(300)
    desk.bars.append(bars, source="test", known_at=desk.clock.now())

    assert_frame_equal(show_bars(desk, "EURUSD", Timeframe.H1, 7), bars.frame.tail(7))
    assert show_bars(desk, "EURUSD", Timeframe.H1, 9_999).height == 300
    with pytest.raises(NotFoundError, match="EURUSD 1h"):
        show_bars(desk, "GBPUSD", Timeframe.H1, 7)


def test_gaps_are_found_and_an_empty_holiday_is_none(tmp_path: Path) -> None:
    desk = open_at(tmp_path)
    whole = make_bars(2_400, gaps=False, start=datetime(2019, 12, 29, 22, tzinfo=UTC))
    first, last = whole.frame["time"][0], whole.last_time
    expected = calendar("FX").expected_closes(Timeframe.H1, first, last).head(2_200)
    kept = whole.frame.head(2_200).with_columns(expected.alias("time"))
    holed = pl.concat([kept[:100], kept[103:700], kept[701:]])
    bars = Bars(whole.instrument, Timeframe.H1, holed)
    desk.bars.append(bars, source="test", known_at=desk.clock.now())

    found = check_series(desk, "EURUSD", Timeframe.H1)

    assert found.outside == 0
    assert found.rows == holed.height
    assert found.missing == found.expected - found.rows == 4
    assert found.coverage == pytest.approx(1 - 4 / 2_200)
    assert [(g.first, g.last, g.bars) for g in found.gaps] == [
        (kept["time"][100], kept["time"][102], 3),
        (kept["time"][700], kept["time"][700], 1),
    ]
    assert found.holidays == (("2020-01-01", "New Year's Day"),)


def test_longer_bars_are_made_once_and_are_those_of_the_core(tmp_path: Path) -> None:
    desk, bars = open_at(tmp_path), make_bars(500)
    desk.bars.append(bars, source="test", known_at=desk.clock.now())
    oracle = resample(bars, Timeframe.H4, calendar("FX")).frame

    done = [resample_series(desk, "EURUSD", Timeframe.H1, Timeframe.H4) for _ in range(2)]

    assert [(one.added, one.renewed) for one in done] == [(oracle.height, 0), (0, 0)]
    stored = desk.bars.read(bars.instrument, Timeframe.H4).frame
    assert_frame_equal(stored, oracle)
    info = desk.bars.info("EURUSD", Timeframe.H4)
    assert info.source == "resampled:1h"
    assert not info.simulated


def test_bars_made_of_simulated_ones_are_simulated(tmp_path: Path) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(make_bars(200), source="s", known_at=desk.clock.now(), simulated=True)

    resample_series(desk, "EURUSD", Timeframe.H1, Timeframe.H4)

    assert desk.bars.info("EURUSD", Timeframe.H4).simulated


def test_shorter_bars_cannot_be_made(tmp_path: Path) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(make_bars(200), source="test", known_at=desk.clock.now())

    with pytest.raises(SettingsError, match="30m"):
        resample_series(desk, "EURUSD", Timeframe.H1, Timeframe.M30)
