"""Speed of the features: classic indicators, the whole library, one more bar; TA-Lib beside them.

    python bench/features.py [--bars 1000000]

*Classic indicators*: fifteen of the library's features, each the textbook's indicator finished for
a learner (in units of volatility or range, clipped, null where not known), over a million bars;
TA-Lib, in the same run, computes the bare indicators they are made of. *All features* is the full
set of a currency pair with six peers, news and figures, as members read it (float32). *One
bar* is a warm pipeline's answer to one more bar, the time to take the bar in included.
"""

import argparse
import resource
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import talib

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.features.batch import computed
from assay.features.contract import Frames
from assay.features.join import frames
from assay.features.pipeline import Pipeline, make_feature
from assay.features.series import Prices
from assay.features.sets import default_features
from assay.features.windows import compile_windows
from figures import Figure, keep, timed

PEERS = ("GBPUSD", "AUDUSD", "USDJPY", "USDCHF", "USDCAD", "NZDUSD")
TIMEFRAME = Timeframe.M15
CLASSIC = (
    "sma_distance", "ema_distance", "hull", "rsi", "atr", "macd", "bollinger", "stochastic", "adx",
    "signed_volume", "cci", "rate_of_change", "williams_r", "money_flow", "aroon",
)  # fmt: skip
CLASSIC_GOAL, HUNDRED_GOAL, BAR_GOAL, MEMORY_GOAL = 100.0, 2.0, 2.0, 4.0
"""Milliseconds for the fifteen, seconds for a hundred features, milliseconds a bar, GB."""


def world(count: int) -> Frames:
    """Return so many bars of EURUSD with six peers, higher bars, stories and releases."""
    chance = np.random.default_rng(1)
    start = datetime(1995, 1, 2, tzinfo=UTC)
    every = pl.datetime_range(
        start, start + timedelta(minutes=15 * count * 8 // 5), "15m", eager=True
    )
    times = every.filter(every.dt.weekday() <= 5).head(count)
    bars = _bars("EURUSD", chance, times, TIMEFRAME)
    hours = times.filter(times.dt.minute() == 0)
    seen, released = times.sample(count // 4, seed=1), times.sample(count // 25, seed=2)
    return frames(
        bars,
        higher=_bars("EURUSD", chance, hours, Timeframe.H1),
        peers={name: _bars(name, chance, times, TIMEFRAME).frame for name in PEERS},
        stories=pl.DataFrame(
            {"seen_at": seen, "score": pl.Series(chance.uniform(-1, 1, seen.len()))}
        ),
        releases=pl.DataFrame({"seen_at": released}).with_columns(
            series=pl.lit("CPI"),
            currency=pl.lit("USD"),
            actual=pl.Series(chance.normal(size=released.len())),
            consensus=pl.lit(0.0),
        ),
        calendar_columns=calendar("FX").calendar_columns(times, TIMEFRAME),
    )


def _bars(symbol: str, chance: np.random.Generator, times: pl.Series, timeframe: Timeframe) -> Bars:
    count = times.len()
    close = 1.2 * np.exp(np.cumsum(chance.standard_t(4, count) * 4e-4 - 8e-8))
    opened = np.concatenate([close[:1], close[:-1]])
    wick = np.abs(chance.normal(0, 2e-4, (2, count)))
    high, low = np.maximum(opened, close) * (1 + wick[0]), np.minimum(opened, close) * (1 - wick[1])
    volume = np.round(chance.gamma(2.0, 50.0, count))
    columns = (times, opened, high, low, close, volume)
    frame = pl.DataFrame(dict(zip(BAR_SCHEMA, columns, strict=True)), schema=BAR_SCHEMA)
    return Bars(instrument(symbol), timeframe, frame)


def bare(p: Prices) -> None:
    """Compute with TA-Lib what the fifteen are made of."""
    talib.SMA(p.close, 100)
    talib.EMA(p.close, 20), talib.EMA(p.close, 50)
    talib.WMA(2 * talib.WMA(p.close, 10) - talib.WMA(p.close, 20), 4)
    talib.RSI(p.close)
    talib.ATR(p.high, p.low, p.close)
    talib.MACD(p.close)
    talib.BBANDS(p.close, 20)
    talib.STOCH(p.high, p.low, p.close, 14, 3, 0, 3, 0)
    talib.ADX(p.high, p.low, p.close)
    talib.PLUS_DI(p.high, p.low, p.close), talib.MINUS_DI(p.high, p.low, p.close)
    talib.OBV(p.close, p.volume)
    talib.CCI(p.high, p.low, p.close, 20)
    talib.ROC(p.close)
    talib.WILLR(p.high, p.low, p.close, 28)
    talib.MFI(p.high, p.low, p.close, p.volume)
    talib.AROONOSC(p.high, p.low, 25)


def fresh(some: Frames) -> Frames:
    """Return the same frames without the arrays made for an earlier run."""
    return some.slice(0, some.rows)


def stream_ms(pipeline: Pipeline, some: Frames, bars: int = 400) -> float:
    """Return the median milliseconds of one more bar on a warm pipeline."""
    stream = pipeline.stream(some.slice(0, 5000))
    rows = iter([some.slice(row, 1) for row in range(5000, 5001 + bars)])
    return 1e3 * timed(lambda: stream.push(next(rows)), bars).clock


def main() -> int:
    """Measure; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bars", type=int, default=1_000_000)
    count = parser.parse_args().bars
    compile_windows()
    some = world(count)
    scale = 1_000_000 / count
    classic = [make_feature(name, {}) for name in CLASSIC]
    prices = Prices.of(some)
    standard = Pipeline(default_features(AssetClass.FX, timeframe=TIMEFRAME))
    full = Pipeline(default_features(AssetClass.FX, timeframe=TIMEFRAME, which="full"))
    hundred = Pipeline(full.features[:100])
    bar = {one: stream_ms(one, some) for one in (standard, full)}  # before the heap is stirred
    ours = timed(lambda: computed(classic, fresh(some), np.float32), 9)
    theirs = timed(lambda: bare(prices), 9)
    first = timed(lambda: hundred.matrix(fresh(some)), 3)
    whole = timed(lambda: full.matrix(fresh(some)), 3)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sizes = {one: f"{len(one.features)} features, {len(one.columns)} columns" for one in
             (standard, hundred, full)}  # fmt: skip
    figures = [
        Figure("15 classic indicators, 1 M bars", 1e3 * scale * ours.clock, "ms", CLASSIC_GOAL,
               peers={"TA-Lib": 1e3 * scale * theirs.clock},
               note="columns as members read them; TA-Lib the bare indicators"),
        Figure("the same, of the processor", 1e3 * scale * ours.processor, "ms",
               peers={"TA-Lib": 1e3 * scale * theirs.processor}),
        Figure("100 features, 1 M bars", scale * first.clock, "s", HUNDRED_GOAL,
               note=sizes[hundred]),
        Figure("the full set, 1 M bars", scale * whole.clock, "s", note=sizes[full]),
        Figure("memory at the most", memory, "GB", MEMORY_GOAL, note="with the bars themselves"),
        Figure("one more bar, standard set", bar[standard], "ms", BAR_GOAL,
               note=sizes[standard]),
        Figure("one more bar, full set", bar[full], "ms", note=sizes[full]),
    ]  # fmt: skip
    return keep("features", figures, "TA-Lib")


if __name__ == "__main__":
    sys.exit(main())
