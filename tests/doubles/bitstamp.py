"""Bitstamp's markets and bars, as its documents describe them: so many up to an end."""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Double, Question, Reply, Row

EXAMPLE = {
    "data": {
        "pair": "BTC/USD",
        "ohlc": [
            {"high": "9064.77", "timestamp": "1593961440", "volume": "18.49436608"}
            | {"low": "9040.87", "close": "9064.77", "open": "9040.87"}
        ],
    }
}
"""An answer in the form of the document below."""
STEPS = (60, 180, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 259200)
MOST = 1000
PARAMETERS = {"step", "limit", "start", "end", "exclude_current_candle"}
_BARS = re.compile(r"/api/v2/ohlc/([a-z0-9-]+)/")


class Bitstamp(Double):
    """Given a start and an end, the end counts, the document says: the newest `limit` up to it.

    With a start alone, the oldest since then are given. Bars come the oldest first and the open
    one among them; the document does not say either, answers that others have published do.
    """

    adapter = "ccxt"
    source = "ccxt:bitstamp"
    document = "https://www.bitstamp.net/api/#tag/Market-info/operation/GetOHLCData"
    symbols: ClassVar = {"BTCUSD": "btcusd", "BTCUSDT": "btcusdt", "ETHUSDT": "ethusdt"}
    price = "close"

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        if question.path == "/api/v2/markets/":
            return _said([_market(ticker) for ticker in self.symbols.values()])
        found = _BARS.fullmatch(question.path)
        ours = self.listed(found[1]) if found else None
        if ours is None:
            return Reply(b"<html><body>404 Page not found</body></html>", 404)
        return self._bars(ours, question.query)

    def _bars(self, ours: str, query: Mapping[str, str]) -> Reply:
        wrong = {
            name: ["Missing data for required field."]
            for name in ("step", "limit")
            if name not in query
        }
        wrong |= {name: ["Unknown field."] for name in query.keys() - PARAMETERS}
        if wrong:
            return _refused(wrong)
        step, limit = query["step"], query["limit"]
        if not step.isdecimal() or int(step) not in STEPS:
            return _refused({"step": ["Not a valid choice."]})
        if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
            return _refused({"limit": ["Must be between 1 and 1000."]})
        timeframe = next(one for one in Timeframe if one.minutes * 60 == int(step))
        rows = self._chosen(self.rows(ours, timeframe), query, min(int(limit), self.most))
        name = f"{self.symbols[ours][:3]}/{self.symbols[ours][3:]}".upper()
        written = self.written([_bar(row) for row in self.told(rows)])
        return _said({"data": {"pair": name, "ohlc": written}})

    def _chosen(self, rows: list[Row], query: Mapping[str, str], count: int) -> list[Row]:
        first, last = (int(query[n]) if n in query else None for n in ("start", "end"))
        if last is not None:
            return [row for row in rows if row.opened // 1_000_000 <= last][-count:]
        if first is not None:
            return [row for row in rows if row.opened // 1_000_000 >= first][:count]
        return rows[-count:]


def _market(ticker: str) -> dict[str, Any]:
    base, quote = ticker[:3].upper(), ticker[3:].upper()
    return {
        "name": f"{base}/{quote}",
        "market_symbol": ticker,
        "base_currency": base,
        "base_decimals": 8,
        "counter_currency": quote,
        "counter_decimals": 4,
        "minimum_order_value": "10",
        "trading": "Enabled",
        "instant_order_counter_decimals": 2,
        "instant_and_market_orders": "Enabled",
        "description": f"{base} / {quote}",
        "market_type": "SPOT",
    }


def _bar(row: Row) -> dict[str, str]:
    names = ("open", "high", "low", "close", "volume")
    return {"timestamp": str(row.opened // 1_000_000)} | {
        name: f"{getattr(row, name):.8f}" for name in names
    }


def _refused(reasons: Mapping[str, list[str]]) -> Reply:
    return _said({"status": "error", "reason": dict(reasons), "code": "API0000"}, 400)


def _said(body: object, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
