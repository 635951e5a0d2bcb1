"""From the folds of a run to its days, its figures, and what each seed found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.metrics import drawdown, one_figure, sharpe, total_return
from assay.models.contract import Floats
from assay.store.runs import FoldRow
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.scored import SUMS

Days = NDArray[np.int64]
RETURNS = (
    "net",
    "gross",
    "double",
    "delayed",
    "optimistic",
    "shifted",
    "naive",
    "momentum",
    "hold",
)
"""The kinds of daily return that every fold brings; see `folded.FoldResult`."""
COUNTS = ("trades", "won", "long", "ambiguous", "stopped", "answered", "asked")


@dataclass(frozen=True, slots=True)
class Summed:
    """A run over all folds: D days, S seeds.

    `days` (D,) are days since 1970; `returns` by kind (D, S); `scores` by name of `SUMS` summed
    over `score_days`, (E, S); `inside` the hits of the outermost quantiles, first seed; `counts`
    by name (S,). A day that several cuts test is the mean over them: of combinatorial cuts it is
    tested many times.
    """

    seeds: tuple[int, ...]
    days: Days
    returns: Mapping[str, Floats]
    score_days: Days
    scores: Mapping[str, Floats]
    inside: NDArray[np.int8]
    counts: Mapping[str, Floats]

    @property
    def net(self) -> Floats:
        """Return (D,): the mean over seeds, which is what a trial is judged by."""
        return np.asarray(self.returns["net"].mean(axis=1))

    def total(self, name: str) -> Floats:
        """Return (S,): the sum of a score over all days."""
        return np.asarray(self.scores[name].sum(axis=0))

    @property
    def hit_rate(self) -> Floats:
        """Return (S,): how often the side leaned to was right, of the rows that moved."""
        moved = self.total("moved")
        return _ratio(self.total("hits"), moved)

    @property
    def loss_gain(self) -> Floats:
        """Return (S,): nats a row by which up against down was foretold better than climatology."""
        weight = self.total("weight")
        gain = self.total("base_loss") - self.total("loss")
        return _ratio(gain, weight)

    @property
    def correlation(self) -> Floats:
        """Return (S,): the weighted correlation of the lean's rank with what came."""
        weight = self.total("rows")
        known = np.where(weight > 0, weight, np.nan)
        return _correlation(self, known)


def summed(rows: Sequence[FoldRow]) -> Summed:
    """Return the run that `rows` are the folds of; all seeds have the same folds.

    What an earlier version did not keep of a fold is NaN.
    """
    seeds = tuple(sorted({row.seed for row in rows}))
    days = _every(rows, "day")
    score_days = _every(rows, "score_day")
    return Summed(
        seeds=seeds,
        days=days,
        returns={name: _by_day(rows, seeds, "day", name, days, mean=True) for name in RETURNS},
        score_days=score_days,
        scores={
            name: _by_day(rows, seeds, "score_day", name, score_days, mean=False) for name in SUMS
        },
        inside=np.concatenate([row.arrays["inside"] for row in rows if row.seed == seeds[0]]),
        counts={
            name: np.array([sum(r.metrics[name] for r in rows if r.seed == s) for s in seeds])
            for name in COUNTS
        },
    )


def figures(run: Summed, experiment: Experiment, days_per_year: int) -> dict[str, Any]:
    """Return the figures that are kept of a run: plain data, null where there is none."""

    def told(name: str, statistic: Callable[[Floats], Floats]) -> dict[str, Any]:
        daily = run.returns[name].mean(axis=1)
        return one_figure(daily, statistic, seed=0).to_json()

    def ratio(daily: Floats) -> Floats:
        return sharpe(daily, days_per_year)

    sharpes = sharpe(run.returns["net"].T, days_per_year)
    found = {
        "days": len(run.days),
        "net_sharpe": told("net", ratio),
        "net_return": told("net", total_return),
        "drawdown": told("net", drawdown),
        "sharpe": {name: told(name, ratio)["value"] for name in RETURNS},
        "net_sharpe_by_seed": listed(sharpes, run.seeds),
        "hit_rate": listed(run.hit_rate, run.seeds),
        "log_loss_gain": listed(run.loss_gain, run.seeds),
        "information_coefficient": listed(run.correlation, run.seeds),
        "inside": float(run.inside.mean()) if len(run.inside) else None,
        **{name: listed(values, run.seeds) for name, values in run.counts.items()},
    }
    found["primary"] = primary(found, experiment)
    return found


def primary(found: Mapping[str, Any], experiment: Experiment) -> float | None:
    """Return the primary metric: the median over seeds where there is one for each."""
    value = found[experiment.primary_metric]
    if "value" in value:
        number: float | None = value["value"]
        return number
    known = [each for each in value.values() if each is not None]
    return float(np.median(known)) if known else None


def listed(values: Floats, seeds: Sequence[int]) -> dict[str, float | None]:
    """Return one number a seed, by the seed's name."""
    return {
        str(seed): float(value) if np.isfinite(value) else None
        for seed, value in zip(seeds, values, strict=True)
    }


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """Return the quotient, NaN where the bottom is not above zero."""
    found = np.full(len(bottom), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found


def _every(rows: Sequence[FoldRow], name: str) -> Days:
    return np.unique(np.concatenate([row.arrays[name] for row in rows]))


def _by_day(
    rows: Sequence[FoldRow], seeds: Sequence[int], axis: str, name: str, days: Days, *, mean: bool
) -> Floats:
    total, count = np.zeros((len(days), len(seeds))), np.zeros((len(days), len(seeds)))
    for row in rows:
        at, column = np.searchsorted(days, row.arrays[axis]), seeds.index(row.seed)
        total[at, column] += row.arrays.get(name, np.nan)
        count[at, column] += 1.0
    return total / np.maximum(count, 1.0) if mean else total


def _correlation(run: Summed, count: Floats) -> Floats:
    """Return the correlation from sums; the weights of rows are near 1 over the horizon."""
    edge, came = run.total("edge"), run.total("came")
    weight = run.total("all_weight")
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = run.total("edge_came") / weight - edge * came / weight**2
        own = run.total("edge_edge") / weight - (edge / weight) ** 2
        other = run.total("came_came") / weight - (came / weight) ** 2
        return np.where(count > 0, covariance / np.sqrt(own * other), np.nan)
