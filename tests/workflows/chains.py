"""Worlds for the whole chain: two currency pairs whose past is shared and whose future is not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.workflows.desk import Desk
from tests.factories import make_bars
from tests.workflows.workspace import open_at

SYMBOLS = ("EURUSD", "GBPUSD")
MEMBERS = ("naive", "momentum", "ridge")
PLAN = SplitPlan(folds=2, tested=0.3)
ROWS = 5_000
PERSISTENCE = 0.96
END = datetime(2022, 1, 3, 12, tzinfo=UTC)
"""What the clock shows: after every bar."""


def market(rows: int = ROWS, *, edge: float = 0.45, seed: int = 11) -> list[Bars]:
    """Return hourly bars of two pairs; `edge` is the size of a slow drift, in a bar's noise."""
    return [_bars(symbol, rows, edge, seed + n) for n, symbol in enumerate(SYMBOLS)]


def _bars(symbol: str, rows: int, edge: float, seed: int) -> Bars:
    chance = np.random.default_rng(seed)
    drift = np.zeros(rows)
    for t in range(1, rows):
        step = np.sqrt(1 - PERSISTENCE**2) * chance.normal()
        drift[t] = PERSISTENCE * drift[t - 1] + step
    moves = 0.001 * (edge * drift + chance.normal(size=rows))
    times = make_bars(rows, gaps=False).frame["time"]
    return Bars(instrument(symbol), Timeframe.H1, _candles(times, 1.2, moves, chance))


def _candles(
    times: pl.Series, start: float, moves: NDArray[np.float64], chance: np.random.Generator
) -> pl.DataFrame:
    close = start * np.exp(np.cumsum(moves))
    opened = np.concatenate([[start], close[:-1]])
    wick = 1 + np.abs(chance.normal(0, 3e-4, (2, len(times))))
    return pl.DataFrame(
        {
            "time": times,
            "open": opened,
            "high": np.maximum(opened, close) * wick[0],
            "low": np.minimum(opened, close) / wick[1],
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, len(times))) + 1,
        }
    )


def other_future(bars: Bars, known: datetime, seed: int = 5) -> Bars:
    """Return `bars` with everything that closes after `known` replaced.

    A wild random walk far from the old prices, with other volumes and holes. The last bar keeps its
    time, so that the folds are cut at the same moments.
    """
    chance = np.random.default_rng(seed)
    past = bars.frame.filter(pl.col("time") <= known)
    later = bars.frame.filter(pl.col("time") > known)["time"]
    kept = chance.random(len(later)) > 0.05
    kept[-1] = True
    times = later.filter(pl.Series(kept))
    moves = 0.01 * chance.standard_t(3, len(times))
    moves[0] += 0.3
    future = _candles(times, float(past["close"][-1]), moves, chance)
    return Bars(bars.instrument, bars.timeframe, pl.concat([past, future]))


def stored(home: Path, every: Sequence[Bars], *, now: datetime = END) -> Desk:
    """Return a desk on a workspace that holds hourly bars and the four-hour bars made of them."""
    desk = open_at(home, now)
    for bars in every:
        table = calendar(bars.instrument.calendar)
        desk.bars.append(bars, source="test", known_at=now)
        desk.bars.append(resample(bars, Timeframe.H4, table), source="test", known_at=now)
    return desk


def until(bars: Bars, known: datetime) -> Bars:
    """Return the bars that had closed by `known`."""
    return Bars(bars.instrument, bars.timeframe, bars.frame.filter(pl.col("time") <= known))
