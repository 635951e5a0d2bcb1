"""CoinGecko's candles, as its documents and its OpenAPI file of the free plan describe them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import polars as pl

from assay.core.values.timeframe import Timeframe
from tests.doubles.market import known
from tests.doubles.server import GOOD_KEY, Double, Question, Reply, Row

DAYS = ("1", "7", "14", "30", "90", "180", "365")
CURRENCIES = ("usd", "eur", "btc")
"""Some of those of /simple/supported_vs_currencies; the coin usdt is not among them."""
PRECISIONS = ("full", *map(str, range(19)))
CACHED, COMPLETE = timedelta(minutes=15), timedelta(minutes=35)
"""How old an answer may be, and how long after its end a day is complete."""
_PATH = re.compile(r"/api/v3/coins/([a-z0-9-]+)/ohlc")
EXAMPLE = [
    [1779199200000, 76769.0, 76889.0, 76744.0, 76818.0],
    [1779201000000, 76712.0, 76712.0, 76321.0, 76422.0],
]
"""From https://github.com/coingecko/coingecko-api-oas (demo-api.json)."""


class Coingecko(Double):
    """Candles of half an hour over a day, of four hours up to thirty days, stamped with the close.

    Answers are up to `CACHED` old, so that a candle which ended since is told as it was; neither
    that nor whether the first one of a span begins before it is said, and both are so here: such
    candles are told with a wrong low. A key that is sent must be good, and none need be.
    """

    adapter = "coingecko"
    document = "https://docs.coingecko.com/v3.0.1/reference/coins-id-ohlc"
    symbols: ClassVar = {"BTCUSD": "bitcoin"}
    price = 4

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        key = question.headers.get("x-cg-demo-api-key")
        if key not in (None, GOOD_KEY):
            said = "If you are using Demo API key, please change your root URL"
            return _said({"status": {"error_code": 10_011, "error_message": said}}, 401)
        found = _PATH.fullmatch(question.path)
        if not found:
            return _said({"error": "Incorrect path. Please check https://www.coingecko.com"}, 404)
        return self._candles(found[1], question.query)

    def _candles(self, coin: str, query: Mapping[str, str]) -> Reply:
        symbol, days = self.listed(coin), query.get("days", "")
        if symbol is None:
            return _said({"error": "coin not found"}, 404)
        currency = query.get("vs_currency", "")
        if currency not in CURRENCIES:
            return _said({"error": "invalid vs_currency"}, 400)
        if days not in DAYS or query.get("precision", "full") not in PRECISIONS:
            return _said({"error": "Invalid parameter"}, 400)
        if known(symbol).quote.lower() != currency or int(days) > 30:
            return _said([])
        timeframe = Timeframe.M30 if days == "1" else Timeframe.H4
        began = self.clock - timedelta(days=int(days))
        ends = [(row, _at(row.opened) + timeframe.length) for row in self.rows(symbol, timeframe)]
        told = self.told([self._known(row, end, began) for row, end in ends if end > began])
        return _said(self.written([_candle(row, timeframe) for row in told]))

    def _known(self, row: Row, end: datetime, began: datetime) -> Row:
        """Return a candle as it is told, which may be one of a part of its time."""
        in_part = _at(row.opened) < began or end > self.clock - CACHED
        return row._replace(low=row.low / 2) if in_part else row

    def truth(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """See `Double.truth`: whole candles, none that may still be told as it was."""
        longest = timedelta(days=1 if timeframe is Timeframe.M30 else 30)
        first = self.clock - longest + timeframe.length
        frame = super().truth(symbol, timeframe, start, min(end, self.clock - COMPLETE))
        return frame.filter(pl.col("time") >= first).with_columns(volume=pl.lit(0.0))


def _at(opened: int) -> datetime:
    return datetime.fromisoformat("1970-01-01T00:00:00Z") + timedelta(microseconds=opened)


def _candle(row: Row, timeframe: Timeframe) -> list[Any]:
    """Return a candle, which has no volume."""
    return [row.opened // 1_000 + timeframe.minutes * 60_000, *row[1:5]]


def _said(body: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status)
