"""Tables as providers write them, and what is to be made out of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_times import DateOrder
from assay.sources.formats.contract import Stamp
from assay.sources.reading.raw import Raw

OPEN = Stamp.OPEN
USUAL = ("Open", "High", "Low", "Close", "Volume")
LOWER = ("open", "high", "low", "close", "volume")
NUMBERED = tuple(f"column_{number}" for number in range(2, 7))


def table(
    text: str,
    name: str = "",
    *,
    separator: str = ",",
    named: bool = True,
    metadata: Mapping[str, str] | None = None,
    notes: tuple[Note, ...] = (),
) -> Raw:
    """Return the lines of `text` as a table of text columns, as a CSV file gives it."""
    lines = [line.split(separator) for line in text.strip("\n").split("\n")]
    header = lines.pop(0) if named else [f"column_{n}" for n in range(1, len(lines[0]) + 1)]
    frame = pl.DataFrame(lines, schema=dict.fromkeys(header, pl.String), orient="row")
    return raw_of(frame, name, named=named, metadata=metadata, notes=notes)


def raw_of(
    frame: pl.DataFrame,
    name: str = "",
    *,
    named: bool = True,
    metadata: Mapping[str, str] | None = None,
    notes: tuple[Note, ...] = (),
) -> Raw:
    """Return a frame as a table that was read."""
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.UInt32, eager=True)
    return Raw(
        frame, numbers, "row", frame.height, (), notes, metadata or {}, name or "table", named
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """A table, and what its format is to say of it."""

    format: str
    what: str
    raw: Raw
    time: tuple[str, ...]
    roles: Sequence[str]
    first: str
    """The first time that is read, as UTC or as it is written."""
    stamp: Stamp | None = OPEN
    clock: str | None = None
    server: bool = False
    order: DateOrder | None = None
    symbol: str | None = None
    timeframe: Timeframe | None = None
    instruments: str | None = None
    are_dates: bool = False
    codes: tuple[str, ...] = field(default=())
    """Codes of notes beside those of columns that are not used."""


MT5 = """
<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>
2020.01.02\t00:00:00\t1.12120\t1.12175\t1.12104\t1.12165\t1103\t0\t1
2020.01.02\t01:00:00\t1.12165\t1.12200\t1.12128\t1.12190\t1590\t0\t1
"""
MT5_DAYS = """
<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>
2020.01.02\t1.12120\t1.12240\t1.11640\t1.11710\t61103\t0\t1
2020.01.03\t1.11710\t1.11800\t1.11250\t1.11600\t71590\t0\t1
"""
MT4 = """
2020.01.02,00:00,1.12120,1.12175,1.12104,1.12165,1103
2020.01.02,00:01,1.12165,1.12200,1.12128,1.12190,1590
"""
RATES = """
time,open,high,low,close,tick_volume,spread,real_volume
1577923200,1.1212,1.12175,1.12104,1.12165,1103,1,0
1577926800,1.12165,1.122,1.12128,1.1219,1590,1,0
"""
EJTRADER = """
Date,open,high,low,close,tick_volume
2012-11-16 05:00:00,158611.0,158618.0,158572.0,158599.0,1032
2012-11-16 06:00:00,158597.0,158628.0,158573.0,158573.0,1220
"""
HISTDATA = """
20191020 170000;1.116070;1.116120;1.116050;1.116080;0
20191020 170100;1.116080;1.116130;1.116060;1.116060;0
"""
HISTDATA_MT = """
2012.02.01,00:00,1.306600,1.306600,1.306560,1.306560,0
2012.02.01,00:01,1.306570,1.306570,1.306470,1.306560,0
"""
GMT = """
Gmt time,Open,High,Low,Close,Volume
01.01.2019 22:00:00.000,1.14598,1.14676,1.14565,1.14627,1049.53
01.01.2019 23:00:00.000,1.14627,1.14672,1.14571,1.14601,2053.12
"""
LOCAL = """
Local time,Open,High,Low,Close,Volume
13.01.2018 00:00:00.000 GMT+0200,1.20137,1.20158,1.20026,1.20106,185.93
13.01.2018 01:00:00.000 GMT+0200,1.20105,1.20177,1.20092,1.2016,862.53
"""
JFOREX = """
Time (EET),Open,High,Low,Close,Volume\x20
2020.01.02 00:00:00,1.12120,1.12175,1.12104,1.12165,1103.2
2020.01.02 00:15:00,1.12165,1.12200,1.12128,1.12190,1590.1
"""
JFOREX_UTC = JFOREX.replace("EET", "UTC")
NODE = """
timestamp,open,high,low,close,volume
1546380000000,1.14598,1.14676,1.14565,1.14627,1049.53
1546383600000,1.14627,1.14672,1.14571,1.14601,2053.12
"""
YAHOO = """
Date,Open,High,Low,Close,Adj Close,Volume
2020-01-02,74.059998,75.150002,73.797501,75.087502,73.449402,135480400
2020-01-03,null,null,null,null,null,null
"""
YAHOO_OLD = """
Date,Open,High,Low,Close,Volume,Adj Close
31/12/2014,17987.66,18043.22,17820.88,17823.07,82840000,17823.07
30/12/2014,18035.01,18035.01,17959.69,17983.07,47490000,17983.07
"""
YFINANCE = """
Datetime,Open,High,Low,Close,Volume,Dividends,Stock Splits
2022-03-01 09:30:00-05:00,164.69,166.6,164.65,165.5,14512403,0.0,0.0
2022-03-01 10:30:00-05:00,165.5,166.2,163.9,164.2,9891340,0.0,0.0
"""
YFINANCE_DAYS = """
Date,Open,High,Low,Close,Volume,Dividends,Stock Splits
2020-01-02 00:00:00-05:00,71.7,72.7,71.4,72.7,135480400,0.0,0.0
2020-07-02 00:00:00-04:00,71.9,72.7,71.7,72.0,146322800,0.0,0.0
"""
YFINANCE_JOINED = """
Date,Close,High,Low,Open,Volume
2024-01-02,48.17,49.10,47.50,48.00,411254000
2024-01-03,47.58,48.20,47.10,47.90,320896000
"""
STOOQ = """
<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
AAPL.US,5,20211012,153000,142.91,143.1,142.6,142.9,1251346,0
AAPL.US,5,20211012,153500,142.9,143.0,142.7,142.8,851346,0
"""
STOOQ_DAYS = """
<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
AAPL.US,D,20211012,000000,142.91,143.1,142.6,142.9,1251346,0
AAPL.US,D,20211013,000000,142.9,143.0,142.7,142.8,851346,0
"""
STOOQ_DAILY = """
Date,Open,High,Low,Close,Volume
2020-01-02,71.7,72.7,71.4,72.7,139000000
2020-01-03,71.9,72.7,71.7,72.0,150000000
"""
STOOQ_POLISH = """
Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen
2020-03-02,305,324.5,283.5,310,64081
2020-03-03,325.5,340.5,320,340.5,55496
"""
KLINES = """
1518048000000,7599.0,7600.0,7572.09,7587.56,16.948552,1518048059999,128572.68,256,11.2,85418.06,0
1518048060000,7591.34,7630.0,7585.52,7600.0,59.656612,1518048119999,453859.28,553,39.2,298661.76,0
"""
KLINES_2025 = """
1735689600000000,93576.0,93610.9,93537.5,93610.9,8.2,1735693199999999,768978.7,2631,3.9,369757.3,0
1735693200000000,93610.9,93652.0,93606.2,93652.0,12.1,1735696799999999,1136550.5,1237,4.0,3827.5,0
"""
FUTURES = """
open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore
1748736000000,104544.6,104599.6,104277.3,104408.7,3438.5,1748739599999,358998670.7,71534,1691.7,176614558.1,0
1748739600000,104408.7,104500.0,104300.0,104450.0,2438.5,1748743199999,258998670.7,61534,1191.7,126614558.1,0
"""
CANDLES = [
    [1661990400000, 20048.44, 20138.15, 19917.01, 20064.43, 11108.70225],
    [1661994000000, 20064.43, 20185.09, 20051.22, 20127.45, 7942.6587],
]
TRADINGVIEW = """
time,open,high,low,close,Volume,Volume MA,RSI
1577923200,1517.1,1518.2,1516.9,1517.8,1203,1100.5,55.1
1577937600,1517.8,1519.0,1517.0,1518.1,1103,1090.2,56.2
"""
TRADINGVIEW_ISO = """
time,open,high,low,close,Volume
2020-01-02T09:30:00-05:00,74.06,74.5,73.9,74.2,1203000
2020-01-02T09:45:00-05:00,74.2,74.6,74.1,74.5,1103000
"""
TRADINGVIEW_DAYS = """
time,open,high,low,close
2020-01-02,1517.1,1518.2,1516.9,1517.8
2020-01-03,1517.8,1519.0,1517.0,1518.1
"""
ALPACA = """
symbol,timestamp,open,high,low,close,volume,trade_count,vwap
AAPL,2024-01-15T10:00:00Z,150.0,155.0,148.0,153.0,10000,500,151.5
AAPL,2024-01-15T10:01:00Z,153.0,155.0,152.0,154.0,9000,400,153.5
"""
POLYGON = """
ticker,volume,open,close,high,low,window_start,transactions
AAPL,4930,200.29,200.5,200.63,200.29,1744792500000000000,129
MSFT,1815,200.39,200.34,200.61,200.34,1744792560000000000,57
"""
POLYGON_PACKAGE = """
open,high,low,close,volume,vwap,timestamp,transactions,otc
200.29,200.63,200.29,200.5,4930,200.4,1744792500000,129,
200.5,200.61,200.34,200.34,1815,200.4,1744792560000,57,
"""
BID_ASK = """
timestamp,open_bid,high_bid,low_bid,close_bid,open_ask,high_ask,low_ask,close_ask
2012-02-01 00:00:00+00:00,1.57,1.58,1.56,1.57,1.571,1.581,1.561,1.571
2012-02-01 00:01:00+00:00,1.57,1.58,1.56,1.57,1.571,1.581,1.561,1.571
"""
FXCM = """
date,bidopen,bidclose,bidhigh,bidlow,askopen,askclose,askhigh,asklow,tickqty
2017-01-03 00:00:00,117.5,117.6,117.7,117.4,117.52,117.62,117.72,117.42,5120
2017-01-03 01:00:00,117.6,117.5,117.7,117.4,117.62,117.52,117.72,117.42,4120
"""


def _candles(first: str = "date") -> pl.DataFrame:
    times = [datetime(2022, 9, 1, hour, tzinfo=UTC) for hour in (0, 1)]
    prices = {name: [row[place] for row in CANDLES] for place, name in enumerate(LOWER, 1)}
    return pl.DataFrame({first: times, **prices})


def lists(rows: Sequence[Sequence[object]]) -> pl.DataFrame:
    """Return rows as JSON holds them, in columns without names."""
    names = [f"column_{number}" for number in range(1, len(rows[0]) + 1)]
    return pl.DataFrame(rows, schema=names, orient="row")


SHORT = ("o", "h", "l", "c", "v")
REST = {
    "v": [4930.0, 1815.0], "vw": [200.4, 200.4], "o": [200.2, 200.5], "c": [200.5, 200.3],
    "h": [200.6, 200.6], "l": [200.2, 200.3], "t": [1577941200000, 1578027600000], "n": [129, 57],
}  # fmt: skip
GROUPED = {"T": ["AAPL", "MSFT"], **REST, "t": [1577998800000, 1577998800000]}
ALPACA_ANSWER = {
    "t": ["2020-01-02T05:00:00Z", "2020-07-02T04:00:00Z"], "o": [74.0, 91.9], "h": [75.1, 92.6],
    "l": [73.7, 90.9], "c": [75.0, 91.0], "v": [135480400, 114041600], "n": [100, 200],
    "vw": [74.5, 91.5],
}  # fmt: skip
UDF = {
    "t": [1577923200, 1577937600], "o": [1.0, 2.0], "h": [2.0, 3.0], "l": [1.0, 2.0],
    "c": [2.0, 3.0], "v": [10, 20],
}  # fmt: skip
CHART = {
    "timestamp": [1577975400, 1578061800], "open": [74.0, 74.2], "high": [75.1, 75.1],
    "low": [73.7, 74.1], "close": [75.0, 74.3], "volume": [135480400, 146322800],
    "adjclose": [73.4, 72.7],
}  # fmt: skip
OHLC_MT5 = ("<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<TICKVOL>")
OHLC_STOOQ = ("<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>")
ADJUSTED = ("adjustment",)
DAY_FIRST = DateOrder.DAY_FIRST


def _served(
    what: str,
    raw: Raw,
    time: tuple[str, ...],
    roles: Sequence[str],
    first: str,
    *,
    are_dates: bool = False,
) -> Sample:
    codes = ("tick_volume",)
    return Sample(
        "metatrader", what, raw, time, roles, first, server=True, are_dates=are_dates, codes=codes
    )


SAMPLES: Sequence[Sample] = (
    _served("5", table(MT5, "EURUSD_H1.csv", separator="\t"), ("<DATE>", "<TIME>"),
           OHLC_MT5, "2020-01-02 00:00"),
    _served("5, days", table(MT5_DAYS, separator="\t"), ("<DATE>",), OHLC_MT5,
           "2020-01-02 00:00", are_dates=True),
    _served("4", table(MT4, named=False), ("column_1", "column_2"),
           ("column_3", "column_4", "column_5", "column_6", "column_7"), "2020-01-02 00:00"),
    _served("copy_rates", table(RATES), ("time",), (*LOWER[:4], "tick_volume"),
           "2020-01-02 00:00"),
    _served("ejtrader", table(EJTRADER), ("Date",), (*LOWER[:4], "tick_volume"),
           "2012-11-16 05:00"),
    Sample("histdata", "ascii", table(HISTDATA, separator=";", named=False), ("column_1",),
           NUMBERED, "2019-10-20 17:00", server=True, codes=("histdata_clock", "no_volume")),
    Sample("histdata", "for MetaTrader", table(HISTDATA_MT, "DAT_MT_EURUSD_M1_201202.csv",
           named=False), ("column_1", "column_2"),
           ("column_3", "column_4", "column_5", "column_6", "column_7"), "2012-02-01 00:00",
           server=True, codes=("histdata_clock", "no_volume")),
    Sample("dukascopy", "GMT", table(GMT), ("Gmt time",), USUAL, "2019-01-01 22:00", clock="UTC",
           order=DAY_FIRST),
    Sample("dukascopy", "local", table(LOCAL), ("Local time",), USUAL, "2018-01-12 22:00",
           order=DAY_FIRST),
    Sample("dukascopy", "EET", table(JFOREX), ("Time (EET)",), (*USUAL[:4], "Volume "),
           "2020-01-02 00:00", clock="Europe/Athens", order=DAY_FIRST),
    Sample("dukascopy", "UTC", table(JFOREX_UTC), ("Time (UTC)",), (*USUAL[:4], "Volume "),
           "2020-01-02 00:00", clock="UTC", order=DAY_FIRST),
    Sample("dukascopy", "node", table(NODE, "eurusd-h1-ask-2019-01-01-2019-12-31.csv"),
           ("timestamp",), LOWER, "2019-01-01 22:00", clock="UTC", codes=("ask_prices",)),
    Sample("yahoo", "page", table(YAHOO), ("Date",), USUAL, "2020-01-02 00:00", None,
           are_dates=True, codes=ADJUSTED),
    Sample("yahoo", "old page", table(YAHOO_OLD), ("Date",), USUAL, "2014-12-31 00:00", None,
           are_dates=True, codes=ADJUSTED),
    Sample("yahoo", "yfinance", table(YFINANCE), ("Datetime",), USUAL, "2022-03-01 14:30",
           codes=ADJUSTED),
    Sample("yahoo", "yfinance, days", table(YFINANCE_DAYS), ("Date",), USUAL, "2020-01-02 00:00",
           None, are_dates=True, codes=ADJUSTED),
    Sample("yahoo", "yfinance, joined header", table(YFINANCE_JOINED, metadata={"ticker": "NVDA"},
           notes=(Note("joined_header", "Three lines were read as one"),)), ("Date",), USUAL,
           "2024-01-02 00:00", None, symbol="NVDA", are_dates=True, codes=ADJUSTED),
    Sample("yahoo", "chart", raw_of(pl.DataFrame(CHART), metadata={"ticker": "AAPL",
           "dataGranularity": "1d"}), ("timestamp",), LOWER, "2020-01-02 14:30", clock="UTC",
           symbol="AAPL", timeframe=Timeframe.D1, codes=ADJUSTED),
    Sample("stooq", "5 minutes", table(STOOQ), ("<DATE>", "<TIME>"), OHLC_STOOQ,
           "2021-10-12 15:30", server=True, symbol="AAPL.US", timeframe=Timeframe.M5,
           instruments="<TICKER>", codes=("adjustment", "stooq_clock")),
    Sample("stooq", "days", table(STOOQ_DAYS), ("<DATE>",), OHLC_STOOQ, "2021-10-12 00:00", None,
           server=True, symbol="AAPL.US", timeframe=Timeframe.D1, instruments="<TICKER>",
           are_dates=True, codes=ADJUSTED),
    Sample("stooq", "daily", table(STOOQ_DAILY, "aapl_us_d.csv"), ("Date",), USUAL,
           "2020-01-02 00:00", None, are_dates=True, codes=ADJUSTED),
    Sample("stooq", "Polish", table(STOOQ_POLISH), ("Data",),
           ("Otwarcie", "Najwyzszy", "Najnizszy", "Zamkniecie", "Wolumen"), "2020-03-02 00:00",
           None, are_dates=True, codes=ADJUSTED),
    Sample("binance", "spot", table(KLINES, named=False), ("column_1",), NUMBERED,
           "2018-02-08 00:00", clock="UTC", timeframe=Timeframe.M1),
    Sample("binance", "spot of 2025", table(KLINES_2025, named=False), ("column_1",), NUMBERED,
           "2025-01-01 00:00", clock="UTC", timeframe=Timeframe.H1),
    Sample("binance", "futures", table(FUTURES), ("open_time",), LOWER, "2025-06-01 00:00",
           clock="UTC", timeframe=Timeframe.H1),
    Sample("binance", "API", raw_of(lists([[1499040000000, "0.016", "0.8", "0.015", "0.0157",
           "148976.1", 1499043599999, "2434.1", 308, "1756.8", "28.4", "0"]]), named=False),
           ("column_1",), NUMBERED, "2017-07-03 00:00", clock="UTC", timeframe=Timeframe.H1),
    Sample("freqtrade", "JSON", raw_of(lists(CANDLES), "BTC_USDT-1h.json", named=False),
           ("column_1",), NUMBERED, "2022-09-01 00:00", clock="UTC"),
    Sample("freqtrade", "Feather", raw_of(_candles(), "x/BTC_USDT_USDT-1h-futures.feather"),
           ("date",), LOWER, "2022-09-01 00:00", clock="UTC"),
    Sample("tradingview", "seconds", table(TRADINGVIEW), ("time",), (*LOWER[:4], "Volume"),
           "2020-01-02 00:00", clock="UTC"),
    Sample("tradingview", "ISO", table(TRADINGVIEW_ISO), ("time",), (*LOWER[:4], "Volume"),
           "2020-01-02 14:30"),
    Sample("tradingview", "days", table(TRADINGVIEW_DAYS, "OANDA_XAUUSD, 1D_ab12c.csv"),
           ("time",), LOWER[:4], "2020-01-02 00:00", are_dates=True, codes=("no_volume",)),
    Sample("tradingview", "UDF", raw_of(pl.DataFrame(UDF)), ("t",), SHORT, "2020-01-02 00:00",
           clock="UTC"),
    Sample("alpaca", "package", table(ALPACA), ("timestamp",), LOWER, "2024-01-15 10:00",
           clock="UTC", symbol="AAPL", instruments="symbol"),
    Sample("alpaca", "API, days", raw_of(pl.DataFrame(ALPACA_ANSWER), metadata={"ticker": "AAPL"}),
           ("t",), SHORT, "2020-01-02 00:00", clock="UTC", symbol="AAPL", are_dates=True),
    Sample("polygon", "flat file", table(POLYGON), ("window_start",), LOWER, "2025-04-16 08:35",
           clock="UTC", instruments="ticker"),
    Sample("polygon", "API, days", raw_of(pl.DataFrame(REST), metadata={"ticker": "AAPL"}), ("t",),
           SHORT, "2020-01-02 00:00", clock="UTC", symbol="AAPL", are_dates=True),
    Sample("polygon", "API, a market", raw_of(pl.DataFrame(GROUPED)), ("t",), SHORT,
           "2020-01-02 21:00", Stamp.CLOSE, clock="UTC", instruments="T"),
    Sample("polygon", "package", table(POLYGON_PACKAGE), ("timestamp",), LOWER,
           "2025-04-16 08:35", clock="UTC"),
    Sample("bid_ask", "joined", table(BID_ASK), ("timestamp",),
           ("open_bid", "high_bid", "low_bid", "close_bid"), "2012-02-01 00:00",
           codes=("no_volume", "bid_prices")),
    Sample("bid_ask", "FXCM", table(FXCM), ("date",),
           ("bidopen", "bidhigh", "bidlow", "bidclose", "tickqty"), "2017-01-03 00:00", None,
           codes=("bid_prices",)),
)  # fmt: skip
