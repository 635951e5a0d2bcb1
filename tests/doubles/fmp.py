"""Financial Modeling Prep's charts, as its documents say and as people have measured them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from tests.doubles.market import known
from tests.doubles.server import GOOD_KEY, Double, Question, Reply, Row

NEW_YORK = ZoneInfo("America/New_York")
INTERVALS = {
    "1min": (Timeframe.M1, 3),
    "5min": (Timeframe.M5, 10),
    "15min": (Timeframe.M15, 45),
    "30min": (Timeframe.M30, 30),
    "1hour": (Timeframe.H1, 90),
}
"""The lengths of bars, and how many days up to `to` are given whatever `from` says."""
CURRENCIES = ("1min", "5min", "1hour")
"""The lengths that the document has of currencies."""
MOST_DAYS = 5_000
WIDEST = 5 * 365
SPLIT = 2
"""What prices are divided by unless they are asked for without: a split that came later."""
_CHART = re.compile(r"/stable/historical-chart/(\w+)")
_DAYS = re.compile(r"/stable/historical-price-eod/(light|non-split-adjusted)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
EXAMPLE = [
    {
        "date": "2025-07-24 12:00:00",
        "open": 1.17639,
        "low": 1.17571,
        "high": 1.1773,
        "close": 1.17578,
        "volume": 4909,
    }
]
"""From https://site.financialmodelingprep.com/developer/docs/stable/forex-intraday-1-hour."""


class Fmp(Double):
    """Newest rows first, stamped with the open of their bar in New York's time.

    The documents name the paths, their parameters and their fields, the header `apikey`, and that
    intraday prices are adjusted for splits. They do not say: the zone (its maintainers do, New
    York's for shares and for currencies, in issues 30 and 43 of
    https://github.com/FinancialModelingPrepAPI/Financial-Modeling-Prep-API), that answers are cut
    at their old end after so many days or 5,000 days, that `nonadjusted` undoes splits, and that an
    unknown symbol is an empty list (measured in August 2026 by the author of
    https://github.com/jerbersoft/fmpdotnet). `most` rows are given at most here, in whole days.
    A question without a symbol or with a malformed date is refused here with 400.
    """

    adapter = "fmp"
    document = "https://site.financialmodelingprep.com/developer/docs/stable/intraday-1-min"
    symbols: ClassVar = {
        "AAPL": "AAPL",
        "GONE": "GONE",
        "EURUSD": "EURUSD",
        "USDJPY": "USDJPY",
        "XAUUSD": "XAUUSD",
    }
    price = "close"
    most = 5_000

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        if question.headers.get("apikey") != GOOD_KEY:
            said = "Invalid API KEY. Feel free to create a Free API Key or visit https://site."
            return _said({"Error Message": f"{said}financialmodelingprep.com/faqs"}, 401)
        query = question.query
        ends = [query[name] for name in ("from", "to") if name in query]
        if not query.get("symbol") or not all(_DATE.fullmatch(one) for one in ends):
            return _said({"Error Message": "Missing or malformed query parameter"}, 400)
        chart, days = _CHART.fullmatch(question.path), _DAYS.fullmatch(question.path)
        if chart:
            return self._chart(chart[1], query)
        return self._days(days[1], query) if days else _said([], 404)

    def _chart(self, interval: str, query: Mapping[str, str]) -> Reply:
        if interval not in INTERVALS:
            return _said([], 404)
        symbol = self.listed(query["symbol"])
        if symbol is None or not _has(symbol, interval):
            return _said([])
        timeframe, window = INTERVALS[interval]
        first, last = (date.fromisoformat(query[name]) for name in ("from", "to"))
        first = max(first, last - timedelta(days=window - 1))
        rows = [row for row in self.rows(symbol, timeframe) if first <= _local(row).date() <= last]
        split = 1 if query.get("nonadjusted") == "true" else SPLIT
        kept = self.told(self._newest(rows))
        return _said(self.written([_bar(_divided(row, symbol, split)) for row in kept]))

    def _newest(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows of the newest whole days, newest first, of one day at least."""
        kept: list[Row] = []
        for _, day in groupby(rows[::-1], key=lambda row: _local(row).date()):
            held = list(day)
            if kept and len(kept) + len(held) > self.most:
                break
            kept += held
        return kept

    def _days(self, variant: str, query: Mapping[str, str]) -> Reply:
        symbol = self.listed(query["symbol"])
        if symbol is None:
            return _said([])
        today = self.clock.date()
        first = query.get("from") or (today - timedelta(days=WIDEST)).isoformat()
        last = query.get("to") or today.isoformat()
        days = [row for row in self.rows(symbol, Timeframe.D1) if first <= _day(row) <= last]
        days = days[-min(self.most, MOST_DAYS) :][::-1]
        if variant == "light":
            return _said([_light(symbol, row) for row in days])
        return _said([_unadjusted(symbol, row) for row in self.told(days)])


def _has(symbol: str, interval: str) -> bool:
    """Say whether the document has such bars; hours of shares, which begin half past, are not told.

    Their bars lie on another grid than those of the market.
    """
    shares = known(symbol).asset_class is AssetClass.EQUITY
    return interval != "1hour" if shares else interval in CURRENCIES


def _divided(row: Row, symbol: str, split: int) -> Row:
    if known(symbol).asset_class is not AssetClass.EQUITY:
        return row
    low, high = row.low / split, row.high / split
    return Row(row.opened, row.open / split, high, low, row.close / split, row.volume * split)


def _local(row: Row) -> datetime:
    return datetime.fromtimestamp(row.opened / 1_000_000, UTC).astimezone(NEW_YORK)


def _day(row: Row) -> str:
    return datetime.fromtimestamp(row.opened / 1_000_000, UTC).date().isoformat()


def _bar(row: Row) -> dict[str, Any]:
    return {
        "date": _local(row).strftime("%Y-%m-%d %H:%M:%S"),
        "open": row.open,
        "low": row.low,
        "high": row.high,
        "close": row.close,
        "volume": row.volume,
    }


def _unadjusted(symbol: str, row: Row) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "date": _day(row),
        "adjOpen": row.open,
        "adjHigh": row.high,
        "adjLow": row.low,
        "adjClose": row.close,
        "volume": row.volume,
    }


def _light(symbol: str, row: Row) -> dict[str, Any]:
    return {"symbol": symbol, "date": _day(row), "price": row.close, "volume": row.volume}


def _said(body: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
