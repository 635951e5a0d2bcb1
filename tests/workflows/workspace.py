"""A small trained workspace with an edge that can be found, built once and copied."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.workflows.data import resample_series
from assay.workflows.desk import Desk
from assay.workflows.issue import issue
from assay.workflows.train import train
from tests.factories import make_bars

LIGHT = ("naive", "momentum", "ridge")
ROWS = 6_000
EARLIER = (240, 244, 265, 303, 327)
"""How many bars before the last trained one the other signals are of."""
HELD_BACK = 60
"""Bars that are stored after training: what comes after the signal of the last trained bar."""


@dataclass
class HandClock:
    """A clock that a test moves."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def trending_bars(rows: int = ROWS, seed: int = 18) -> Bars:
    """Return hourly EURUSD whose drift persists, so that momentum has something to find."""
    chance = np.random.default_rng(seed)
    times = make_bars(rows, gaps=False).frame["time"]
    drift = np.zeros(rows)
    for t in range(1, rows):
        drift[t] = 0.96 * drift[t - 1] + np.sqrt(1 - 0.96**2) * chance.normal()
    close = 1.2 * np.exp(np.cumsum(0.001 * (0.45 * drift + chance.normal(size=rows))))
    opened = np.concatenate([[1.2], close[:-1]])
    wick = 1 + np.abs(chance.normal(0, 3e-4, (2, rows)))
    frame = pl.DataFrame(
        {
            "time": times,
            "open": opened,
            "high": np.maximum(opened, close) * wick[0],
            "low": np.minimum(opened, close) / wick[1],
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, rows)) + 1,
        }
    )
    return Bars(make_bars(2).instrument, Timeframe.H1, frame)


def build(home: Path) -> None:
    """Fill `home`: bars of two timeframes, three light members, signals, then 60 more bars.

    The first signal is that of the last bar trained on; the others are of earlier bars, which the
    fusion has seen, and reach other scores.
    """
    bars = trending_bars()
    seen = Bars(bars.instrument, bars.timeframe, bars.frame.head(ROWS - HELD_BACK))
    desk = open_at(home, seen.last_time + timedelta(hours=1))
    desk.bars.append(seen, source="test", known_at=desk.clock.now())
    resample_series(desk, "EURUSD", Timeframe.H1, Timeframe.H4)
    train(desk, members=LIGHT)
    issue(desk, "EURUSD", Timeframe.H1)
    for back in EARLIER:
        issue(desk, "EURUSD", Timeframe.H1, as_of=seen.frame["time"][-back])
    desk.database.close()
    later = open_at(home, bars.last_time + timedelta(hours=1))
    later.bars.append(bars, source="test", known_at=later.clock.now())
    later.database.close()


def open_at(home: Path, moment: datetime = datetime(2022, 1, 3, 12, tzinfo=UTC)) -> Desk:
    """Return the desk of a workspace with the clock at `moment`."""
    return Desk(home=home, clock=HandClock(moment), jobs=1)


def opener(home: Path) -> Callable[[Path | None], Desk]:
    """Return what the command line opens its desk with."""
    return lambda asked: open_at(asked or home)


def copied(template: Path, to: Path) -> Path:
    """Return a copy of the workspace that a test may damage."""
    shutil.copytree(template, to)
    return to
