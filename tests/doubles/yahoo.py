"""Yahoo's chart endpoint, as its users and yfinance 1.7 know it: Yahoo itself documents none."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isnan, nan
from typing import Any, ClassVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import PRICES
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from tests.doubles.market import BEGAN, LISTED, truth
from tests.doubles.server import Double, Question, Reply, Row

_CHART = re.compile(r"/v8/finance/chart/([^/]+)")
_VALID = "1m, 2m, 5m, 15m, 30m, 60m, 90m, 1h, 4h, 1d, 5d, 1wk, 1mo, 3mo"
_TOLD = {"1m": "1m", "5m": "5m", "15m": "15m", "30m": "1h", "60m": "1h", "1h": "1h", "1d": "1d"}
"""Which length an interval is answered with; half hours are hours, since 2019 (yfinance #64)."""
_REACH = {"1m": 30, "5m": 60, "15m": 60, "1h": 730}
_ZONES = {AssetClass.FX: "Europe/London", AssetClass.CRYPTO: "UTC"}
_TYPES = {
    AssetClass.FX: "CURRENCY",
    AssetClass.CRYPTO: "CRYPTOCURRENCY",
    AssetClass.INDEX: "INDEX",
    AssetClass.EQUITY: "EQUITY",
    AssetClass.METAL: "FUTURE",
}
EXAMPLE = {
    "chart": {
        "result": [
            {
                "meta": {
                    "currency": "TWD",
                    "symbol": "2330.TW",
                    "exchangeName": "TAI",
                    "instrumentType": "EQUITY",
                    "firstTradeDate": 946947600,
                    "regularMarketTime": 1625808608,
                    "gmtoffset": 28800,
                    "timezone": "CST",
                    "exchangeTimezoneName": "Asia/Taipei",
                    "priceHint": 2,
                    "dataGranularity": "1d",
                    "range": "",
                    "validRanges": ["1d", "5d", "1mo", "max"],
                },
                "timestamp": [1625792400],
                "indicators": {
                    "quote": [
                        {
                            "open": [583.0],
                            "high": [588.0],
                            "low": [583.0],
                            "close": [584.0],
                            "volume": [22165832],
                        }
                    ],
                    "adjclose": [{"adjclose": [584.0]}],
                },
            }
        ],
        "error": None,
    }
}
"""An answer as people quote it, shortened; no document of Yahoo's shows one."""


@dataclass(frozen=True, slots=True)
class Split:
    """So many `new` shares for so many `old` ones from `at` on."""

    at: datetime
    new: float
    old: float


class Yahoo(Double):
    """It answers without key, cookie and crumb, but only to what calls itself a browser.

    There are no pages: `most` means nothing. Prices have single precision; steps without a trade
    are rows of nulls; behind the last bar stands the price of the moment. A test may set another
    `money`, `splits`, `instead` (ticker and interval of a chart nobody asked for), and how far
    the exchange's trades are `behind`.
    """

    adapter = "yahoo"
    document = "https://github.com/ranaroussi/yfinance/blob/main/yfinance/scrapers/history.py"
    symbols: ClassVar = {
        "AAPL": "AAPL",
        "EURUSD": "EURUSD=X",
        "USDJPY": "JPY=X",
        "BTCUSD": "BTC-USD",
        "SPX": "^GSPC",
    }
    price = "close"

    def __init__(self) -> None:
        super().__init__()
        self.money: str | None = None
        self.splits: list[Split] = []
        self.instead: tuple[str, str] | None = None
        self.behind = timedelta(0)

    def truth(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """See `Double.truth`; in single precision, of which the shortest decimals are meant."""
        found = truth(symbol, timeframe, start, end)
        single = pl.col(PRICES).map_elements(lambda v: float(str(np.float32(v))), pl.Float64)
        return found.with_columns(single)

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        if not question.headers.get("user-agent", "").startswith("Mozilla/5.0 "):
            return Reply(b"Too Many Requests\r\n", 429, {"Content-Type": "text/plain"})
        found = _CHART.fullmatch(question.path)
        ticker = unquote(found[1]) if found else ""
        ticker = (
            ticker.removeprefix("USD") if ticker.endswith("=X") and len(ticker) == 8 else ticker
        )
        symbol = self.listed(ticker)
        interval = question.query.get("interval", "1d")
        if interval not in _VALID.split(", "):
            said = f"Invalid input - interval={interval} is not supported. Valid intervals: "
            return _wrong(400, "Bad Request", f"{said}[{_VALID}]")
        if symbol is None:
            return _wrong(404, "Not Found", "No data found, symbol may be delisted")
        first, last = self._span(question)
        refused = self._refused(interval, first, last)
        if refused:
            return refused
        if self.instead:
            ticker, interval = self.instead
            symbol = self.listed(ticker) or symbol
        splits = self.splits if "splits" in question.query.get("events", "").split(",") else []
        return self._chart(symbol, ticker, _TOLD[interval], (first, last), splits)

    def _span(self, question: Question) -> tuple[int, int]:
        now = int(self.clock.timestamp())
        days = question.query.get("range")
        if days is not None:
            return now - int(days.removesuffix("d")) * 86_400, now
        return int(question.query["period1"]), int(question.query["period2"])

    def _refused(self, interval: str, first: int, last: int) -> Reply | None:
        now = int(self.clock.timestamp())
        span = f"startTime={first} and endTime={last}"
        said = f"{interval} data not available for {span}. "
        reach = _REACH.get(_TOLD[interval])
        if first >= last:
            said = f"Invalid input - start date cannot be after end date. {span}"
            return _wrong(400, "Bad Request", said)
        if reach and first < now - reach * 86_400:
            said += f"The requested range must be within the last {reach} days."
            return _wrong(422, "Unprocessable Entity", said)
        if interval == "1m" and last - first > 7 * 86_400:
            said += (
                "Only 7 days worth of 1m granularity data are allowed to be fetched per request."
            )
            return _wrong(422, "Unprocessable Entity", said)
        if last < BEGAN.timestamp():
            said = f"Data doesn't exist for startDate = {first}, endDate = {last}"
            return _wrong(400, "Bad Request", said)
        return None

    def _chart(
        self, symbol: str, ticker: str, length: str, span: tuple[int, int], splits: list[Split]
    ) -> Reply:
        timeframe, (first, last) = Timeframe(length), span
        rows = [one for one in self._steps(symbol, timeframe) if first <= _opened(one) < last]
        columns = [_written(one) for one in self.told(rows)]
        columns = self.written(columns)
        if columns:
            columns.append(self._moment(columns[-1], timeframe))
        result: dict[str, Any] = {"meta": self._meta(symbol, ticker, length, first, last)}
        if splits:
            events = {str(_second(one.at)): _event(one) for one in splits}
            result["events"] = {"splits": events}
        quote = {name: [one[name] for one in columns] for name in (*PRICES, "volume")}
        if columns:
            result["timestamp"] = [one["timestamp"] for one in columns]
        result["indicators"] = {"quote": [quote if columns else {}]}
        if timeframe is Timeframe.D1:
            adjusted = {"adjclose": quote["close"]} if columns else {}
            result["indicators"]["adjclose"] = [adjusted]
        return _said({"chart": {"result": [result], "error": None}})

    def _steps(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return all bars, with a row of NaN for each step in which nothing was traded."""
        known, market = LISTED[symbol], calendar(LISTED[symbol].calendar)
        rows = self.rows(symbol, timeframe)
        if not timeframe.is_intraday:
            if known.asset_class is AssetClass.CRYPTO:
                return rows
            opens = dict(market.sessions(BEGAN, self.clock).select("date", "open").iter_rows())
            dates = [datetime.fromtimestamp(row.opened / 1e6, UTC).date() for row in rows]
            return [
                row._replace(opened=_second(opens[date]) * 1_000_000)
                for row, date in zip(rows, dates, strict=True)
            ]
        there = {row.opened for row in rows}
        closes = market.expected_closes(timeframe, BEGAN, self.clock)
        steps = (closes - timeframe.length).dt.epoch("us").to_list()
        rows += [Row(at, nan, nan, nan, nan, nan) for at in steps if at not in there]
        return sorted(rows)

    def _moment(self, last: dict[str, Any], timeframe: Timeframe) -> dict[str, Any]:
        """Return the price of the moment, which looks like a bar; of a day it is the day so far."""
        now = _second(self.clock - self.behind)
        if timeframe is Timeframe.D1:
            return {**last, "timestamp": now, "volume": last["volume"] + 100}
        prices = dict.fromkeys(PRICES, last["close"])
        return {"timestamp": now, **prices, "volume": 0}

    def _meta(self, symbol: str, ticker: str, length: str, first: int, last: int) -> dict[str, Any]:
        known = LISTED[symbol]
        kind = known.asset_class
        zone = _ZONES.get(kind, "America/New_York")
        local = self.clock.astimezone(ZoneInfo(zone))
        offset = local.utcoffset() or timedelta(0)
        about = {"timezone": local.tzname(), "gmtoffset": int(offset.total_seconds())}
        low, high = (datetime.fromtimestamp(at, UTC) for at in (first, last))
        sessions = calendar(known.calendar).sessions(low, high).select("open", "close")
        periods = [
            [{**about, "start": _second(opened), "end": _second(closed)}]
            for opened, closed in sessions.iter_rows()
        ]
        return {
            "currency": self.money or known.quote,
            "symbol": ticker,
            "exchangeName": "NMS",
            "instrumentType": _TYPES[kind],
            "firstTradeDate": _second(BEGAN),
            "regularMarketTime": _second(self.clock - self.behind),
            **about,
            "exchangeTimezoneName": zone,
            "priceHint": 2,
            "dataGranularity": length,
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
            **({} if length == "1d" else {"tradingPeriods": periods}),
        }


def _opened(row: Row) -> int:
    return row.opened // 1_000_000


def _written(row: Row) -> dict[str, Any]:
    prices = (row.open, row.high, row.low, row.close)
    told = [None if isnan(one) else float(np.float32(one)) for one in prices]
    volume = None if isnan(row.volume) else int(row.volume)
    return {"timestamp": _opened(row), **dict(zip(PRICES, told, strict=True)), "volume": volume}


def _event(split: Split) -> dict[str, Any]:
    ratio = f"{split.new:g}:{split.old:g}"
    numbers = {"numerator": split.new, "denominator": split.old}
    return {"date": _second(split.at), **numbers, "splitRatio": ratio}


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def _wrong(status: int, code: str, said: str) -> Reply:
    return _said({"chart": {"result": None, "error": {"code": code, "description": said}}}, status)


def _said(body: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
