"""Files whose rows are fine one by one and wrong together: points, several names, mixed days."""

import os
from pathlib import Path

import polars as pl
import pytest

from assay.core.errors import DataError
from assay.core.instruments import equity, instrument
from assay.core.values.bars import PRICES
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Fetched
from tests.sources.files import BTCUSDT, EURUSD, as_opened, market_bars
from tests.sources.test_file_real import ROWS, known, timeframe

HOME = Path(
    os.environ.get("ASSAY_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared/data")
)
real_data = pytest.mark.skipif(
    not HOME.is_dir(), reason=f"the shared development data are not at {HOME}"
)


def with_days_mixed_in(frame: pl.DataFrame) -> pl.DataFrame:
    """Return hours of which the one opening at 00:00 holds its whole day, as some feeds have it."""
    day = pl.col("time").dt.date()
    stands_for_day = pl.col("time").dt.hour() == 0
    whole = {
        "high": pl.col("high").max().over(day),
        "low": pl.col("low").min().over(day),
        "close": pl.col("close").last().over(day),
        "volume": pl.col("volume").sum().over(day),
    }
    return frame.with_columns(
        pl.when(stands_for_day).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in whole.items()
    )


def joints(fetched: Fetched) -> list[str]:
    return [note.sentence for note in fetched.notes if note.code == "broken_joints"]


def test_days_mixed_into_hours_are_named_as_telling_the_future(tmp_path: Path) -> None:
    opened = with_days_mixed_in(as_opened(market_bars(), "time"))
    opened.write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet", "open").bars(EURUSD, Timeframe.H1)

    (said,) = joints(fetched)
    assert fetched.notes[0].sentence == said, "it is shown first"
    assert "bars that close at 01:00 UTC" in said
    assert "such bars tell the future" in said


@pytest.mark.parametrize("length", [Timeframe.M15, Timeframe.H1, Timeframe.H4])
def test_bars_that_join_are_left_in_peace(tmp_path: Path, length: Timeframe) -> None:
    market_bars(timeframe=length).frame.write_parquet(tmp_path / "bars.parquet")

    assert joints(File(tmp_path / "bars.parquet", "close").bars(EURUSD, length)) == []


def test_prices_written_as_points_are_refused_with_the_divisor(tmp_path: Path) -> None:
    points = market_bars().frame.with_columns((pl.col(name) * 1e5).round() for name in PRICES)
    points.write_parquet(tmp_path / "bars.parquet")

    with pytest.raises(DataError, match=r"EURUSD never traded.*divide them \(by 100,000"):
        File(tmp_path / "bars.parquet", "close").bars(EURUSD, Timeframe.H1)


def test_a_coin_may_cost_as_much_as_it_likes(tmp_path: Path) -> None:
    dear = market_bars("BTCUSDT").frame.with_columns(pl.col(name) * 1e5 for name in PRICES)
    dear.write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet", "close").bars(BTCUSDT, Timeframe.H1)

    assert len(fetched.bars) == dear.height


@pytest.mark.parametrize("column", ["ticker", "Symbol"])
def test_a_file_of_several_names_says_so(tmp_path: Path, column: str) -> None:
    one = market_bars().frame
    names = [one.with_columns(pl.lit(name).alias(column)) for name in ("EURUSD", "GBPUSD")]
    pl.concat(names).write_parquet(tmp_path / "two.parquet")
    names[0].write_parquet(tmp_path / "one.parquet")

    with pytest.raises(DataError, match=rf"2 instruments in its column '{column}' \(EURUSD, GBP"):
        File(tmp_path / "two.parquet", "close").bars(EURUSD, Timeframe.H1)
    assert len(File(tmp_path / "one.parquet", "close").bars(EURUSD, Timeframe.H1).bars) == len(one)


def named(frame: pl.DataFrame, name: str | None, folder: Path) -> list[str]:
    """Return what is noted about the name of bars whose ticker says `name` and once nothing."""
    blank = pl.int_range(pl.len()) == 7
    text = pl.when(blank).then(pl.lit('" "')).otherwise(pl.lit(name))
    frame.with_columns(ticker=text).write_csv(folder / "bars.csv", quote_style="never")
    fetched = File(folder / "bars.csv", "close").bars(EURUSD, Timeframe.H1)
    assert len(fetched.bars) == frame.height
    return [note.sentence for note in fetched.notes if note.code == "other_name"]


@pytest.mark.parametrize("same", ["EURUSD", "eur/usd", "EURUSD=X", " C:EURUSD.r", None])
def test_a_name_that_means_the_instrument_is_left_in_peace(
    tmp_path: Path, same: str | None
) -> None:
    assert named(market_bars().frame, same, tmp_path) == []


def test_the_name_of_another_instrument_is_said(tmp_path: Path) -> None:
    (said,) = named(market_bars().frame, "GBPUSD", tmp_path)

    assert said.startswith("The column 'ticker' says 'GBPUSD', but the bars were taken as EURUSD")


@real_data
@pytest.mark.parametrize("name", [name for name in ROWS if "_1m_" not in name])
def test_no_real_series_of_bars_is_doubted(name: str) -> None:
    fetched = File(HOME / f"{name}.parquet").bars(known(name), timeframe(name))

    assert joints(fetched) == []


@real_data
def test_the_real_file_with_days_mixed_in_is_doubted() -> None:
    path = HOME / "quirks/XAUUSD_H1_with_daily_bars_2019-2021.csv.gz"

    (said,) = joints(File(path, "open").bars(instrument("XAUUSD"), Timeframe.H1))

    assert said.startswith("213 of 537 bars that close at 01:00 UTC")


@real_data
def test_the_real_file_in_points_is_refused() -> None:
    path = HOME / "quirks/GBPUSD_2018-03-04_2018-03-30/ejtrader_h1.csv"

    with pytest.raises(DataError, match=r"lie around 1\d\d,\d{3}.*look like points"):
        File(path, "open").bars(instrument("GBPUSD"), Timeframe.H1)


@real_data
def test_the_real_file_of_many_shares_names_its_column() -> None:
    with pytest.raises(DataError, match=r"in its column 'ticker'"):
        File(HOME / "stocks/stocknet_prices.parquet").bars(equity("AAPL"), Timeframe.D1)
