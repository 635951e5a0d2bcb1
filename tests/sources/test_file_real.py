"""Real bars: every file of the shared data loads, row for row."""

import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import micros
from assay.core.instruments import equity, index, instrument
from assay.core.resample import resample
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.file_stamp import evidence
from assay.sources.layouts import Stamp

HOME = Path(
    os.environ.get("ASSAY_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared/data")
)
pytestmark = pytest.mark.skipif(
    not HOME.is_dir(), reason=f"the shared development data are not at {HOME}"
)

ROWS = {
    "fx/AUDUSD_1h_2012-2022": 57_598,
    "fx/AUDUSD_5m_2018-2019": 149_214,
    "fx/EURJPY_1h_2012-2022": 57_598,
    "fx/EURUSD_1h_2020-2022": 18_681,
    "fx/EURUSD_1m_2018-2019": 745_077,
    "fx/EURUSD_4h_2007-2022": 24_727,
    "fx/GBPUSD_1h_2012-2022": 57_598,
    "fx/GBPUSD_4h_2007-2022": 24_727,
    "fx/GBPUSD_5m_2018-2019": 149_226,
    "fx/USDJPY_1h_2012-2022": 57_598,
    "fx/USDJPY_4h_2007-2022": 24_746,
    "fx/USDJPY_5m_2018-2019": 149_336,
    "fx/XAGUSD_1h_2011-2022": 70_312,
    "fx/XAUUSD_1h_2012-2022": 57_600,
    "fx/XAUUSD_1m_2018-2019": 706_406,
    "fx/XAUUSD_4h_2007-2022": 25_522,
    "equity/AAPL_15m_2017-2022": 38_645,
    "equity/TSLA_15m_2017-2022": 38_715,
    "equity/US500_1h_2013-2022": 49_244,
    "crypto/BTCUSDT_1h_2017-2022": 46_981,
    "crypto/BTCUSDT_1m_2022-05_2022-06": 87_840,
    "crypto/BTCUSDT_5m_2021-2022": 210_043,
    "crypto/BTCUSDT_PERP_1h_2020-2022": 26_304,
    "crypto/ETHUSDT_1h_2017-2022": 46_981,
    "crypto/ETHUSDT_PERP_1h_2020-2022": 26_304,
}
"""The rows of each file as its publisher's notes count them."""
BID_ASK = "fx/GBPUSD_1m_bid_ask_2012-02"
CLOCK_SHOWS = [
    name
    for name in ROWS
    if not name.startswith("crypto") and "US500" not in name and "XAUUSD_1m" not in name
]
"""Files whose hours show which end is stamped: those that keep their market's hours."""


def known(name: str) -> Instrument:
    symbol = Path(name).name.split("_")[0]
    if symbol in {"AAPL", "TSLA"}:
        return equity(symbol)
    if symbol == "US500":
        return index(symbol)
    if symbol == "XAGUSD":
        return replace(instrument("XAUUSD"), symbol="XAGUSD", base="XAG")
    return instrument(symbol)


def timeframe(name: str) -> Timeframe:
    return next(Timeframe(part) for part in Path(name).name.split("_") if part in set(Timeframe))


def test_no_file_of_bars_is_left_out_of_this_test() -> None:
    folders = ("fx", "crypto", "equity")
    there = {f"{f}/{path.stem}" for f in folders for path in (HOME / f).glob("*.parquet")}

    assert there == {*ROWS, BID_ASK}


SEAMS = {
    "crypto/BTCUSDT_PERP_1h_2020-2022": 1,  # quoted in tenths from 2022-02-15 on
    "crypto/ETHUSDT_1h_2017-2022": 1,  # two publishers joined
    "equity/TSLA_15m_2017-2022": 2,  # two decimals from June to September 2017, else three
    "fx/XAUUSD_1m_2018-2019": 1,  # three decimals from 2018-12-16 on
}
"""How often the writing of a file changes; the others are written alike throughout."""


@pytest.mark.parametrize("name", ROWS)
def test_every_row_becomes_a_bar(name: str) -> None:
    fetched = File(HOME / f"{name}.parquet").bars(known(name), timeframe(name))

    raw = pl.read_parquet(HOME / f"{name}.parquet")
    length = pl.duration(minutes=timeframe(name).minutes)
    assert len(fetched.bars) == ROWS[name] == raw.height
    assert fetched.bars.frame["time"].equals(
        raw.select((pl.col("timestamp") + length).cast(pl.Datetime("us", "UTC")))["timestamp"]
    )
    assert_frame_equal(
        fetched.bars.frame.drop("time"), raw.select("open", "high", "low", "close", "volume")
    )
    lined = [note.code for note in fetched.notes if note.line is not None]
    seams = [code for code in lined if code == "seam"]
    assert len(seams) == SEAMS.get(name, 0)
    assert set(lined) <= {"seam", "partial_bars"}


