"""Markets in which nothing pays: simulated ones, and real ones turned round day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.clock import FixedClock
from assay.core.errors import HistoryError
from assay.core.ids import digest
from assay.core.instruments import KNOWN
from assay.core.instruments import instrument as known_instrument
from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated
from assay.sources.simulation.plan import Decoy, Kind, plan_of
from assay.store.bars import BarStore
from assay.workflows.calibrating_kept import FOLDER
from assay.workflows.desk import Desk, Tick, silent

YEARS = 3.0
TIMEFRAME = Timeframe.H1
MOST_SERIES = 2
DAY_US = 86_400_000_000
STORE = "bars"
"""The folder of a workspace that its bars are in."""


class Null(StrEnum):
    """The markets in which nothing pays."""

    NO_EDGE = "no_edge"
    UNDER_COST = "edge_under_cost"
    RANDOM_SIGNS = "random_signs"


ABOUT = {
    Null.NO_EDGE: "simulated bars of two instruments without any edge",
    Null.UNDER_COST: "simulated bars of a pair whose edge is smaller than what trading it costs",
    Null.RANDOM_SIGNS: "real bars, the moves of each whole day turned round or not by one coin",
}


@dataclass(frozen=True, slots=True)
class Real:
    """Real bars to be turned round: a store of bars, which symbols of it, and their hash."""

    root: Path
    symbols: tuple[str, ...]
    mark: str


def market_of(null: Null, seed: int, root: Path | None, symbols: Sequence[str]) -> list[Bars]:
    """Return the bars of one market; `root` and `symbols` name the real ones to turn round."""
    if null is not Null.RANDOM_SIGNS:
        return _simulated(null, seed)
    store = BarStore(root or Path())
    return turned_round([_last_years(store, name) for name in symbols], seed)


def real_bars(desk: Desk, paths: Sequence[Path], tick: Tick = silent) -> Real | None:
    """Return real bars to turn round: of `paths` if there are any, else those stored in `desk`.

    Paths are files, which are imported apart from the workspace, or one other workspace; they must
    hold what is needed (`real_of`), and where no file can be read the first reason is raised. None
    where the workspace itself has nothing of the kind.
    """
    if not paths:
        try:
            return real_of(desk.bars.root)
        except HistoryError:
            return None
    if len(paths) == 1 and (paths[0] / STORE).is_dir():
        return real_of(paths[0] / STORE)
    from assay.workflows.imported import Wanted
    from assay.workflows.imports import import_files

    name = digest([str(path.resolve()) for path in paths])[:12]  # files of another day stay apart
    apart = Desk(desk.home / FOLDER / "real" / name, FixedClock(desk.clock.now()), jobs=desk.jobs)
    try:
        run = import_files(apart, paths, Wanted(), tick=tick)
    finally:
        apart.close()
    if not run.imported:
        raise run.refused[0].error
    return real_of(apart.bars.root)


def _simulated(null: Null, seed: int) -> list[Bars]:
    """Return the bars of instruments whose part under `seed` is what `null` says."""
    parts = {name: plan_of(seed, one) for name, one in KNOWN.items()}
    if null is Null.UNDER_COST:
        names = [name for name, part in parts.items() if part.decoy is Decoy.UNDER_COST]
    else:
        bare = [n for n, part in parts.items() if part.kind is Kind.NONE and part.decoy is None]
        names = bare[:MOST_SERIES]
    chosen = [KNOWN[name] for name in names]
    market = Simulated(seed=seed, years=YEARS, instruments=chosen, timeframe=TIMEFRAME)
    return [market.bars(one, TIMEFRAME).bars for one in chosen]


def real_of(root: Path) -> Real:
    """Return the real hourly bars in a store that are long enough, of instruments known by name.

    None that is long enough is a `HistoryError`.
    """
    store = BarStore(root)
    wanted = timedelta(days=365.25 * YEARS)
    fit = [
        info.symbol
        for info in store.series()
        if info.timeframe is TIMEFRAME
        and info.symbol in KNOWN
        and not info.simulated
        and info.last - info.first >= wanted
    ]
    if not fit:
        raise HistoryError(
            f"{root} holds no real bars to turn round: {YEARS:g} years of {TIMEFRAME} bars of an "
            "instrument known by name are needed; import some, or name a folder with --bars"
        )
    chosen = sorted(fit)[:MOST_SERIES]
    marks = [store.fingerprint(name, TIMEFRAME, _start(store, name)) for name in chosen]
    return Real(root.resolve(), tuple(chosen), digest([chosen, marks]))


def _start(store: BarStore, symbol: str) -> datetime:
    """Return the time just after the close from which the last years are counted."""
    last = store.info(symbol, TIMEFRAME).last
    return last - timedelta(days=365.25 * YEARS) + timedelta(microseconds=1)


def _last_years(store: BarStore, symbol: str) -> Bars:
    return store.read(known_instrument(symbol), TIMEFRAME, _start(store, symbol))


def turned_round(every: Sequence[Bars], seed: int) -> list[Bars]:
    """Return bars whose moves of each whole UTC day are kept or turned round by one coin for all.

    Log moves since the close before change their sign, so that a high becomes a low; sizes, their
    clusters, and how instruments move together stay. Which way a day goes can then not be known
    from the days before (the sign-flipping of Romano & Wolf 2005 by blocks); what follows what
    inside one day stays as it was. Prices are rounded to ticks, volumes stay.
    """
    days = [_days_of(bars) for bars in every]
    first, last = min(int(d[0]) for d in days), max(int(d[-1]) for d in days)
    coin = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), last - first + 1)
    return [_turned(bars, coin[day - first]) for bars, day in zip(every, days, strict=True)]


def _days_of(bars: Bars) -> NDArray[np.int64]:
    """Return (n,) the day in which each bar was open; one that closes at midnight ends its day."""
    return np.asarray((bars.frame["time"].dt.epoch("us").to_numpy() - 1) // DAY_US)


def _turned(bars: Bars, sign: NDArray[np.float64]) -> Bars:
    price = {name: bars.frame[name].log().to_numpy() for name in PRICES}
    before = np.concatenate([price["open"][:1], price["close"][:-1]])
    close = price["open"][0] + np.cumsum(sign * (price["close"] - before))
    start = np.concatenate([price["open"][:1], close[:-1]])
    ends = {name: start + sign * (price[name] - before) for name in ("high", "low")}
    made = {
        "open": start + sign * (price["open"] - before),
        "high": np.maximum(ends["high"], ends["low"]),
        "low": np.minimum(ends["high"], ends["low"]),
        "close": close,
    }
    tick = bars.instrument.tick_size
    rounded = {name: np.maximum(np.round(np.exp(v) / tick), 1.0) * tick for name, v in made.items()}
    frame = bars.frame.with_columns(pl.Series(name, values) for name, values in rounded.items())
    return Bars(bars.instrument, bars.timeframe, frame.select(list(BAR_SCHEMA)))
