"""Weighted quantiles and class frequencies: what has been, counted."""

from functools import cache

import numpy as np

from assay.core.values.forecast import PROBABILITIES
from assay.models.contract import DOWN, FLAT, UP, Floats, Samples

LEVELS = np.array(PROBABILITIES)
CDF_POINTS = 201


def weighted_quantiles(values: Floats, weight: Floats, levels: Floats) -> Floats:
    """Return the quantiles of `values` (n,) at `levels`, linear between mid-weights (Hazen).

    With equal weights it is `numpy.quantile(..., method="hazen")`. Weights are above zero.
    """
    order = np.argsort(values, kind="stable")
    sorted_weight = weight[order]
    middle = (np.cumsum(sorted_weight) - sorted_weight / 2) / sorted_weight.sum()
    return np.interp(levels, middle, values[order])


def distribution_table(values: Floats, weight: Floats) -> Floats:
    """Return `CDF_POINTS` evenly spaced quantiles, lowest to highest: an empirical distribution."""
    return weighted_quantiles(values, weight, _evenly(CDF_POINTS))


@cache
def _evenly(count: int) -> Floats:
    return np.linspace(0.0, 1.0, count)


def probability_below(table: Floats, at: Floats) -> Floats:
    """Return the probability of lying below `at`, from a `distribution_table`.

    Linear between its points; never nearer than half a step to 0 or 1, for a table of so many
    points knows no more.
    """
    steps = len(table) - 1
    levels = np.interp(at, table, _evenly(len(table)))
    return np.asarray(np.clip(levels, 0.5 / steps, 1 - 0.5 / steps))


def class_rates(samples: Samples) -> Floats:
    """Return (3,) the weighted frequencies of down, flat and up, half an outcome added to each.

    The half (Krichevsky and Trofimov 1981) keeps an outcome that was never seen above zero.
    """
    return smoothed_rates(samples.label, samples.weight)


def smoothed_rates(label: np.ndarray, weight: Floats) -> Floats:
    """Return `class_rates` of bare arrays: labels (n,) of DOWN, FLAT, UP and weights (n,)."""
    counts = np.array([weight[label == k].sum() for k in (DOWN, FLAT, UP)]) + 0.5
    return np.asarray(counts / counts.sum())
