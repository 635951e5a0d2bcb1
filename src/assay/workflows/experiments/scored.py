"""How good answers were on a test, summed by day, so that runs can be compared day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.drift import drift
from assay.evaluation.splits import Span
from assay.models.contract import FLAT, UP, Floats
from assay.models.empirical import LEVELS
from assay.models.scores import SURE, rank_correlation, ranks
from assay.workflows.experiments.leaning import Leaning, Said
from assay.workflows.gather import Prepared
from assay.workflows.pooling import day_numbers, given_a_move

SUMS = (
    "rows", "weight", "loss", "base_loss", "pinball", "miss", "moved", "hits",
    "all_weight", "edge", "came", "edge_came", "edge_edge", "came_came",
)  # fmt: skip
"""Per day: rows judged; the sum of the weights (uniqueness) of those that moved; their weighted
log-losses of up against down given a move, the member's and climatology's, for whether it will move
at all is another question; the weighted pinball loss of all, and the weighted distance of what came
from the middle quantile; rows that moved, and hits among them; the sum of the weights of all; and
the weighted sums that a correlation of `edge` (the lean's rank, -1 to 1) with what came needs.
"""


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures by name, and arrays: `score_day`, beside it each of `SUMS`, and `inside`.

    `inside` is one entry a non-overlapping outcome, 1 if it fell between the outermost quantiles.
    """

    metrics: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def scores_of(
    item: Prepared, spans: Sequence[Span], said: Sequence[Said], leaning: Leaning, fuse: Leaning
) -> Scores:
    """Return the scores of the answers `said` about `item` on the rows of `spans`, in order.

    Of a label with a horizon the first question is judged by the side it leans to; of barriers
    each side's by itself, added up.
    """
    each_rows = [item.rows(span) for span in spans]
    rows = np.concatenate(each_rows)
    day = np.concatenate([day_numbers(item, own) for own in each_rows])
    edge = _ranked(leaning.shift)
    days = np.unique(day)
    total = {name: np.zeros(len(days)) for name in SUMS}
    inside, flat_ic = [], []
    for one in said:
        came = [one.question.came(item, own) for own in each_rows]
        scaled, kind, weight = (np.concatenate([each[n] for each in came]) for n in range(3))
        judged = _each(one, scaled, kind, weight, edge * one.question.side)
        at = np.searchsorted(days, day)
        for name, values in judged.items():
            total[name] += np.bincount(at, np.nan_to_num(values), minlength=len(days))
        inside.append(_inside(one, scaled, one.question.label.horizon_bars))
        flat_ic.append(_rank_correlation(leaning.shift * one.question.side, scaled))
    moved = drift(fuse.shift, leaning.shift)
    metrics = {
        "rank_ic": {str(item.series): float(np.mean(flat_ic))},
        "psi": {str(item.series): moved.psi if np.isfinite(moved.psi) else None},
        "answered": int(np.isfinite(leaning.shift).sum()),
        "asked": len(rows),
        "outcomes": float(sum(fit.calibration.outcomes for fit in said)),
    }
    return Scores(metrics, {"score_day": days, **total, "inside": np.concatenate(inside)})


def joined(parts: Sequence[Scores]) -> Scores:
    """Return the scores of several series as one: days added up, figures side by side."""
    days = np.unique(np.concatenate([part.arrays["score_day"] for part in parts]))
    arrays: dict[str, NDArray[Any]] = {"score_day": days}
    for name in SUMS:
        total = np.zeros(len(days))
        for part in parts:
            total[np.searchsorted(days, part.arrays["score_day"])] += part.arrays[name]
        arrays[name] = total
    arrays["inside"] = np.concatenate([part.arrays["inside"] for part in parts])
    metrics: dict[str, Any] = {}
    for name in parts[0].metrics:
        values = [part.metrics[name] for part in parts]
        if isinstance(values[0], Mapping):
            metrics[name] = {key: each for value in values for key, each in value.items()}
        else:
            metrics[name] = sum(values)
    return Scores(metrics, arrays)


def _each(
    said: Said, scaled: Floats, kind: NDArray[np.int8], weight: Floats, edge: Floats
) -> dict[str, Floats]:
    """Return each row's share in every one of `SUMS`, NaN where it is not judged."""
    known = (kind >= 0) & np.isfinite(scaled) & np.isfinite(said.raw.classes).all(axis=1)
    known &= np.isfinite(edge) & (weight > 0)
    w = np.where(known, weight, np.nan)
    moved = known & (kind != FLAT)
    up = kind == UP
    p_up, base_up = given_a_move(said.raw.classes), said.calibration.base_up
    chance = np.maximum(np.where(up, p_up, 1.0 - p_up), SURE)
    base = np.where(up, base_up, 1.0 - base_up)
    u = np.where(moved, w, np.nan)
    miss = scaled[:, None] - said.raw.quantiles
    pinball = np.maximum(LEVELS * miss, (LEVELS - 1) * miss).mean(axis=1)
    right = np.sign(edge) * np.where(up, 1.0, -1.0)
    return {
        "rows": known.astype(np.float64),
        "weight": u,
        "loss": -np.log(chance) * u,
        "base_loss": -np.log(base) * u,
        "pinball": pinball * w,
        "miss": np.abs(miss[:, len(LEVELS) // 2]) * w,
        "moved": moved.astype(np.float64),
        "hits": np.where(moved, 0.5 + 0.5 * right, 0.0),
        "all_weight": w,
        "edge": edge * w,
        "came": scaled * w,
        "edge_came": edge * scaled * w,
        "edge_edge": edge * edge * w,
        "came_came": scaled * scaled * w,
    }


def _ranked(shift: Floats) -> Floats:
    """Return the lean as its size's rank times its sign, in [-1, 1]: no outlier rules a sum."""
    known = np.isfinite(shift)
    edge = np.full(len(shift), np.nan)
    if known.any():
        edge[known] = np.sign(shift[known]) * ranks(np.abs(shift[known])) / known.sum()
    return edge


def _rank_correlation(shift: Floats, scaled: Floats) -> float:
    known = np.isfinite(shift) & np.isfinite(scaled)
    if known.sum() < 3:
        return 0.0
    return rank_correlation(shift[known], scaled[known]) or 0.0


def _inside(said: Said, scaled: Floats, horizon_bars: int) -> NDArray[np.int8]:
    """Return for every `horizon_bars`-th row whether the outcome fell inside the quantiles."""
    some = slice(0, None, horizon_bars)
    quantiles, came = said.raw.quantiles[some], scaled[some]
    known = np.isfinite(came) & np.isfinite(quantiles).all(axis=1)
    within = (came >= quantiles[:, 0]) & (came <= quantiles[:, -1])
    return np.asarray(within[known].astype(np.int8))
