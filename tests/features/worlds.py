"""Frames as real markets give them: gaps, missing peers, bursts of news, revised figures."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from assay.features.contract import Frames
from assay.features.join import RATES, RELEASE_SCHEMA, STORY_SCHEMA, frames
from tests.factories import make_bars

PEERS = ("GBPUSD", "AUDUSD", "USDJPY", "EURGBP")


@dataclass(frozen=True, slots=True)
class World:
    """Everything the join is handed, before it is joined."""

    bars: Bars
    higher: Bars | None
    peers: dict[str, pl.DataFrame]
    stories: pl.DataFrame | None
    releases: pl.DataFrame | None

    def frames(self) -> Frames:
        columns = calendar("FX").calendar_columns(self.bars.frame["time"], self.bars.timeframe)
        return frames(
            self.bars,
            higher=self.higher,
            peers=self.peers,
            stories=self.stories,
            releases=self.releases,
            calendar_columns=columns,
        )

    def until(self, moment: datetime) -> "World":
        """Return only what was known at `moment`."""
        assert self.higher is not None
        assert self.stories is not None
        assert self.releases is not None
        return replace(
            self,
            bars=self.bars.until(moment),
            higher=self.higher.until(moment),
            peers={name: f.filter(pl.col("time") <= moment) for name, f in self.peers.items()},
            stories=self.stories.filter(pl.col("seen_at") <= moment),
            releases=self.releases.filter(pl.col("seen_at") <= moment),
        )


def make_world(count: int = 1500, *, timeframe: Timeframe = Timeframe.H1, seed: int = 5) -> World:
    """Return `count` bars of EURUSD with all that goes with them."""
    chance = np.random.default_rng(seed)
    bars = make_bars(count, timeframe=timeframe, seed=seed)
    times = bars.frame["time"]
    first, last = times[0], times[-1]
    span = int((last - first).total_seconds())
    return World(
        bars,
        resampled(bars),
        {symbol: _peer(bars, symbol, chance) for symbol in PEERS},
        _stories(first, span, count // 2, chance),
        pl.concat([_releases(first, span, max(12, count // 20), chance), _levels(first, span)]),
    )


def resampled(bars: Bars) -> Bars:
    """Return the bars of the next higher timeframe, stamped with their close."""
    higher = bars.timeframe.higher
    assert higher is not None
    minutes = f"{higher.minutes}m"
    frame = (
        bars.frame.group_by_dynamic("time", every=minutes, closed="right", label="right")
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
        .cast(BAR_SCHEMA)
    )
    return Bars(bars.instrument, higher, frame)


def _peer(bars: Bars, symbol: str, chance: np.random.Generator) -> pl.DataFrame:
    own = np.log(bars.frame["close"].to_numpy())
    other = np.cumsum(chance.normal(0, 1e-3, own.size))
    close = 0.7 * np.exp(0.6 * own + other)
    there = chance.random(own.size) > 0.05
    there[200:230] = False
    return pl.DataFrame({"time": bars.frame["time"], "close": close}).filter(pl.Series(there))


def _stories(first: datetime, span: int, count: int, chance: np.random.Generator) -> pl.DataFrame:
    seconds = chance.integers(-7200, span + 7200, count)
    burst = int(span * 0.4) + chance.integers(0, 5400, 40)
    moments = [first + timedelta(seconds=int(s)) for s in np.concatenate([seconds, burst])]
    scores = np.round(chance.uniform(-1, 1, len(moments)), 3)
    return pl.DataFrame({"seen_at": moments, "score": scores}, schema=STORY_SCHEMA)


def _releases(first: datetime, span: int, count: int, chance: np.random.Generator) -> pl.DataFrame:
    moments = [first + timedelta(seconds=int(s)) for s in np.sort(chance.integers(0, span, count))]
    consensus = [None if chance.random() < 0.1 else 2.0 for _ in moments]
    return pl.DataFrame(
        {
            "series": [("CPI", "PMI")[i % 2] for i in range(count)],
            "currency": chance.choice(["EUR", "USD", "USD", "JPY"], count),
            "seen_at": moments,
            "actual": 2.0 + chance.normal(0, 0.3, count),
            "consensus": consensus,
        },
        schema=RELEASE_SCHEMA,
    )


def _levels(first: datetime, span: int) -> pl.DataFrame:
    """Return rates of both currencies, known from some way into the bars on."""
    chance = np.random.default_rng(11)
    parts = []
    for series in RATES.values():
        for currency in ("EUR", "USD"):
            seconds = np.sort(chance.integers(span // 50, span, 40))
            level = 2.0 + np.cumsum(chance.normal(0, 0.1, seconds.size))
            columns = {
                "series": [series] * seconds.size,
                "currency": [currency] * seconds.size,
                "seen_at": [first + timedelta(seconds=int(second)) for second in seconds],
                "actual": level,
                "consensus": pl.Series([None] * seconds.size, dtype=pl.Float64),
            }
            parts.append(pl.DataFrame(columns, schema=RELEASE_SCHEMA))
    return pl.concat(parts)
