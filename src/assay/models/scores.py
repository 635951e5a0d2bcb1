"""How good answers were, one number each; lower is better but for hit rate and correlation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import DOWN, UP, Floats, Raw, Samples
from assay.models.empirical import LEVELS

SURE = 1e-6
"""No outcome is held for less likely than this when its logarithm is taken."""


def log_loss(classes: Floats, label: NDArray[Any], weight: Floats) -> float:
    """Return the weighted mean of -log p of what happened, in nats a row."""
    chance = classes[np.arange(len(label)), label]
    return float(np.average(-np.log(np.maximum(chance, SURE)), weights=weight))


def brier(classes: Floats, label: NDArray[Any], weight: Floats) -> float:
    """Return the weighted mean squared distance to what happened, over three classes, 0..2."""
    happened = np.eye(3)[label]
    return float(np.average(((classes - happened) ** 2).sum(axis=1), weights=weight))


def pinball(quantiles: Floats, scaled: Floats, weight: Floats) -> float:
    """Return the weighted mean pinball loss over `PROBABILITIES`, in units of the scaled return."""
    miss = scaled[:, None] - quantiles
    loss = np.maximum(LEVELS * miss, (LEVELS - 1) * miss).mean(axis=1)
    return float(np.average(loss, weights=weight))


def coverage(quantiles: Floats, scaled: Floats, weight: Floats) -> float:
    """Return the weighted share of outcomes between the lowest and the highest quantile."""
    inside = (scaled >= quantiles[:, 0]) & (scaled <= quantiles[:, -1])
    return float(np.average(inside, weights=weight))


def hit_rate(classes: Floats, label: NDArray[Any], weight: Floats) -> float | None:
    """Return how often the likelier side won, of the rows that moved; None if there are none.

    Equal odds count as half a hit.
    """
    moved = label != 1
    if not moved.any():
        return None
    edge = np.sign(classes[moved, UP] - classes[moved, DOWN])
    side = np.where(label[moved] == UP, 1.0, -1.0)
    return float(np.average(0.5 + 0.5 * edge * side, weights=weight[moved]))


def information_coefficient(classes: Floats, scaled: Floats) -> float | None:
    """Return the rank correlation of p_up - p_down with the outcome; None if either is constant.

    Ties share their mean rank (Spearman). Every row counts the same.
    """
    return rank_correlation(classes[:, UP] - classes[:, DOWN], scaled)


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Return Spearman's correlation of known values (n,), ties at their mean; None if constant."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def ranks(values: Floats) -> Floats:
    """Return ranks from 1, ties sharing their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]


def scorecard(raw: Raw, rows: Samples) -> dict[str, float | int | None]:
    """Return all of the above for answered, labelled rows, as JSON-ready numbers."""
    return {
        "rows": len(rows),
        "log_loss": log_loss(raw.classes, rows.label, rows.weight),
        "brier": brier(raw.classes, rows.label, rows.weight),
        "pinball": pinball(raw.quantiles, rows.scaled, rows.weight),
        "coverage_90": coverage(raw.quantiles, rows.scaled, rows.weight),
        "hit_rate": hit_rate(raw.classes, rows.label, rows.weight),
        "information_coefficient": information_coefficient(raw.classes, rows.scaled),
    }
