"""Real files as published: each is imported right, or refused with the reason that is known."""

import os
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.instruments import instrument
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.told import Told
from assay.workflows.desk import Desk
from assay.workflows.imported import Imported, Run, Wanted
from assay.workflows.imports import import_files
from tests.workflows.workspace import open_at

HOME = Path(
    os.environ.get("ASSAY_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared/data")
)
pytestmark = pytest.mark.skipif(
    not HOME.is_dir(), reason=f"the shared development data are not at {HOME}"
)
QUIRKS = HOME / "quirks"
SAME_WEEKS = "GBPUSD_2018-03-04_2018-03-30"
INDICES = dict.fromkeys(("DJIA", "US500", "VIX"), AssetClass.INDEX)

READ = [
    ("BTCUSDT-1m-2018-02-08.csv.gz", "BTCUSDT", "1m", "binance", "UTC", 29, "2018-02-08 00:01"),
    ("BTCUSDT-1m-2018-02-09.csv.gz", "BTCUSDT", "1m", "binance", "UTC", 840, "2018-02-09 10:01"),
    ("BTCUSDT-1m-2025-01-01_first60.csv", "BTCUSDT", "1m", "binance", "UTC", 60,
     "2025-01-01 00:01"),
    ("freqtrade_BTC_USDT-1h_2022-09.json", "BTCUSDT", "1h", "freqtrade", "UTC", 720,
     "2022-09-01 01:00"),
    ("ETHUSDT_1h_local_offsets_2022.csv.gz", "ETHUSDT", "1h", "generic", "UTC", 5_544,
     "2022-03-19 23:00"),
    ("histdata_EURUSD_M1_2019-10-20_2019-11-08.csv.gz", "EURUSD", "1m", "histdata",
     "Europe/London-5h", 21_585, "2019-10-20 21:01"),
    (f"{SAME_WEEKS}/histdata_m1.csv.gz", "GBPUSD", "1m", "histdata", "America/New_York", 28_679,
     "2018-03-04 22:01"),
    (f"{SAME_WEEKS}/snow_h4.tsv", "GBPUSD", "4h", "generic", "UTC", 124, "2018-03-05 00:00"),
]  # fmt: skip
REFUSED = [
    ("CPIAUCSL_forced_into_price_schema.csv", "macro series forced into a price table"),
    ("XAUUSD_H1_with_daily_bars_2019-2021.csv.gz", "longer bars (of a whole day) are mixed in"),
    ("ejtrader_GBPUSDh1_raw.csv.gz", "its clock changes on the way"),
    (f"{SAME_WEEKS}/ejtrader_h1.csv", "fit Europe/Athens and America/New_York+7h alike"),
    ("DJIA_dmy_dates_2008-2014.csv.gz", "say it with --symbol"),
]


def one(run: Run) -> Imported:
    assert not run.refused, [str(refused.error) for refused in run.refused]
    (found,) = run.imported
    return found


def found_of(done: Imported, what: str) -> str:
    (value,) = (finding.value for finding in done.findings if finding.what == what)
    return value


def stored(desk: Desk, symbol: str, timeframe: Timeframe) -> pl.DataFrame:
    return desk.bars.read(desk.instrument(symbol), timeframe).frame


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_at(tmp_path / "home", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("name", "symbol", "length", "layout", "clock", "rows", "first"), READ)
def test_an_odd_file_is_imported_right(
    desk: Desk, name: str, symbol: str, length: str, layout: str, clock: str, rows: int, first: str
) -> None:
    done = one(import_files(desk, [QUIRKS / name], Wanted()))

    assert (done.symbol, done.timeframe) == (symbol, length)
    assert (found_of(done, "layout"), found_of(done, "clock")) == (layout, clock)
    assert (done.bars, done.added) == (rows, rows)
    assert f"{done.first:%Y-%m-%d %H:%M}" == first


@pytest.mark.parametrize(("name", "said"), REFUSED)
def test_an_odd_file_is_refused_with_the_reason(desk: Desk, name: str, said: str) -> None:
    run = import_files(desk, [QUIRKS / name], Wanted())

    assert not run.imported
    (refused,) = run.refused
    assert said in str(refused.error)
    assert not desk.bars.series()


