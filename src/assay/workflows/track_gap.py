"""The record of a series beside what its newest backtest promised out of sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.core.errors import NotFoundError, StoreError
from assay.core.values.timeframe import Timeframe
from assay.evaluation import track as statistics
from assay.evaluation.track import Figure
from assay.store.reports import Reports
from assay.store.trials import TrialRow, Trials, TrialStatus
from assay.workflows.again import NAMESPACE
from assay.workflows.desk import Desk
from assay.workflows.track_rows import Asked, Judged, Kind, Row, resolved, said_of, traded_of

DAY_SECONDS = 86_400
NO_BACKTEST = "no backtest of this series has finished; run assay backtest"


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure now and in the backtest, and `now` less `then` with its 95 % interval.

    `name` is `r` (mean R of a trade after costs), `won` (share of trades with a gain) or `brier`
    (of the pool, where it leant to a side and the market moved). `over` names what the backtest's
    figure is of: the series, or all instruments that were in it.
    """

    name: str
    now: Figure
    then: Figure
    over: tuple[str, ...]
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A series' signals of one kind beside its newest backtest; `problem` says why there is none.

    The backtest holds one position at a time; here every signal is followed by itself.
    """

    symbol: str
    timeframe: Timeframe
    kind: Kind
    trial: str | None
    simulated: bool
    problem: str | None
    figures: tuple[Beside, ...]


def gaps(desk: Desk, asked: Asked | None = None) -> list[Gap]:
    """Return the gap of each series that has resolved signals, by series and kind."""
    groups: dict[tuple[str, Timeframe, Kind], list[Row]] = {}
    for row in resolved(desk, asked or Asked())[0]:
        frame = Timeframe(row.columns["timeframe"])
        groups.setdefault((row.columns["symbol"], frame, row.kind), []).append(row)
    if not groups:
        return []
    trials = Trials(desk.database).list(NAMESPACE)
    kept: dict[str, Mapping[str, Any] | str] = {}
    found = []
    order = sorted(groups, key=lambda key: (key[0], key[1].minutes, key[2]))
    for symbol, timeframe, kind in order:
        rows = groups[symbol, timeframe, kind]
        trial = _newest(trials, symbol, timeframe)
        report = NO_BACKTEST if trial is None else _report(desk, trial, kept)
        problem = report if isinstance(report, str) else None
        figures = () if isinstance(report, str) else _beside(desk, rows, report, symbol)
        found.append(
            Gap(
                *(symbol, timeframe, kind, trial.id if trial else None),
                *(kind is Kind.SIMULATED, problem, figures),
            )
        )
    return found


def _newest(trials: Sequence[TrialRow], symbol: str, timeframe: Timeframe) -> TrialRow | None:
    return next(
        (
            trial
            for trial in reversed(trials)
            if trial.status is TrialStatus.FINISHED
            and trial.configuration["timeframe"] == timeframe.value
            and symbol in trial.configuration["symbols"]
        ),
        None,
    )


def _report(
    desk: Desk, trial: TrialRow, kept: dict[str, Mapping[str, Any] | str]
) -> Mapping[str, Any] | str:
    """Return the report of `trial`, or why there is none; each is read once."""
    if trial.id not in kept:
        try:
            kept[trial.id] = Reports(desk.reports).read(trial.id, trial.results_digest or "")
        except (NotFoundError, StoreError) as error:
            kept[trial.id] = str(error)
    return kept[trial.id]


def _beside(
    desk: Desk, rows: Sequence[Row], report: Mapping[str, Any], symbol: str
) -> tuple[Beside, ...]:
    judged: list[Judged] = [(row, None) for row in rows]
    said, traded = said_of(judged), traded_of(judged)
    taken, leant = traded.taken, said.moved & (said.side != 0)
    up = (said.outcome[leant] == statistics.UP).astype(np.float64)
    loss = (said.probability[leant] - up) ** 2
    day, seed = traded.day[taken], desk.seed
    then_r, then_won = _trips(report, symbol, seed)
    found = [
        _one("r", statistics.figure(traded.r[taken], day, seed=seed), then_r, [symbol]),
        _one("won", statistics.hit_rate(traded.net[taken] > 0, day, seed=seed), then_won, [symbol]),
    ]
    brier = report["reliability"]["brier"]
    if brier is not None:
        score = {name: _number(brier["score"][name]) for name in ("value", "low", "high")}
        then = Figure(**score, count=brier["n"], days=brier["score"]["days"])
        now = statistics.figure(loss, said.day[leant], seed=seed)
        found.append(_one("brier", now, then, report["symbols"]))
    return tuple(found)


def _trips(report: Mapping[str, Any], symbol: str, seed: int) -> tuple[Figure, Figure]:
    """Return the mean R and the share won of the backtest's round trips in `symbol`."""
    columns = report["round_trips"]
    places = [n for n, name in enumerate(report["symbols"]) if name == symbol]
    own = np.isin(np.array(columns["symbol"], dtype=np.int64), places)
    day = np.array(columns["decided"], dtype=np.int64)[own] // DAY_SECONDS
    r = np.array(columns["r"], dtype=np.float64)[own]
    won = np.array(columns["pnl"], dtype=np.float64)[own] > 0
    return statistics.figure(r, day, seed=seed), statistics.hit_rate(won, day, seed=seed)


def _one(name: str, now: Figure, then: Figure, over: Sequence[str]) -> Beside:
    return Beside(name, now, then, tuple(over), *statistics.difference(now, then))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
