"""Kraken's public REST interface, as its documents describe it: the newest 720 bars, whatever."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Double, Question, Reply, Row

EXAMPLE = {
    "error": [],
    "result": {
        "XXBTZUSD": [
            [1688671200, "30306.1", "30306.2", "30305.7", "30305.7", "30306.1", "3.39243896", 23]
        ],
        "last": 1688672160,
    },
}
"""An answer from https://docs.kraken.com/api-reference/market-data/get-ohlc-data, shortened."""
MOST = 720
MINUTES = {"1", "5", "15", "30", "60", "240", "1440", "10080", "21600"}


class Kraken(Double):
    """Errors come with status 200, in a list. `most` means nothing here: there are no pages.

    Whether a bar that opens at `since` is given is not said; here it is not.
    """

    adapter = "ccxt"
    source = "ccxt:kraken"
    document = "https://docs.kraken.com/api-reference/market-data/get-ohlc-data"
    symbols: ClassVar = {"BTCUSD": "XXBTZUSD", "BTCUSDT": "XBTUSDT", "ETHUSDT": "ETHUSDT"}
    names: ClassVar = {"BTCUSD": ("XXBT", "ZUSD"), "BTCUSDT": ("XXBT", "USDT")} | {
        "ETHUSDT": ("XETH", "USDT")
    }
    price = 4

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        if question.path == "/0/public/AssetPairs":
            return _said({self.symbols[ours]: self._pair(ours) for ours in self.symbols})
        if question.path != "/0/public/OHLC":
            return _said({}, "EGeneral:Unknown method")
        return self._candles(question.query)

    def _pair(self, ours: str) -> dict[str, Any]:
        base, quote = self.names[ours]
        return {
            "altname": self.symbols[ours].replace("XXBTZ", "XBT"),
            "wsname": f"{base[1:]}/{quote[-3:]}",
            "aclass_base": "currency",
            "base": base,
            "aclass_quote": "currency",
            "quote": quote,
            "lot": "unit",
            "pair_decimals": 4,
            "lot_decimals": 8,
            "lot_multiplier": 1,
            "leverage_buy": [],
            "leverage_sell": [],
            "fees": [[0, 0.4]],
            "fees_maker": [[0, 0.25]],
            "fee_volume_currency": "ZUSD",
            "ordermin": "0.00005",
            "costmin": "0.5",
            "tick_size": "0.0001",
            "status": "online",
        }

    def _candles(self, query: Mapping[str, str]) -> Reply:
        interval, since = query.get("interval", "1"), query.get("since", "0")
        if "pair" not in query or interval not in MINUTES or not since.isdecimal():
            return _said({}, "EGeneral:Invalid arguments")
        ours = self.listed(query["pair"])
        if ours is None:
            return _said({}, "EQuery:Unknown asset pair")
        timeframe = next(one for one in Timeframe if str(one.minutes) == interval)
        rows = self.rows(ours, timeframe)[-MOST:]
        last = rows[-2].opened // 1_000_000
        page = [row for row in rows if row.opened // 1_000_000 > int(since)] or rows[-1:]
        written = self.written([_row(row) for row in self.told(page)])
        return _said({query["pair"]: written, "last": last})


def _row(row: Row) -> list[Any]:
    opened = row.opened // 1_000_000
    prices = [f"{one:.4f}" for one in (row.open, row.high, row.low, row.close, row.close)]
    return [opened, *prices, f"{row.volume:.8f}", 23]


def _said(result: Mapping[str, Any], *errors: str) -> Reply:
    body: dict[str, Any] = {"error": list(errors)}
    return Reply(json.dumps(body if errors else {**body, "result": result}).encode())
