"""What really happened, minute by minute, in the world that the doubles tell of: simulated."""

import zlib
from datetime import UTC, datetime
from functools import cache

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.instruments import defined, equity, index, instrument
from assay.core.resample import resample
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe

BEGAN = datetime(2026, 10, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 15, 7, 30, tzinfo=UTC)
"""A Friday; between the two Europe's clocks change on 25 October and America's on 1 November."""
LISTED = {
    one.symbol: one
    for one in (
        *(instrument(name) for name in ("EURUSD", "USDJPY", "XAUUSD", "BTCUSDT", "ETHUSDT")),
        defined("BTCUSD", AssetClass.CRYPTO),
        equity("AAPL"),
        equity("GONE"),
        index("SPX", calendar="XNYS"),
        defined("BTCUSDT.P", AssetClass.CRYPTO),
    )
}
DELISTED = datetime(2026, 11, 2, 21, 0, tzinfo=UTC)
"""The last close of GONE, a share that is traded no more."""
_LEVEL = {
    "EURUSD": 1.08,
    "USDJPY": 150.0,
    "XAUUSD": 2650.0,
    "BTCUSDT": 68000.0,
    "BTCUSD": 68010.0,
    "SPX": 5900.0,
}


@cache
def minutes(symbol: str) -> Bars:
    """Return the minutes of `symbol` in our form: stamped with their close, in sessions alone.

    A few are missing where nothing was traded; the last one closed after `NOW`.
    """
    known = LISTED[symbol]
    market = calendar(known.calendar)
    times = market.expected_closes(Timeframe.M1, BEGAN, datetime(2026, 11, 20, 16, tzinfo=UTC))
    if symbol == "GONE":
        times = times.filter(times <= DELISTED)
    chance = np.random.default_rng(zlib.crc32(symbol.encode()))
    kept = chance.random(times.len()) > 0.002
    count = int(kept.sum())
    level = _LEVEL.get(symbol, 190.0)
    digits = known.price_digits
    close = level * np.exp(np.cumsum(chance.standard_t(5, count) * 1e-4))
    opened = np.concatenate([[level], close[:-1]])
    wick = np.abs(chance.normal(0, 5e-5, (2, count)))
    high = np.maximum(opened, close) * (1 + wick[0])
    low = np.minimum(opened, close) * (1 - wick[1])
    volume = chance.integers(1, 5_000, count).astype(float)
    if known.asset_class in (AssetClass.FX, AssetClass.INDEX):
        volume[:] = 0.0
    frame = pl.DataFrame(
        {
            "time": times.filter(pl.Series(kept)),
            **{
                name: np.round(values, digits)
                for name, values in (("open", opened), ("high", high), ("low", low))
            },
            "close": np.round(close, digits),
            "volume": volume,
        },
        schema=BAR_SCHEMA,
    )
    return Bars(known, Timeframe.M1, frame)


@cache
def bars_of(symbol: str, timeframe: Timeframe) -> Bars:
    """Return all bars of `symbol`, also those that close after `NOW`, as far as they have come."""
    known = LISTED[symbol]
    return resample(minutes(symbol), timeframe, calendar(known.calendar))


def truth(symbol: str, timeframe: Timeframe, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the bars that closed after `start`, by `end` and by `NOW`: what must be found."""
    frame = bars_of(symbol, timeframe).frame
    return frame.filter(pl.col("time") > start, pl.col("time") <= min(end, NOW))


def known(symbol: str) -> Instrument:
    """Return the instrument called `symbol` of this world."""
    return LISTED[symbol]
