"""Speed of the features: a batch over 50,000 bars, and one more bar; TA-Lib beside them.

    POLARS_MAX_THREADS=1 python bench/features.py

Medians over repeated runs, milliseconds in one thread: on the clock, and of the processor, which
a busy machine disturbs less. Goals: all default FX features
over 50,000 bars under 600 ms, one streamed bar under 10 ms. TA-Lib computes the bare indicators;
ours are computed from the frames to finished columns, with their units and nulls.
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is imported

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import talib

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Frames
from assay.features.join import frames
from assay.features.pipeline import Pipeline, make_feature
from assay.features.series import Prices
from assay.features.sets import default_features

BARS = 50_000
PEERS = ("GBPUSD", "AUDUSD", "USDJPY", "USDCHF", "USDCAD", "NZDUSD")
TIMEFRAME = Timeframe.M15


def _bars(chance: np.random.Generator, times: pl.Series, timeframe: Timeframe) -> Bars:
    count = times.len()
    close = 1.2 * np.exp(np.cumsum(chance.standard_t(4, count) * 4e-4))
    opened = np.concatenate([close[:1], close[:-1]])
    wick = np.abs(chance.normal(0, 2e-4, (2, count)))
    high, low = np.maximum(opened, close) * (1 + wick[0]), np.minimum(opened, close) * (1 - wick[1])
    volume = np.round(chance.gamma(2.0, 50.0, count))
    columns = (times, opened, high, low, close, volume)
    frame = pl.DataFrame(dict(zip(BAR_SCHEMA, columns, strict=True)), schema=BAR_SCHEMA)
    return Bars(instrument("EURUSD"), timeframe, frame)


def _world() -> Frames:
    chance = np.random.default_rng(1)
    fx = calendar("FX")
    start = datetime(2018, 1, 1, tzinfo=UTC)
    every = pl.datetime_range(start, start + timedelta(days=900), "15m", eager=True)
    times = every.filter(every.dt.weekday() <= 5).head(BARS)
    bars = _bars(chance, times, TIMEFRAME)
    hours = times.filter(times.dt.minute() == 0)
    seen = times.sample(BARS // 4, seed=1)
    scores = pl.Series(chance.uniform(-1, 1, seen.len()))
    released = times.sample(2000, seed=2)
    return frames(
        bars,
        higher=_bars(chance, hours, Timeframe.H1),
        peers={name: _bars(chance, times, TIMEFRAME).frame for name in PEERS},
        stories=pl.DataFrame({"seen_at": seen, "score": scores}),
        releases=pl.DataFrame({"seen_at": released}).with_columns(
            series=pl.lit("CPI"),
            currency=pl.lit("USD"),
            actual=pl.Series(chance.normal(size=2000)),
            consensus=pl.lit(0.0),
        ),
        calendar_columns=fx.calendar_columns(times, TIMEFRAME),
    )


def _median_ms(action: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median time on the clock and of the processor, in milliseconds."""
    clock, processor = [], []
    for _ in range(times):
        begin, used = time.perf_counter(), time.process_time()
        action()
        clock.append(1e3 * (time.perf_counter() - begin))
        processor.append(1e3 * (time.process_time() - used))
    return statistics.median(clock), statistics.median(processor)


PEER: dict[str, Callable[[Prices], object]] = {
    "ema_distance": lambda p: (talib.EMA(p.close, 20), talib.EMA(p.close, 50), _atr(p)),
    "macd": lambda p: (talib.MACD(p.close), _atr(p)),
    "hull": lambda p: (talib.WMA(2 * talib.WMA(p.close, 10) - talib.WMA(p.close, 20), 4), _atr(p)),
    "adx": lambda p: (
        talib.ADX(p.high, p.low, p.close),
        talib.PLUS_DI(p.high, p.low, p.close),
        talib.MINUS_DI(p.high, p.low, p.close),
    ),
    "aroon": lambda p: talib.AROONOSC(p.high, p.low, 25),
    "rsi": lambda p: talib.RSI(p.close),
    "stochastic": lambda p: talib.STOCH(p.high, p.low, p.close, 14, 3, 0, 3, 0),
    "williams_r": lambda p: talib.WILLR(p.high, p.low, p.close, 28),
    "cci": lambda p: talib.CCI(p.high, p.low, p.close, 20),
    "atr": lambda p: _atr(p),
    "bollinger": lambda p: (talib.BBANDS(p.close, 20), _atr(p)),
    "money_flow": lambda p: talib.MFI(p.high, p.low, p.close, p.volume),
    "signed_volume": lambda p: (talib.OBV(p.close, p.volume), talib.SUM(p.volume, 20)),
    "channel_position": lambda p: [
        (talib.MAX(p.high, window), talib.MIN(p.low, window)) for window in (20, 55)
    ],
}


def _atr(p: Prices) -> object:
    return talib.ATR(p.high, p.low, p.close, 14)


def main() -> None:
    world = _world()
    pipeline = Pipeline(default_features(AssetClass.FX, timeframe=TIMEFRAME))
    batch = _median_ms(lambda: pipeline.compute(_fresh(world)), 9)
    stream = pipeline.stream(world.slice(0, 5000))
    rows = iter([world.slice(row, 1) for row in range(5000, 5300)])
    one = _median_ms(lambda: stream.push(next(rows)), 300)
    print(f"{len(pipeline.features)} features, {len(pipeline.columns)} columns, {BARS:,} bars")
    print(f"batch    {batch[0]:8.1f} ms, processor {batch[1]:8.1f} ms   (goal < 600)")
    print(f"one bar  {one[0]:8.2f} ms, processor {one[1]:8.2f} ms   (goal < 10)")

    prices, beside = Prices.of(world), {}
    print(f"\n{'processor time':<18}{'ours ms':>9}{'TA-Lib ms':>11}")
    for name, peer in PEER.items():
        feature = make_feature(name, {})
        _, ours = _median_ms(lambda feature=feature: feature.columns(_fresh(world)), 7)
        _, theirs = _median_ms(lambda peer=peer: peer(prices), 7)
        beside[name] = (ours, theirs)
        print(f"{name:<18}{ours:9.2f}{theirs:11.2f}")
    total = [sum(pair[side] for pair in beside.values()) for side in (0, 1)]
    print(f"{'all of these':<18}{total[0]:9.2f}{total[1]:11.2f}")
    if "--json" in sys.argv:
        print(json.dumps({"batch_ms": batch, "bar_ms": one, "features": beside}))


def _fresh(world: Frames) -> Frames:
    """Return the same frames without the arrays made for an earlier run."""
    return world.slice(0, world.bars.height)


if __name__ == "__main__":
    main()
