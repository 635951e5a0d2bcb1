"""Small honest inputs for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.models.contract import Asked, Floats, Samples


def make_bars(
    count: int = 300,
    *,
    symbol: str = "EURUSD",
    timeframe: Timeframe = Timeframe.H1,
    start: datetime = datetime(2020, 1, 6, tzinfo=UTC),
    seed: int = 7,
    gaps: bool = True,
) -> Bars:
    """Return a random walk with weekends (no bars on Saturday and Sunday) and a few gaps.

    Coins have bars on all days.
    """
    chance = np.random.default_rng(seed)
    known = instrument(symbol)
    days = 7 if known.asset_class is AssetClass.CRYPTO else 5
    times: list[datetime] = []
    moment = start
    while len(times) < count:
        moment += timeframe.length
        if moment.weekday() < days and not (gaps and chance.random() < 0.01):
            times.append(moment)
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


def make_samples(
    rows: int = 1200,
    *,
    series: int = 1,
    columns: int = 6,
    edge: float = 0.0,
    horizon: int = 4,
    band: float = 0.5,
    start: int = 0,
    seed: int = 7,
) -> Samples:
    """Return rows of `series` series: columns of noise, the first a past return, `edge` planted.

    One-hour bars of standard normal returns; `scaled` is the sum of the next `horizon` of them over
    its standard deviation, so outcomes overlap as real ones do, and the last `horizon` rows of a
    series have none. The return of bar t + 1 has mean `edge` times column 1 at t, a slow signal;
    the width grows with column 2. `start` is the first bar's number.
    """
    chance = np.random.default_rng(seed)
    hour = 3_600_000_000
    parts: list[tuple[np.ndarray, ...]] = []
    for number in range(series):
        slow = np.zeros((2, rows))
        for t in range(1, rows):
            slow[:, t] = 0.9 * slow[:, t - 1] + np.sqrt(1 - 0.9**2) * chance.normal(size=2)
        width = np.exp(0.2 * slow[1])
        bars = chance.normal(size=rows) * np.concatenate([[1.0], width[:-1]])
        bars[1:] += edge * slow[0, :-1]
        summed = np.concatenate([[0.0], np.cumsum(bars)])
        at = np.arange(rows)
        ahead = np.minimum(at + 1 + horizon, rows)
        scaled = np.where(at + horizon < rows, summed[ahead] - summed[at + 1], np.nan)
        scaled = scaled / np.sqrt(horizon)
        past = (summed[at + 1] - summed[np.maximum(at - 11, 0)]) / np.sqrt(12)
        x = np.column_stack([past, slow[0], slow[1], chance.normal(size=(rows, columns - 3))])
        x[chance.random(x.shape) < 0.01] = np.nan
        label = np.where(np.isnan(scaled), -1, 1 + (scaled > band) - (scaled < -band))
        time = (start + at) * hour
        t1 = np.where(np.isnan(scaled), 0, time + horizon * hour)
        parts.append((time, t1, np.full(rows, number), x, scaled, label))
    time, t1, which, x, scaled, label = (np.concatenate(part) for part in zip(*parts, strict=True))
    names = tuple(f"S{i}" for i in range(series))
    begin = which.astype(np.int64) * rows
    return Samples(
        ("log_return_12_by_50", "slow", "width", *(f"noise_{i}" for i in range(columns - 3))),
        names,
        time.astype(np.int64),
        t1.astype(np.int64),
        which.astype(np.int32),
        x,
        scaled,
        label.astype(np.int8),
        np.full(len(time), 1 / horizon),
        Asked(x, np.arange(len(x)), begin, which.astype(np.int32), tuple((n, "1h") for n in names)),
    )


def with_x(samples: Samples, x: Floats) -> Samples:
    """Return the samples with other features, in the bars before them too."""
    assert samples.past is not None
    table = samples.past.table.copy()
    table[samples.past.at] = x
    return replace(samples, x=x, past=replace(samples.past, table=table))
