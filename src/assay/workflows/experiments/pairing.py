"""Two runs of one question side by side, on the same days, rows and bets: what one gains."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.metrics import sharpe
from assay.evaluation.statistics.paired import Gain, paired_gain, relative_gain, sharpe_gain
from assay.models.contract import Floats
from assay.workflows.experiments.planning import Checked
from assay.workflows.experiments.sharing import opened
from assay.workflows.experiments.summing import Summed

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of both runs, and what the run `with` the thing gains over the one `without`."""

    with_it: float
    without_it: float
    gain: Gain

    def to_json(self) -> dict[str, Any]:
        """Return plain data, null where there is none."""
        ends = {"with": self.with_it, "without": self.without_it}
        return {k: v if np.isfinite(v) else None for k, v in ends.items()} | {
            "gain": self.gain.to_json()
        }


@dataclass(frozen=True, slots=True)
class Paired:
    """Two runs on the days both judged the same rows of.

    `measures` are, all above 0 where the run with the thing is better: `log_loss` (nats a row of
    up against down given a move), `mae_percent` (of the distance of what came from the middle
    quantile, the gain in percent of the other run's), `net_sharpe` (annual) and `hit_rate`.
    `climatology` is the log loss of who only knows how often it rose before. `rows` were compared;
    `days_apart` were left out, since the runs judged other rows there.
    """

    measures: Mapping[str, Measure]
    climatology: float
    days: int
    rows: int
    days_apart: int
    first_day: str
    last_day: str
    horizon_days: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        told = {name: each.to_json() for name, each in self.measures.items()}
        base = self.climatology if np.isfinite(self.climatology) else None
        others = ("days", "rows", "days_apart", "first_day", "last_day", "horizon_days")
        return {"measures": told, "climatology": base} | {
            name: getattr(self, name) for name in others
        }


def paired(
    with_it: Summed,
    without_it: Summed,
    *,
    horizon_days: int,
    days_per_year: int,
    level: float = 0.05,
    seed: int = 0,
) -> Paired:
    """Return what the first run gains over the second; both are means over their seeds.

    `level` is that of the smallest difference that would have been seen; see `paired_gain`.
    """
    days, own, other = np.intersect1d(
        with_it.score_days, without_it.score_days, return_indices=True
    )
    rows = _mean(with_it, "rows", own)
    same = np.isclose(rows, _mean(without_it, "rows", other), rtol=0.0, atol=1e-9)
    days, own, other, rows = days[same], own[same], other[same], rows[same]

    def sums(name: str) -> tuple[Floats, Floats]:
        return _mean(with_it, name, own), _mean(without_it, name, other)

    def gained(ahead: Floats, weight: Floats) -> Gain:
        return paired_gain(ahead, weight, horizon_days=horizon_days, level=level, seed=seed)

    weight, moved, weights = (sums(name)[0] for name in ("weight", "moved", "all_weight"))
    loss, miss, hits = sums("loss"), sums("miss"), sums("hits")
    less = relative_gain(*miss, horizon_days=horizon_days, level=level, seed=seed)
    net = _net(with_it, without_it)
    ratio = np.nan_to_num(sharpe(np.array(net), days_per_year))
    measures = {
        "log_loss": _measure(loss, weight, gained(loss[1] - loss[0], weight)),
        "mae_percent": _measure(miss, weights, less.times(100.0)),
        "net_sharpe": Measure(
            float(ratio[0]),
            float(ratio[1]),
            sharpe_gain(*net, days_per_year, level=level, seed=seed),
        ),
        "hit_rate": _measure(hits, moved, gained(hits[0] - hits[1], moved)),
    }
    every = len(np.union1d(with_it.score_days, without_it.score_days))
    return Paired(
        measures=measures,
        climatology=_over(sums("base_loss")[0], weight),
        days=len(days),
        rows=round(float(rows.sum())),
        days_apart=every - len(days),
        first_day=_date(days[:1]),
        last_day=_date(days[-1:]),
        horizon_days=horizon_days,
    )


def horizon_in_days(checked: Checked) -> int:
    """Return over how many days the forecasts of an experiment overlap, 1 where they do not."""
    items = opened([str(path) for path in checked.paths]).values()
    bars_a_day = min(len(i.time) / len(np.unique(i.time // _DAY_US)) for i in items)
    return 1 + ceil((checked.experiment.horizon_bars - 1) / bars_a_day)


def _mean(run: Summed, name: str, at: NDArray[np.intp]) -> Floats:
    return np.asarray(run.scores[name].mean(axis=1)[at])


def _net(with_it: Summed, without_it: Summed) -> tuple[Floats, Floats]:
    _, own, other = np.intersect1d(with_it.days, without_it.days, return_indices=True)
    return with_it.net[own], without_it.net[other]


def _measure(sums: tuple[Floats, Floats], weight: Floats, gain: Gain) -> Measure:
    return Measure(_over(sums[0], weight), _over(sums[1], weight), gain)


def _date(days: NDArray[np.int64]) -> str:
    return str(np.datetime64(int(days[0]), "D")) if len(days) else ""


def _over(top: Floats, bottom: Floats) -> float:
    total = float(bottom.sum())
    return float(top.sum()) / total if total > 0 else float("nan")