@pytest.mark.parametrize(
    ("name", "reference"),
    [(f"{SAME_WEEKS}/ejtrader_h1.csv", "GBPUSD_4h_2007-2022"),
     (f"{SAME_WEEKS}/histdata_m1.csv.gz", "GBPUSD_4h_2007-2022"),
     ("histdata_EURUSD_M1_2019-10-20_2019-11-08.csv.gz", "EURUSD_4h_2007-2022")],
)  # fmt: skip
def test_a_stored_series_tells_the_clock_of_an_odd_file(
    desk: Desk, name: str, reference: str
) -> None:
    one(import_files(desk, [HOME / f"fx/{reference}.parquet"], Wanted()))

    done = one(import_files(desk, [QUIRKS / name], Wanted()))

    made = stored(desk, done.symbol, done.timeframe)
    both = made.join(stored(desk, done.symbol, Timeframe.H4), on="time", suffix="_there")
    apart = (both["close"] / both["close_there"]).log().abs()
    assert both.height > 60
    assert apart.median() < 5e-5  # type: ignore[operator]


def test_the_file_of_points_in_a_server_s_clock_becomes_what_others_made_of_it(desk: Desk) -> None:
    wanted = Wanted(told=Told.of(clock="Europe/Athens"))

    done = one(import_files(desk, [QUIRKS / SAME_WEEKS / "ejtrader_h1.csv"], wanted))

    published = pl.read_parquet(HOME / "fx/GBPUSD_1h_2012-2022.parquet").select(
        (pl.col("timestamp").dt.cast_time_unit("us") + pl.duration(hours=1)).alias("time"),
        "open", "high", "low", "close", "volume",
    )  # fmt: skip
    made = stored(desk, "GBPUSD", Timeframe.H1)
    assert found_of(done, "price unit") == "1e-05"
    assert_frame_equal(made, published.join(made.select("time"), on="time", how="semi"))


def test_a_clock_that_changes_can_be_said(desk: Desk) -> None:
    one(import_files(desk, [HOME / "fx/GBPUSD_4h_2007-2022.parquet"], Wanted()))
    file = QUIRKS / "ejtrader_GBPUSDh1_raw.csv.gz"
    (refused,) = import_files(desk, [file], Wanted()).refused
    assert 'say --clock "Europe/Berlin until 2014-11-21, Europe/Athens"' in str(refused.error)

    told = Told.of(clock="Europe/Berlin until 2014-11-22, Europe/Athens")
    done = one(import_files(desk, [file], Wanted(told=told)))

    made = stored(desk, "GBPUSD", Timeframe.H1)
    both = made.join(stored(desk, "GBPUSD", Timeframe.H4), on="time", suffix="_there")
    right = (both["close"] / both["close_there"]).log().abs() < 5e-5
    assert done.bars > 57_000
    assert right.mean() > 0.9  # type: ignore[operator]  # the mean of booleans


def test_dates_are_read_as_they_prove_to_be(desk: Desk) -> None:
    dmy, iso = QUIRKS / "DJIA_dmy_dates_2008-2014.csv.gz", HOME / "stocks/DJIA_daily_2008-2014.csv"
    wanted = Wanted(symbol="DJIA", asset_class=AssetClass.INDEX, venue_calendar="XNYS")

    done = one(import_files(desk, [dmy], wanted))
    (refused,) = import_files(desk, [iso], wanted).refused

    assert done.bars == 1_611
    assert "date_order" in [note.code for note in done.notes]
    assert "1,339 of 1,611 bars" in str(refused.error), "the same days, rounded otherwise"


def test_everything_goes_in_by_one_command(desk: Desk) -> None:
    wanted = Wanted(asset_class=AssetClass.EQUITY, classes=INDICES)

    run = import_files(desk, [HOME], wanted)
    again = import_files(desk, [HOME], wanted)

    bars = [file for file in HOME.glob("*/*.parquet") if file.parent.name in {"fx", "crypto"}]
    read = {done.file for done in run.imported}
    assert set(bars) <= read
    assert len({(done.symbol, done.timeframe) for done in run.imported}) >= 45
    assert {done.symbol for done in run.imported} >= {"AAPL", "US500", "XAGUSD", "BTCUSDT.P", "KO"}
    assert sum(done.added for done in again.imported) == 0
    assert {refused.name for refused in again.refused} == {refused.name for refused in run.refused}
    reasons = {Path(r.name).name for r in run.refused}
    for kind in ("labels", "news", "macro", "ltsf"):
        assert {file.name for file in (HOME / kind).iterdir()} <= reasons, kind
    assert desk.instrument("XAGUSD").asset_class is AssetClass.METAL
    assert desk.instrument("GBPUSD") == instrument("GBPUSD")