@pytest.mark.parametrize("name", CLOCK_SHOWS)
def test_hours_of_real_markets_tell_opens_from_closes(name: str) -> None:
    length = timeframe(name).minutes * 60_000_000
    times = micros(pl.read_parquet(HOME / f"{name}.parquet", columns=["timestamp"])["timestamp"])
    market = calendar(known(name).calendar)

    assert evidence(times, timeframe(name), market)[0] is Stamp.OPEN
    assert evidence(times + length, timeframe(name), market)[0] is Stamp.CLOSE


@pytest.mark.parametrize(
    ("name", "extra_share", "missing_share"),
    [
        ("fx/EURUSD_1h_2020-2022", 0.0, 0.003),
        ("fx/AUDUSD_5m_2018-2019", 0.002, 0.002),
        ("fx/XAUUSD_1h_2012-2022", 0.001, 0.006),
        ("fx/XAUUSD_1m_2018-2019", 0.001, 0.004),
        ("equity/AAPL_15m_2017-2022", 0.003, 0.002),
        ("crypto/BTCUSDT_5m_2021-2022", 0.0, 0.001),
    ],
)
def test_real_bars_are_where_the_calendar_expects_them(
    name: str, extra_share: float, missing_share: float
) -> None:
    bars = File(HOME / f"{name}.parquet").bars(known(name), timeframe(name)).bars
    found = bars.frame["time"]

    market = calendar(known(name).calendar)
    expected = market.expected_closes(timeframe(name), found[0], found[-1])

    extra = found.filter(~found.is_in(expected.implode()))
    missing = expected.filter(~expected.is_in(found.implode()))
    assert len(extra) <= extra_share * len(found)
    assert len(missing) <= missing_share * len(expected)


def test_of_bids_and_asks_the_bids_are_read() -> None:
    path = HOME / f"{BID_ASK}.parquet"

    fetched = File(path).bars(instrument("GBPUSD"), Timeframe.M1)

    assert_frame_equal(
        fetched.bars.frame.select("open", "high", "low", "close"),
        pl.read_parquet(path).select(
            pl.col(f"{name}_bid").alias(name) for name in ("open", "high", "low", "close")
        ),
    )
    assert "bid_prices" in [note.code for note in fetched.notes]


def test_hours_of_five_minutes_are_the_published_ones_nearly_always() -> None:
    name = "crypto/BTCUSDT_5m_2021-2022"
    minutes = File(HOME / f"{name}.parquet").bars(known(name), timeframe(name)).bars
    hourly = File(HOME / "crypto/BTCUSDT_1h_2017-2022.parquet").bars(known(name), Timeframe.H1)

    made = resample(minutes, Timeframe.H1, calendar("CRYPTO"))

    both = made.frame.join(hourly.bars.frame, on="time", suffix="_published")
    assert both.height == len(made) > 17_000
    for column in ("open", "high", "low", "close"):
        assert (both[column] == both[f"{column}_published"]).all()


def test_real_local_offsets_are_moments() -> None:
    path = HOME / "quirks/ETHUSDT_1h_local_offsets_2022.csv.gz"

    bars = File(path).bars(instrument("ETHUSDT"), Timeframe.H1).bars

    steps = bars.frame["time"].diff().drop_nulls()
    assert steps.n_unique() == 1
    spot = File(HOME / "crypto/ETHUSDT_PERP_1h_2020-2022.parquet").bars(
        instrument("ETHUSDT"), Timeframe.H1
    )
    both = bars.frame.join(spot.bars.frame, on="time", suffix="_there")
    assert (both["close"] == both["close_there"]).mean() > 0.99  # type: ignore[operator]  # the mean of booleans


def test_real_days_of_shares_close_with_their_sessions() -> None:
    path = HOME / "stocks/DJIA_daily_2008-2014.csv"

    bars = File(path).bars(index("DJIA", "XNYS"), Timeframe.D1).bars

    market = calendar("XNYS")
    first, last = bars.frame["time"][0], bars.last_time
    assert len(bars) == 1_611
    assert bars.frame["time"].equals(market.expected_closes(Timeframe.D1, first, last))
