"""Small worlds for experiments: a plan with few features, and bars with and without an edge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.evaluation.cuts import Cut, CutKind, CutPlan, cuts
from assay.features.join import frames
from assay.kernel.volatility import ewma_volatility, wilder_atr
from assay.workflows.desk import Desk
from assay.workflows.executors.contract import Executor, Failure, Outcome, Work, carry_out
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.fitted import read_by
from assay.workflows.experiments.reading import Planned
from assay.workflows.gather import Prepared, Series, moment_of, pipeline_of
from assay.workflows.replay import LIMIT_BARS
from tests.workflows.chains import END, market
from tests.workflows.workspace import open_at

READ = ("log_return", "rate_of_change", "rsi", "atr", "day_share")
"""Features that a small plan reads: quick to compute, and a slow drift shows in them."""
SHORT = timedelta(hours=LIMIT_BARS)
EURUSD = Series("EURUSD", Timeframe.H1)
LABELS: Mapping[str, Mapping[str, Any]] = {
    "direction": {"kind": "direction", "horizon": "4 bars"},
    "three_class": {"kind": "three_class", "horizon": "4 bars", "band": "0.25 sigma"},
    "quantiles": {"kind": "quantiles", "horizon": "4 bars"},
    "triple_barrier": {"kind": "triple_barrier", "holding_period": "12 bars"},
}


def plan(**changes: Any) -> dict[str, Any]:
    """Return what a small experiment file says; `changes` by key, of parts with two underscores."""
    told: dict[str, Any] = {
        "name": "small",
        "hypothesis": "A slow drift goes on for some hours after it can be seen.",
        "family": "small-worlds",
        "data": {"instruments": ["EURUSD"], "timeframe": "1h"},
        "features": {"only": list(READ)},
        "label": dict(LABELS["direction"]),
        "model": {"name": "ridge"},
        "splits": {"kind": "chronological", "tested": "40 %", "embargo": "12 hours"},
        "seeds": [1],
    }
    for key, value in changes.items():
        part, _, name = key.partition("__")
        if name:
            told[part] = {**told.get(part, {}), name: value}
        else:
            told[part] = value
    return told


def experiment(**changes: Any) -> Experiment:
    """Return the small experiment with `changes`; see `plan`."""
    return Experiment.model_validate(plan(**changes))


def planned(**changes: Any) -> Planned:
    """Return the small experiment with `changes`, as read from a file."""
    return Planned(experiment(**changes), "", f"# {changes}", "small.yaml")


def pair(rows: int = 2_500, *, edge: float = 0.6, seed: int = 11) -> Bars:
    """Return hourly EURUSD; `edge` is the size of a slow drift, in a bar's noise."""
    return market(rows, edge=edge, seed=seed)[0]


def prepared(bars: Bars, names: Sequence[str] = READ) -> Prepared:
    """Return `bars` ready for members, with the features `names`, computed from them alone."""
    table = calendar(bars.instrument.calendar)
    pipeline = pipeline_of(AssetClass.FX, bars.timeframe).only(frozenset(names))
    joined = frames(
        bars,
        higher=None,
        peers={},
        stories=None,
        releases=None,
        calendar_columns=table.calendar_columns(bars.frame["time"], bars.timeframe),
    )
    high, low, close = (bars.frame[name].to_numpy() for name in ("high", "low", "close"))
    return Prepared(
        series=Series(bars.instrument.symbol, bars.timeframe),
        instrument=bars.instrument,
        bars=bars,
        pipeline=pipeline,
        time=bars.frame["time"].dt.epoch("us").to_numpy(),
        x=np.ascontiguousarray(pipeline.matrix(joined)),
        volatility=ewma_volatility(close),
        atr=wilder_atr(high, low, close),
        peers=(),
        doubted=np.zeros(len(bars), dtype=np.bool_),
    )


def read(asked: Experiment, *items: Prepared) -> dict[Series, Prepared]:
    """Return `items` as the experiment's member reads them."""
    return {item.series: read_by(asked, item) for item in items}


def cuts_of(
    item: Prepared,
    kind: str = "chronological",
    *,
    tested: float = 0.4,
    embargo: timedelta = SHORT,
    **settings: Any,
) -> tuple[Cut, ...]:
    """Return the cuts of all history of `item`."""
    first, last = (moment_of(int(item.time[place])) for place in (0, -1))
    cut_plan = CutPlan(kind=CutKind(kind), tested=tested, embargo=embargo, **settings)
    return cuts(first, last, cut_plan)


def altered(bars: Bars, where: NDArray[np.bool_], seed: int = 3) -> Bars:
    """Return `bars` with other prices and volumes at the rows `where`, at the same times.

    Where they are altered the price leaves the old path for a wild walk; the other rows keep every
    bit.
    """
    chance = np.random.default_rng(seed)
    away = np.exp(np.cumsum(np.where(where, 0.01 * chance.standard_t(4, len(where)), 0.0)))
    inside = away * 1.07
    frame = bars.frame.with_columns(
        pl.when(pl.Series(where))
        .then(pl.col(name) * pl.Series(inside))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("open", "high", "low", "close")
    ).with_columns(
        pl.when(pl.Series(where))
        .then(pl.col("volume") + pl.Series(chance.integers(1, 900, len(where))))
        .otherwise(pl.col("volume"))
        .alias("volume")
    )
    return Bars(bars.instrument, bars.timeframe, frame)


def after(bars: Bars, moment: datetime) -> NDArray[np.bool_]:
    """Return (n,) which bars close after `moment`."""
    return np.asarray((bars.frame["time"] > moment).to_numpy())


def desk_with(home: Path, *every: Bars, now: datetime = END, url: str | None = None) -> Desk:
    """Return a desk on a workspace that holds `every`, its database at `url` if given."""
    desk = open_at(home, now)
    desk.database_url = url
    for bars in every:
        desk.bars.append(bars, source="test", known_at=now)
    return desk


@dataclass(frozen=True, slots=True)
class Counting(Executor):
    """Runs work in this process, one piece after the other, and writes down in `done` which.

    Before the piece number `stops_at` (from 0) somebody presses Ctrl-C; the one numbered `breaks`
    fails; `backwards` begins with the last.
    """

    stops_at: int | None = None
    breaks: int | None = None
    backwards: bool = False
    done: list[str] = field(default_factory=list)

    def _outcomes(self, works: Sequence[Work], stop: Callable[[], bool]) -> Iterator[Outcome]:
        """See `Executor._outcomes`."""
        for number, work in enumerate(works[::-1] if self.backwards else works):
            if stop():
                return
            if number == self.stops_at:
                raise KeyboardInterrupt
            if number == self.breaks:
                yield Outcome(
                    work.key, failure=Failure("the disk of the worker broke", ("Broken",))
                )
                continue
            self.done.append(work.key)
            yield carry_out(work.text(), self.packages)
