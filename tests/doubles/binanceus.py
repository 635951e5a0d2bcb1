"""Binance.US: the interface of Binance of 2023, and a few per cent of its volume."""

from datetime import datetime
from functools import cache
from typing import ClassVar

import polars as pl

from assay.core.values.timeframe import Timeframe
from tests.doubles.binance import Binance as Spoken
from tests.doubles.server import Row, all_rows

SHARE = 0.03
"""Of what is traded in the market of the doubles, so much is traded here."""


class BinanceUs(Spoken):
    """Spot alone; weights are those of its own document."""

    adapter = "binanceus"
    document = "https://github.com/binance-us/binance-us-api-docs/blob/master/rest-api.md"
    symbols: ClassVar = {"BTCUSD": "BTCUSD", "BTCUSDT": "BTCUSDT", "ETHUSDT": "ETHUSDT"}
    perpetuals: ClassVar = {}
    weights: ClassVar = {"klines": 1, "exchangeInfo": 10, "time": 1, "ping": 1}
    limits: ClassVar = {"api": 1200}

    def rows(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """See `Double.rows`."""
        last = int(self.clock.timestamp() * 1e6)
        return [row for row in _thin(symbol, timeframe) if row.opened <= last]

    def truth(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """See `Double.truth`."""
        frame = super().truth(symbol, timeframe, start, end)
        return frame.with_columns(
            volume=pl.Series([_traded(one) for one in frame["volume"]], dtype=pl.Float64)
        )


@cache
def _thin(symbol: str, timeframe: Timeframe) -> tuple[Row, ...]:
    rows = all_rows(symbol, timeframe)
    return tuple(row._replace(volume=_traded(row.volume)) for row in rows)


def _traded(volume: float) -> float:
    return round(volume * SHARE, 8)
