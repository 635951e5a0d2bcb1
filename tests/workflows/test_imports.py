"""Importing anybody's files: looked at, asked about, stored in order, none of them harmed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError, DataError, NotFoundError, SettingsError
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.told import Told
from assay.workflows import imports
from assay.workflows.desk import Desk
from assay.workflows.imported import Refused, Wanted
from assay.workflows.imports import files_of, import_file, import_files, look_at
from assay.workflows.looking import MOST_INSTRUMENTS
from tests.sources.files import as_opened, market_bars
from tests.workflows.workspace import open_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPRING = ("2024-01-01 00:00", "2024-06-01 00:00")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_at(tmp_path / "home", NOW)


def prices(folder: Path, name: str, bars: Bars, *, hours: int = 0) -> Path:
    """Write bars as a CSV stamped with opens that are `hours` ahead of UTC and name no zone."""
    frame = as_opened(bars, "time").with_columns(
        (pl.col("time") + pl.duration(hours=hours)).dt.replace_time_zone(None)
    )
    folder.mkdir(exist_ok=True)
    frame.write_csv(folder / name)
    return folder / name


def stored(desk: Desk, symbol: str, timeframe: Timeframe = Timeframe.H1) -> pl.DataFrame:
    return desk.bars.read(desk.instrument(symbol), timeframe).frame


def reasons(refused: Sequence[Refused]) -> list[str]:
    return [str(one.error) for one in refused]


def test_a_folder_is_one_run_and_a_broken_file_harms_no_other(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    prices(folder, "EURUSD_1h.csv", market_bars())
    prices(folder, "GBPUSD_H4.csv", market_bars("GBPUSD", Timeframe.H4))
    (folder / "USDJPY_1h.csv").write_text("half a fi")
    (folder / "notes.md").write_text("# what these are")
    (folder / ".hidden.csv").write_text("nothing")

    run = import_files(desk, [folder], Wanted())
    again = import_files(desk, [folder], Wanted())

    assert [(done.symbol, done.timeframe) for done in run.imported] == [
        ("EURUSD", "1h"),
        ("GBPUSD", "4h"),
    ]
    assert [Path(one.name).name for one in run.refused] == ["USDJPY_1h.csv"]
    assert_frame_equal(stored(desk, "EURUSD"), market_bars().frame)
    assert [done.added for done in again.imported] == [0, 0]


def test_parts_of_a_series_go_in_oldest_first_whatever_their_names(
    desk: Desk, tmp_path: Path
) -> None:
    whole = market_bars(start=SPRING[0], end=SPRING[1])
    half = whole.frame["time"][len(whole) // 2]
    late = Bars(whole.instrument, whole.timeframe, whole.frame.filter(pl.col("time") > half))
    prices(tmp_path / "parts", "EURUSD_1h_a.csv", late)
    prices(tmp_path / "parts", "EURUSD_1h_b.csv", whole.until(half))

    run = import_files(desk, [tmp_path / "parts"], Wanted())

    assert not run.refused
    assert_frame_equal(stored(desk, "EURUSD"), whole.frame)


def test_a_file_whose_clock_is_not_clear_is_read_by_what_came_in_with_it(
    desk: Desk, tmp_path: Path
) -> None:
    flat = market_bars(start="2024-03-01 00:00", end="2024-04-20 00:00")
    chance = pl.Series(range(len(flat))).hash(7).cast(pl.Float64) / 2**64
    frame = flat.frame.with_columns(
        pl.col(name) * (1 + 0.002 * chance.cum_sum().sin())
        for name in ("open", "high", "low", "close")
    )
    walk = Bars(flat.instrument, flat.timeframe, frame)
    athens = as_opened(walk, "time").with_columns(
        pl.col("time").dt.convert_time_zone("Europe/Athens").dt.replace_time_zone(None)
    )
    no_seam = athens.filter(pl.col("time").dt.hour() != 23).rename({"volume": "tick_volume"})
    folder = tmp_path / "both"
    folder.mkdir()
    no_seam.write_csv(folder / "EURUSD_1h.csv")
    alone = import_files(desk, [folder], Wanted())

    longer = resample(walk, Timeframe.H4, calendar("FX"))
    as_opened(longer).write_parquet(folder / "EURUSD_4h.parquet")
    together = import_files(desk, [folder], Wanted())

    assert not alone.imported
    assert "--clock" in reasons(alone.refused)[0]
    assert not together.refused
    kept = frame.join(stored(desk, "EURUSD"), on="time", how="semi")
    assert kept.height == no_seam.height
    assert_frame_equal(stored(desk, "EURUSD"), kept)


def test_a_table_of_several_instruments_becomes_a_series_each(desk: Desk, tmp_path: Path) -> None:
    one, two = market_bars("EURUSD"), market_bars("USDJPY")
    frames = [
        as_opened(bars).with_columns(symbol=pl.lit(bars.instrument.symbol)) for bars in (one, two)
    ]
    pl.concat(frames).write_parquet(tmp_path / "panel.parquet")

    run = import_files(desk, [tmp_path / "panel.parquet"], Wanted())

    assert [done.symbol for done in run.imported] == ["EURUSD", "USDJPY"]
    assert_frame_equal(stored(desk, "USDJPY"), two.frame)


def test_one_of_several_instruments_can_be_asked_for(desk: Desk, tmp_path: Path) -> None:
    frames = [
        as_opened(market_bars(name)).with_columns(symbol=pl.lit(name))
        for name in ("EURUSD", "USDJPY")
    ]
    pl.concat(frames).write_parquet(tmp_path / "panel.parquet")

    run = import_files(desk, [tmp_path / "panel.parquet"], Wanted(symbol="usd/jpy"))
    other = import_files(desk, [tmp_path / "panel.parquet"], Wanted(symbol="GBPUSD"))

    assert [done.symbol for done in run.imported] == ["USDJPY"]
    assert "holds 2 instruments, but not GBPUSD" in reasons(other.refused)[0]


def test_very_many_instruments_are_not_taken_without_being_asked_for(
    desk: Desk, tmp_path: Path
) -> None:
    every = [f"S{number}" for number in range(MOST_INSTRUMENTS + 1)]
    rows = as_opened(market_bars())[: len(every)].with_columns(symbol=pl.Series(every))
    rows.write_parquet(tmp_path / "all.parquet")

    run = import_files(desk, [tmp_path / "all.parquet"], Wanted())

    assert "say which with --symbol" in reasons(run.refused)[0]


def test_bars_that_have_not_closed_are_left_out_with_a_note(tmp_path: Path) -> None:
    bars = market_bars()
    desk = open_at(tmp_path / "home", bars.last_time - timedelta(minutes=90))
    path = prices(tmp_path / "files", "EURUSD_1h.csv", bars)

    done = import_file(desk, path)

    assert done.bars == len(bars) - 2
    assert "The last 2 bars were left out" in done.notes[0].sentence


def test_looking_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    path = prices(tmp_path / "files", "EURUSD_1h.csv", market_bars())

    looks, refused = look_at(desk, [path], Wanted())

    assert len(looks) == 1
    assert not refused
    assert not desk.bars.series()


def test_more_bars_than_are_kept_are_read_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "KEPT_BARS", 10)
    path = prices(tmp_path / "files", "EURUSD_1h.csv", market_bars())

    run = import_files(desk, [path], Wanted())

    assert not run.refused, reasons(run.refused)
    assert_frame_equal(stored(desk, "EURUSD"), market_bars().frame)


def test_a_class_for_one_symbol_names_it_in_a_file(desk: Desk, tmp_path: Path) -> None:
    bars = market_bars(timeframe=Timeframe.H1)
    path = prices(tmp_path / "files", "prices_of_DAX_1h_old.csv", bars)
    wanted = Wanted(classes={"DAX": AssetClass.INDEX}, told=Told.of(stamp="open", clock="UTC"))

    run = import_files(desk, [path], wanted)

    assert [done.symbol for done in run.imported] == ["DAX"]
    assert desk.instrument("DAX").asset_class is AssetClass.INDEX


@pytest.mark.parametrize(
    ("symbol", "kind", "tick"),
    [("EURSEK", AssetClass.FX, "0.00001"), ("XAGUSD", AssetClass.METAL, "0.001"),
     ("SOLUSDT", AssetClass.CRYPTO, "0.0001"), ("BTC/USDT:USDT", AssetClass.CRYPTO, "0.0001")],
)  # fmt: skip
def test_pairs_metals_and_coins_need_no_class(
    desk: Desk, tmp_path: Path, symbol: str, kind: AssetClass, tick: str
) -> None:
    frame = as_opened(market_bars()).with_columns(
        pl.col(name) * 20 for name in ("open", "high", "low", "close")
    )
    frame.write_parquet(tmp_path / "bars.parquet")

    done = import_file(desk, tmp_path / "bars.parquet", symbol)

    made = desk.instrument(done.symbol)
    assert made.asset_class is kind
    assert str(made.tick) == tick


@pytest.mark.parametrize(
    ("name", "wanted", "error", "said"),
    [
        ("some_prices.csv", Wanted(), SettingsError, "say it with --symbol"),
        ("EURUSD_4h.csv", Wanted(), SettingsError, "is called 4h bars, but its usual step is 1h"),
        ("EURUSD.csv", Wanted(timeframe=Timeframe.M5), DataError, "was said to hold 5m bars"),
        ("ZZZZ_1h.csv", Wanted(), NotFoundError, "--class equity or --class index"),
        ("EURUSD.csv", Wanted(adjust_splits=True), SettingsError, "Only shares split"),
        ("AAPL.csv", Wanted(classes={"AAPL": AssetClass.EQUITY}, venue_calendar="MARS"),
         NotFoundError, "No calendar is called 'MARS'"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_asked_for(
    desk: Desk, tmp_path: Path, name: str, wanted: Wanted, error: type[AssayError], said: str
) -> None:
    path = prices(tmp_path / "files", name, market_bars())

    run = import_files(desk, [path], wanted)

    (refused,) = run.refused
    assert isinstance(refused.error, error)
    assert said in str(refused.error)
    assert not desk.bars.series()


def test_a_glob_or_folder_with_nothing_in_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(NotFoundError, match="No file matches"):
        files_of([tmp_path / "*.csv"])
    with pytest.raises(NotFoundError, match="no file of data"):
        files_of([tmp_path / "empty"])


def test_a_file_named_like_a_glob_is_itself(tmp_path: Path) -> None:
    odd = tmp_path / "EURUSD[1].csv"
    odd.write_text("x")

    assert files_of([odd, odd]) == [odd]


def test_what_is_asked_for_is_settled_before_a_file_is_read(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--calendar is for shares and indices"):
        look_at(desk, [tmp_path / "no"], Wanted(symbol="EURSEK", venue_calendar="XNYS"))
