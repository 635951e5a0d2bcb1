"""Finnhub's candles and lists of symbols, as its documents and its maintainers describe them."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import GOOD_KEY, Double, Question, Reply, Row

TIMEFRAMES = {
    "1": Timeframe.M1,
    "5": Timeframe.M5,
    "15": Timeframe.M15,
    "30": Timeframe.M30,
    "60": Timeframe.H1,
    "D": Timeframe.D1,
}
KINDS = ("stock", "forex", "crypto")
FIELDS = ("c", "h", "l", "o", "t", "v")
EXAMPLE = {
    "c": [133.667, 133.19799999999998],
    "h": [133.938, 134.075],
    "l": [132.466, 132.55599999999998],
    "o": [132.522, 133.662],
    "s": "ok",
    "t": [1585774800, 1585861200],
    "v": [120777, 40285],
}
"""An answer of `/forex/candle`, from https://github.com/finnhubio/Finnhub-API/issues/100."""


class Finnhub(Double):
    """`most` candles are given, the newest of those asked for, without a word about the others.

    The document says that a month within the day is given at once; its maintainers add that the
    answer may be shorter and that what is older is to be asked for up to the first time of it
    (https://github.com/finnhubio/Finnhub-API/issues/406, issues/445; issues/491 counts 2,953 of
    minutes). Both ends of a span are part of it (issues/299). How a malformed question is answered
    is not said anywhere: it is refused here with 400.
    """

    adapter = "finnhub"
    document = "https://finnhub.io/docs/api/stock-candles"
    symbols: ClassVar = {
        "AAPL": "AAPL",
        "EURUSD": "OANDA:EUR_USD",
        "USDJPY": "OANDA:USD_JPY",
        "XAUUSD": "OANDA:XAU_USD",
        "BTCUSDT": "BINANCE:BTCUSDT",
        "ETHUSDT": "BINANCE:ETHUSDT",
        "BTCUSD": "COINBASE:BTC-USD",
    }
    price = "c"
    most = 15_000

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`; its own client writes `/api/v1//stock/candle`."""
        given = question.headers.get("x-finnhub-token") or question.query.get("token")
        if given != GOOD_KEY:
            return _said({"error": "Invalid API key." if given else "Please use an API key."}, 401)
        parts = [part for part in question.path.split("/") if part]
        match parts:
            case ["api", "v1", kind, "candle"] if kind in KINDS:
                return self._candles(kind, question.query)
            case ["api", "v1", kind, "symbol"] if kind in KINDS[1:]:
                return self._symbols(kind, question.query)
            case ["api", "v1", "search"]:
                return self._search(question.query)
        return _said({"error": "API endpoint not found."}, 404)

    def _candles(self, kind: str, query: Mapping[str, str]) -> Reply:
        timeframe = TIMEFRAMES.get(query.get("resolution", ""))
        first, last = query.get("from", ""), query.get("to", "")
        if timeframe is None or not (first.isdecimal() and last.isdecimal()) or last < first:
            return _said({"error": "Wrong or missing parameters."}, 400)
        symbol = self.listed(query.get("symbol", ""))
        if symbol is None or _kind(query["symbol"]) != kind:
            return _empty(kind)
        low, high = int(first) * 1_000_000, int(last) * 1_000_000
        rows = [row for row in self.rows(symbol, timeframe) if low <= row.opened <= high]
        page = self.written([_row(one) for one in self.told(rows[-self.most :])])
        if not page:
            return _empty(kind)
        return _said({"s": "ok", **{field: [row[field] for row in page] for field in FIELDS}})

    def _symbols(self, kind: str, query: Mapping[str, str]) -> Reply:
        exchange = query.get("exchange", "")
        found = [
            {"description": name, "displaySymbol": name, "symbol": name}
            for name in self.symbols.values()
            if _kind(name) == kind and name.lower().startswith(f"{exchange}:")
        ]
        return _said(found)

    def _search(self, query: Mapping[str, str]) -> Reply:
        found = [
            {"description": name, "displaySymbol": name, "symbol": name, "type": "Common Stock"}
            for name in ("AAPL", "AAPL.SW")
            if query.get("q", "?") in name
        ]
        return _said({"count": len(found), "result": found})


def _kind(name: str) -> str:
    exchange = name.partition(":")[0]
    return {"OANDA": "forex", name: "stock"}.get(exchange, "crypto")


def _row(row: Row) -> dict[str, Any]:
    return {
        "c": row.close,
        "h": row.high,
        "l": row.low,
        "o": row.open,
        "t": row.opened // 1_000_000,
        "v": row.volume,
    }


def _empty(kind: str) -> Reply:
    """Return what is said where there is nothing, of all but shares with columns (issues/526)."""
    columns = {} if kind == "stock" else dict.fromkeys(FIELDS)
    return _said({**columns, "s": "no_data"})


def _said(body: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
