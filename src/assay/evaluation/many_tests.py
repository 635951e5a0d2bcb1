"""Many tests at once, and a t statistic that takes days as they come."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def false_discovery(p_values: Floats) -> Floats:
    """Return adjusted p-values that bound the share of false claims (Benjamini & Hochberg 1995).

    Claiming those at or below a level keeps the expected share of false ones among the claims at
    that level, for independent or positively dependent tests. NaN counts as 1.
    """
    filled = np.where(np.isfinite(p_values), p_values, 1.0)
    order = np.argsort(filled, kind="stable")[::-1]
    places = np.arange(len(filled), 0, -1)
    stepped = np.minimum.accumulate(np.minimum(filled[order] * len(filled) / places, 1.0))
    adjusted = np.empty_like(stepped)
    adjusted[order] = stepped
    return adjusted


def day_t(values: Floats, day: NDArray[np.int64], lags: int = 2) -> tuple[float, float]:
    """Return the t statistic and one-sided p of the mean of `values` (n,) being above zero.

    Values are summed within each day; the variance of the daily sums keeps autocovariances up to
    `lags` days with Bartlett weights (Newey & West 1987). NaN with fewer than 30 days.
    """
    from math import erfc

    if not len(values):
        return float("nan"), float("nan")
    _, code = np.unique(day, return_inverse=True)
    sums = np.bincount(code, values)
    days = len(sums)
    if days < 30:
        return float("nan"), float("nan")
    away = sums - sums.mean()
    variance = away @ away / days
    for lag in range(1, lags + 1):
        weight = 1.0 - lag / (lags + 1.0)
        variance += 2.0 * weight * (away[lag:] @ away[:-lag]) / days
    if variance <= 0:
        return float("nan"), float("nan")
    t = float(sums.mean() / np.sqrt(variance / days))
    return t, 0.5 * erfc(t / np.sqrt(2.0))
