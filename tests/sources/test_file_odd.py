"""Files whose rows are fine one by one and wrong together: points, several names, mixed days."""

import math
import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import DataError
from assay.core.instruments import equity, instrument
from assay.core.values.bars import PRICES
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Fetched
from assay.sources.told import Told
from tests.sources.files import BTCUSDT, EURUSD, as_opened, market_bars

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


def test_days_mixed_into_hours_are_refused_as_telling_the_future(tmp_path: Path) -> None:
    opened = with_days_mixed_in(as_opened(market_bars(), "time"))
    opened.write_parquet(tmp_path / "bars.parquet")

    with pytest.raises(DataError, match=r"bars stamped 00:00 end far from .* they tell the future"):
        File(tmp_path / "bars.parquet", "open").bars(EURUSD, Timeframe.H1)


@pytest.mark.parametrize("length", [Timeframe.M15, Timeframe.H1, Timeframe.H4])
def test_bars_that_join_are_left_in_peace(tmp_path: Path, length: Timeframe) -> None:
    made = market_bars(timeframe=length)
    made.frame.write_parquet(tmp_path / "bars.parquet")

    assert len(File(tmp_path / "bars.parquet", "close").bars(EURUSD, length).bars) == len(made)


def test_bars_that_change_their_size_are_refused_with_the_date(tmp_path: Path) -> None:
    hours = market_bars(start="2024-01-01 00:00", end="2024-03-01 00:00").frame
    longer = market_bars(timeframe=Timeframe.H4, start="2024-03-04 00:00", end="2024-04-01 00:00")
    pl.concat([hours, longer.frame]).write_parquet(tmp_path / "bars.parquet")

    with pytest.raises(DataError, match=r"change their size: about 2024-03-\d\d they are 4h bars"):
        File(tmp_path / "bars.parquet", "close").bars(EURUSD, Timeframe.H1)


def test_a_feed_with_holes_does_not_change_its_size(tmp_path: Path) -> None:
    thin = market_bars(timeframe=Timeframe.M5).frame[:600].sample(fraction=0.5, seed=1)
    whole = market_bars(timeframe=Timeframe.M5, start="2024-01-03 00:00").frame
    pl.concat([thin, whole]).unique("time").sort("time").write_parquet(tmp_path / "bars.parquet")

    assert len(File(tmp_path / "bars.parquet", "close").bars(EURUSD, Timeframe.M5).bars)


def unit_of(fetched: Fetched) -> list[tuple[str, str]]:
    return [(f.value, f.evidence) for f in fetched.findings if f.what == "price unit"]


@pytest.mark.parametrize(
    ("symbol", "worth", "value"),
    [("EURUSD", 1e5, "1e-05"), ("USDJPY", 1e3, "0.001"), ("XAUUSD", 1e2, "0.01")],
)
def test_prices_written_as_points_are_divided(
    tmp_path: Path, symbol: str, worth: float, value: str
) -> None:
    right = market_bars(symbol).frame
    points = right.with_columns((pl.col(name) * worth).round() for name in PRICES)
    points.write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet", "close").bars(instrument(symbol), Timeframe.H1)

    ((unit, said),) = unit_of(fetched)
    assert unit == value
    assert "whole numbers" in said
    found, digits = fetched.bars.frame, round(math.log10(worth))
    assert_frame_equal(found, right.with_columns(pl.col(name).round(digits) for name in PRICES))


def test_prices_of_another_instrument_are_refused(tmp_path: Path) -> None:
    wrong = market_bars().frame.with_columns(pl.col(name) * 98.7 for name in PRICES)
    wrong.write_parquet(tmp_path / "bars.parquet")

    with pytest.raises(DataError, match=r"EURUSD trades between 0\.2 and 5: is it the right file"):
        File(tmp_path / "bars.parquet", "close").bars(EURUSD, Timeframe.H1)


def test_a_unit_is_what_a_person_says(tmp_path: Path) -> None:
    right = market_bars().frame
    right.with_columns(pl.col(name) * 8 for name in PRICES).write_parquet(tmp_path / "bars.parquet")

    told = Told.of(stamp="close", price_unit=0.125)
    fetched = File(tmp_path / "bars.parquet", told=told).bars(EURUSD, Timeframe.H1)

    assert_frame_equal(fetched.bars.frame, right)
    assert unit_of(fetched) == [("0.125", "you said so")]


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
def test_the_real_file_with_days_mixed_in_is_refused() -> None:
    path = HOME / "quirks/XAUUSD_H1_with_daily_bars_2019-2021.csv.gz"

    with pytest.raises(DataError, match=r"longer bars \(of a whole day\) are mixed in"):
        File(path, "open").bars(instrument("XAUUSD"), Timeframe.H1)


@real_data
def test_the_real_file_of_many_shares_names_its_column() -> None:
    with pytest.raises(DataError, match=r"in its column 'ticker'"):
        File(HOME / "stocks/stocknet_prices.parquet").bars(equity("AAPL"), Timeframe.D1)
