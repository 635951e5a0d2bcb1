"""Whether what was forecast to fall below a quantile does so as often as said, and at random."""

from dataclasses import dataclass
from math import erfc, exp, log, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.sharpe import FEWEST_DAYS


@dataclass(frozen=True, slots=True)
class QuantileCoverage:
    """How often outcomes fell below a forecast quantile, with the p-values of three claims.

    `unconditional` that the rate is right, `independence` that a hit does not announce the next,
    `conditional` both at once; each a likelihood ratio with its p-value, small where the claim is
    wrong. NaN under 20 outcomes. `count` is after thinning.
    """

    count: int
    hits: int
    probability: float
    unconditional: float
    unconditional_p: float
    independence: float
    independence_p: float
    conditional: float
    conditional_p: float

    @property
    def rate(self) -> float:
        """Return the share of outcomes below the quantile, NaN for none."""
        return self.hits / self.count if self.count else nan


def quantile_coverage(
    is_hit: NDArray[np.bool_], probability: float, *, every: int = 1, start: int = 0
) -> QuantileCoverage:
    """Return the coverage tests of one quantile, where `is_hit` (n,) says the outcome was below.

    Outcomes of one instrument in order of time. Forecasts of several bars overlap, so that hits
    come in runs whatever the model: `every` = the horizon keeps each such-many-th from `start`,
    and what is left does not overlap. Kupiec (1995), Christoffersen (1998); the p-values are
    asymptotic (chi-squared, 1, 1 and 2 degrees) and rough where fewer than five hits are expected.
    Without a hit, or with nothing but hits, independence has ratio 0 and p-value 1.

    `SettingsError` for impossible settings, `DataError` unless `is_hit` is a series of booleans.
    """
    if not 0.0 < probability < 1.0:
        raise SettingsError(f"probability must be between 0 and 1, {probability} was asked")
    if every < 1 or not 0 <= start < every:
        raise SettingsError(
            f"every must be at least 1 and start from 0 up to below it, {every} and {start} "
            "were asked"
        )
    hits = np.asarray(is_hit)
    if hits.ndim != 1 or hits.dtype != np.bool_:
        raise DataError(
            f"hits must be one series of booleans, found {hits.dtype} of shape {hits.shape}"
        )
    kept = hits[start::every]
    count, hit = len(kept), int(kept.sum())
    if count < FEWEST_DAYS:
        return QuantileCoverage(count, hit, probability, nan, nan, nan, nan, nan, nan)
    rate = _ratio(count - hit, hit, hit / count, probability)
    runs = _independence(kept)
    both = rate + runs
    return QuantileCoverage(
        count,
        hit,
        probability,
        rate,
        erfc(sqrt(rate / 2.0)),  # chi-squared above `rate`, one degree of freedom
        runs,
        erfc(sqrt(runs / 2.0)),
        both,
        exp(-both / 2.0),  # likewise, two degrees
    )


def _independence(kept: NDArray[np.bool_]) -> float:
    """Return the likelihood ratio of a first-order Markov chain against no memory."""
    before, after = kept[:-1], kept[1:]
    calm_calm = int((~before & ~after).sum())
    calm_hit = int((~before & after).sum())
    hit_calm = int((before & ~after).sum())
    hit_hit = int((before & after).sum())
    pooled = (calm_hit + hit_hit) / len(after)
    ratio = _ratio(calm_calm, calm_hit, _share(calm_hit, calm_calm), pooled)
    return ratio + _ratio(hit_calm, hit_hit, _share(hit_hit, hit_calm), pooled)


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else 0.0


def _ratio(misses: int, hits: int, free: float, bound: float) -> float:
    """Return twice the log likelihood that the `free` rate gains over the `bound` one."""
    gained = _term(misses, 1.0 - free) + _term(hits, free)
    gained -= _term(misses, 1.0 - bound) + _term(hits, bound)
    return max(0.0, 2.0 * gained)


def _term(times: int, probability: float) -> float:
    return times * log(probability) if times else 0.0
