"""Standard errors by whole days, and Student's t, without scipy."""

import math

import numpy as np

from assay.fusion.evidence import Floats, Integers

LEAST_DAYS = 5
"""Under this many days no standard error is given: it is infinite."""


class DayBlocks:
    """Sums rows by trading day, and tells how uncertain a mean over rows is.

    The long-run variance of the day sums is estimated with equally weighted cosines: the mean
    square of the first B transforms of D days, which goes with Student's t on B degrees of freedom
    (Lazarus, Lewis, Stock and Watson, "HAR Inference", JBES 2018). B = D / (8 L), from 2 to 64,
    looks only at waves so long that labels over L days (`label_days`, at least half a day) count
    as one: it stays right when labels overlap and forecasts persist, and wastes no days where
    labels are short.
    """

    def __init__(self, day: Integers, label_days: float = 1.0) -> None:
        starts = np.flatnonzero(np.diff(day, prepend=day[:1] - 1)) if len(day) else day[:0]
        self._starts = starts
        self.days = len(starts)
        self.degrees = min(64, max(2, int(self.days / (8.0 * max(label_days, 0.5)))))
        place = (np.arange(self.days) + 0.5) * np.pi / max(self.days, 1)
        self._cosines = math.sqrt(2.0) * np.cos(np.outer(np.arange(1, self.degrees + 1), place))

    def sums(self, values: Floats) -> Floats:
        """Return (days, …) sums of `values` (n, …), which must be finite."""
        if not self.days:
            return values[:0]
        return np.asarray(np.add.reduceat(values, self._starts, axis=0), dtype=np.float64)

    def total_error(self, day_sums: Floats) -> Floats:
        """Return the standard error of the total of `day_sums` (days, …) about its mean."""
        if self.days < LEAST_DAYS:
            return np.full(day_sums.shape[1:], np.inf)
        waves = self._cosines @ day_sums.reshape(self.days, -1)  # (B, k)
        return np.asarray(np.sqrt((waves**2).mean(axis=0)).reshape(day_sums.shape[1:]))

    def mean(self, values: Floats, count: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the mean of `values` (n, …) over rows, and its standard error.

        `count` (n, …) is 1 where a row counts and 0 elsewhere, where `values` must be 0; the
        mean is a ratio of sums. A column no row counts in has mean 0 and an infinite error.
        """
        counted = np.ones(values.shape) if count is None else count
        sums, rows = self.sums(values), self.sums(counted)
        total = rows.sum(axis=0)
        safe = np.maximum(total, 1.0)
        mean = sums.sum(axis=0) / safe
        error = self.total_error(sums - mean * rows) / safe
        return np.asarray(mean), np.where(total > 0, error, np.inf)


def t_above(t: float, degrees: int) -> float:
    """Return the probability that Student's t with whole `degrees` lies above `t`.

    The finite trigonometric series of Abramowitz and Stegun 26.7.3 and 26.7.4.
    """
    if math.isnan(t):
        return 1.0
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    angle = math.atan(t / math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    term = cosine if degrees % 2 else 1.0
    total = 0.0 if degrees == 1 else term
    for k in range(3 if degrees % 2 else 2, degrees - 1, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    both = (2 / math.pi) * (angle + sine * total) if degrees % 2 else sine * total
    return 0.5 * (1.0 - both)
