"""GeckoTerminal's candles of a pool, as the documents and the OpenAPI file describe them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import polars as pl

from assay.core.values.timeframe import Timeframe
from tests.doubles.market import known
from tests.doubles.server import Double, Question, Reply, Row

AGGREGATES = {
    "minute": {"1": Timeframe.M1, "5": Timeframe.M5, "15": Timeframe.M15},
    "hour": {"1": Timeframe.H1, "4": Timeframe.H4},
    "day": {"1": Timeframe.D1},
}
"""Those of twelve hours are left out: the market has none."""
LIMIT, MOST = 100, 1_000
HALF_YEAR = timedelta(days=180)
CACHED = timedelta(seconds=60)
_PATH = re.compile(r"/api/v2/networks/([^/]+)/pools/([^/]+)/ohlcv/(minute|hour|day)")
WRAPPED = {"BTC": "WBTC", "ETH": "WETH"}
EXAMPLE: dict[str, Any] = {
    "data": {
        "id": "c2728da2-1bc8-4b3a-94ca-6248a3c6e966",
        "type": "ohlcv_request_response",
        "attributes": {
            "ohlcv_list": [
                [
                    1779926400,
                    1.00208165944741,
                    1.00257871811779,
                    0.985925654401274,
                    1.00027690571219,
                    3481.679733097695,
                ]
            ]
        },
    },
    "meta": {
        "base": {
            "name": "Tether USD",
            "symbol": "USDT",
            "coingecko_coin_id": "tether",
            "address": "0xdac17f958d2ee523a2206206994597c13d831ec7",
        },
        "quote": {
            "name": "Wrapped Ether",
            "symbol": "WETH",
            "coingecko_coin_id": "weth",
            "address": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
        },
    },
}
"""From https://github.com/coingecko/coingecko-api-oas (demo-api.json), shortened."""


class Geckoterminal(Double):
    """Newest candles first, stamped with their open; those without a swap are left out.

    `before_timestamp` is not part of what is told. An answer may be a minute old: whether a candle
    that ended since is told as it was is not said, and it is so here, with a wrong low. Prices of
    the pool that is asked about in another currency than ours are doubled.
    """

    adapter = "geckoterminal"
    document = "https://docs.coingecko.com/reference/pool-ohlcv-contract-address"
    symbols: ClassVar = {
        "BTCUSD": "eth/0x9db9e0e53058c89e5b94e29621a205198648425b",
        "ETHUSDT": "eth/0x11b815efb8f581194ae79006d24e0d814b7697f6",
    }
    needs_symbols = True
    price = 4
    most = MOST

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[tuple[str, Timeframe], list[Row]] = {}

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        found = _PATH.fullmatch(question.path)
        symbol = found and self.listed(f"{found[1]}/{found[2]}")
        if not found or symbol is None:
            return _said({"errors": [{"status": "404", "title": "Not Found"}]}, 404)
        query = question.query
        timeframe = AGGREGATES[found[3]].get(query.get("aggregate", "1"))
        limit, before = query.get("limit", str(LIMIT)), query.get("before_timestamp", "9" * 10)
        allowed = {"currency": ("usd", "token"), "token": ("base", "quote")}
        wrong = any(query.get(name, good[0]) not in good for name, good in allowed.items())
        numbers = limit.isdecimal() and before.isdecimal()
        if timeframe is None or wrong or not numbers or not 0 < int(limit) <= MOST:
            return _said({"errors": [{"status": "400", "title": "Bad Request"}]}, 400)
        return self._candles(symbol, timeframe, int(before), query)

    def _candles(
        self, symbol: str, timeframe: Timeframe, before: int, query: Mapping[str, str]
    ) -> Reply:
        first = (self.clock - HALF_YEAR).timestamp() * 1e6
        rows = self._all(symbol, timeframe)
        held = [row for row in rows if first <= row.opened < before * 1_000_000]
        told = self.told(held[-min(self.most, int(query.get("limit", LIMIT))) :][::-1])
        instrument = known(symbol)
        in_dollars = query.get("currency", "usd") == "usd"
        factor = 1 if in_dollars == (instrument.quote == "USD") else 2
        listed = self.written([self._candle(row, timeframe, factor) for row in told])
        base = WRAPPED[instrument.base]
        quote = "USDT" if instrument.quote == "USD" else instrument.quote
        ends = {"base": base, "quote": quote}
        body = {
            "data": {
                "id": "c2728da2-1bc8-4b3a-94ca-6248a3c6e966",
                "type": "ohlcv_request_response",
                "attributes": {"ohlcv_list": listed},
            },
            "meta": {end: {"name": name, "symbol": name} for end, name in ends.items()},
        }
        return _said(body)

    def _all(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return all bars, which are many and always the same."""
        asked = symbol, timeframe
        if asked not in self._kept:
            self._kept[asked] = self.rows(symbol, timeframe)
        return self._kept[asked]

    def _candle(self, row: Row, timeframe: Timeframe, factor: int) -> list[Any]:
        ended = row.opened / 1e6 + timeframe.minutes * 60
        low = row.low / 2 if ended > (self.clock - CACHED).timestamp() else row.low
        prices = [price * factor for price in (row.open, row.high, low, row.close)]
        return [row.opened // 1_000_000, *prices, row.volume]

    def truth(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """See `Double.truth`: no candle that may still be told as it was."""
        return super().truth(symbol, timeframe, start, min(end, self.clock - CACHED))


def _said(body: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
