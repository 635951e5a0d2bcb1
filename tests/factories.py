"""Small honest inputs for tests."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe


def make_bars(
    count: int = 300,
    *,
    symbol: str = "EURUSD",
    timeframe: Timeframe = Timeframe.H1,
    start: datetime = datetime(2020, 1, 6, tzinfo=UTC),
    seed: int = 7,
    gaps: bool = True,
) -> Bars:
    """Return a random walk with weekends (no bars on Saturday and Sunday) and a few gaps."""
    chance = np.random.default_rng(seed)
    times: list[datetime] = []
    moment = start
    while len(times) < count:
        moment += timeframe.length
        if moment.weekday() < 5 and not (gaps and chance.random() < 0.01):
            times.append(moment)
    known = instrument(symbol)
    steps = chance.standard_t(5, count) * 0.001
    close = {"JPY": 110.0, "USDT": 20_000.0}.get(known.quote, 1.2) * np.exp(np.cumsum(steps))
    opened = np.concatenate([[close[0]], close[:-1]]) * np.exp(chance.normal(0, 1e-4, count))
    wick = np.abs(chance.normal(0, 5e-4, (2, count)))
    frame = pl.DataFrame(
        {
            "time": times,
            "open": opened,
            "high": np.maximum(opened, close) * (1 + wick[0]),
            "low": np.minimum(opened, close) * (1 - wick[1]),
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, count)) + 1,
        },
        schema=BAR_SCHEMA,
    )
    return Bars(known, timeframe, frame)


def later(moment: datetime, bars: int, timeframe: Timeframe = Timeframe.H1) -> datetime:
    """Return the time `bars` bar lengths after `moment`."""
    return moment + timedelta(minutes=timeframe.minutes * bars)
