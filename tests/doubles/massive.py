"""Massive's custom bars and ticker details, as its documents describe them."""

import json
import re
from typing import Any, ClassVar

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import GOOD_KEY, Double, Question, Reply, Row

_BARS = re.compile(r"/v2/aggs/ticker/([^/]+)/range/(\d+)/(minute|hour)/(\d+)/(\d+)")
_DETAILS = re.compile(r"/v3/reference/tickers/([^/]+)")
EXAMPLE = {
    "adjusted": True,
    "next_url": "https://api.massive.com/v2/aggs/ticker/AAPL/range/1/day/1578114000000/2020-01-10",
    "queryCount": 2,
    "request_id": "6a7e466379af0a71039d60cc78e72282",
    "results": [
        {
            "c": 75.0875,
            "h": 75.15,
            "l": 73.7975,
            "n": 1,
            "o": 74.06,
            "t": 1577941200000,
            "v": 135647456,
            "vw": 74.6099,
        }
    ],
    "resultsCount": 2,
    "status": "OK",
    "ticker": "AAPL",
}
"""An answer from https://massive.com/docs/rest/stocks/aggregates/custom-bars, shortened."""


class Massive(Double):
    """`most` counts minutes, as the real limit does; a long bar that would be cut is left out."""

    adapter = "massive"
    document = "https://massive.com/docs/rest/stocks/aggregates/custom-bars"
    symbols: ClassVar = {
        "AAPL": "AAPL",
        "GONE": "GONE",
        "EURUSD": "C:EURUSD",
        "USDJPY": "C:USDJPY",
        "XAUUSD": "C:XAUUSD",
        "BTCUSD": "X:BTCUSD",
        "SPX": "I:SPX",
    }
    price = "c"
    most = 20_000

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        key = question.headers.get("authorization", "").removeprefix("Bearer ")
        if key != GOOD_KEY:
            said = "Unknown API Key" if key else "API Key was not provided"
            return _said({"status": "ERROR", "request_id": "r1", "error": said}, 401)
        found = _BARS.fullmatch(question.path)
        if found:
            return self._bars(found, question)
        named = _DETAILS.fullmatch(question.path)
        if named:
            return self._details(named[1])
        return _said({"status": "NOT_FOUND", "request_id": "r2", "message": "Not found"}, 404)

    def _bars(self, found: re.Match[str], question: Question) -> Reply:
        ticker, count, size, first, last = found.groups()
        head = {"ticker": ticker, "adjusted": False, "request_id": "r3", "status": "OK"}
        symbol = self.listed(ticker)
        if symbol is None:
            return _said({**head, "queryCount": 0, "resultsCount": 0})
        timeframe = Timeframe(f"{count}{'h' if size == 'hour' else 'm'}")
        low, high = int(first) * 1000, int(last) * 1000
        rows = [row for row in self.rows(symbol, timeframe) if low <= row.opened <= high]
        most = min(self.most, int(question.query.get("limit", 5000))) // timeframe.minutes
        page = self.told(rows[:most])
        body: dict[str, Any] = {**head, "queryCount": len(page) * timeframe.minutes}
        body |= {"resultsCount": len(page), "count": len(page)}
        if page:
            body["results"] = self.written([_row(one) for one in page])
        if len(rows) > most:
            body["next_url"] = f"https://api.massive.com/v2/aggs/ticker/{ticker}?cursor=bGltaXQ9"
        return _said(body)

    def _details(self, ticker: str) -> Reply:
        if self.listed(ticker) is None:
            return _said(
                {"status": "NOT_FOUND", "request_id": "r4", "message": "Ticker not found."}, 404
            )
        found = {"ticker": ticker, "name": ticker, "active": ticker != "GONE"}
        return _said({"status": "OK", "request_id": "r5", "results": found})


def _row(row: Row) -> dict[str, Any]:
    return {
        "v": row.volume,
        "vw": row.close,
        "o": row.open,
        "c": row.close,
        "h": row.high,
        "l": row.low,
        "t": row.opened // 1000,
        "n": 10,
    }


def _said(body: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
