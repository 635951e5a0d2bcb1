"""What a Sharpe ratio proves: its error, its luck, and the record it needs.

Everything is per day on simple net returns; a year is for display. One policy for what cannot be
answered: under `FEWEST_DAYS` days or without variance a figure is NaN, and a return that is not a
finite number is a `DataError`, since a gap is not a return.
"""

from dataclasses import dataclass
from math import erfc, exp, inf, isfinite, nan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError

Floats = NDArray[np.float64]

FEWEST_DAYS = 20
EULER_GAMMA = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class SharpeEstimate:
    """A Sharpe ratio per day with what its error depends on.

    `skew` and `kurtosis` are population moments, kurtosis raw (a normal has 3). `error` is the
    standard error for independent days, `error_with_lags` the one that keeps `lags` days of
    autocorrelation. All but `days` and `lags` are NaN where nothing can be said.
    """

    sharpe: float
    error: float
    error_with_lags: float
    skew: float
    kurtosis: float
    days: int
    lags: int


def estimate_sharpe(returns: Floats, lags: int | None = None) -> SharpeEstimate:
    """Return the Sharpe ratio of `returns` (days,) per day, rate 0, with both standard errors.

    `lags` days of autocorrelation are kept, `default_lags` where it is None. NaN under 20 days or
    without variance; `DataError` for values that are not finite.
    """
    checked = finite_series(returns, "returns")
    days = len(checked)
    kept = default_lags(days) if lags is None else lags
    if is_unsayable(checked):
        return SharpeEstimate(nan, nan, nan, nan, nan, days, kept)
    ratio = float(checked.mean() / checked.std(ddof=1))
    z = (checked - checked.mean()) / checked.std()
    skew, kurtosis = float(np.mean(z**3)), float(np.mean(z**4))
    plain = sharpe_error(ratio, days, skew, kurtosis)
    # The influence of each day on the ratio (Lo 2002 by the delta method): without lags its
    # variance is exactly the bracket of `sharpe_error`.
    influence = z - ratio / 2.0 * (z**2 - 1.0)
    variance = max(long_run_variance(influence, kept), 0.0)
    return SharpeEstimate(
        ratio, plain, sqrt(variance / (days - 1)), skew, kurtosis, days, min(kept, days - 1)
    )


def sharpe_ratio(returns: Floats) -> float:
    """Return mean over standard deviation of `returns` (days,), per day; NaN as `SharpeEstimate`.

    Annualise for display alone, by the root of the trading days a year (Sharpe 1994).
    """
    return estimate_sharpe(returns, lags=0).sharpe


def annualised(sharpe: float, days_per_year: int = 260) -> float:
    """Return a Sharpe ratio per day as one per year, for display."""
    return sharpe * sqrt(days_per_year)


def sharpe_error(sharpe: float, days: int, skew: float = 0.0, kurtosis: float = 3.0) -> float:
    """Return the standard error of a Sharpe ratio per day over independent days.

    `kurtosis` is raw, 3 for a normal: excess kurtosis would make every record look better than it
    is. Mertens (2002); Bailey & López de Prado (2012).
    """
    return sqrt(_bracket(sharpe, skew, kurtosis) / (days - 1)) if days > 1 else nan


def probabilistic_sharpe(returns: Floats, above: float = 0.0, lags: int | None = 0) -> float:
    """Return the probability that the true Sharpe ratio per day exceeds `above` (per day).

    Bailey & López de Prado (2012). `lags` above 0 (or None for `default_lags`) puts the error with
    autocorrelation in the place of the independent one. NaN under 20 days or without variance.
    """
    found = estimate_sharpe(returns, lags)
    error = found.error if lags == 0 else found.error_with_lags
    return normal_below((found.sharpe - above) / error) if error > 0 else nan


def minimum_track_record(returns: Floats, above: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many days a record like `returns` needs to be above `above` at `confidence`.

    Infinite where the ratio is not above; NaN under 20 days or without variance.
    """
    found = estimate_sharpe(returns, lags=0)
    return track_record_days(found.sharpe, above, confidence, found.skew, found.kurtosis)


def track_record_days(
    sharpe: float,
    above: float = 0.0,
    confidence: float = 0.95,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> float:
    """Return the days after which a Sharpe ratio per day is significant (MinTRL, one-sided).

    Bailey & López de Prado (2012). Infinite where `sharpe` is not above `above`, NaN from NaN.
    """
    z = _z(confidence)
    if not isfinite(sharpe):
        return nan
    if sharpe <= above:
        return inf
    return 1.0 + _bracket(sharpe, skew, kurtosis) * (z / (sharpe - above)) ** 2


def expected_maximum(trials: float, deviation: float = 1.0) -> float:
    """Return the expected best of `trials` independent Sharpe ratios of no skill.

    `deviation` is their standard deviation, in the unit of the answer. 0 for one trial or fewer:
    nothing was chosen. `trials` need not be whole. Bailey & López de Prado (2014).
    """
    if not trials > 1.0:
        return 0.0
    normal = NormalDist()
    ends = (normal.inv_cdf(1.0 - 1.0 / trials), normal.inv_cdf(1.0 - exp(-1.0) / trials))
    return max(0.0, deviation * ((1.0 - EULER_GAMMA) * ends[0] + EULER_GAMMA * ends[1]))


def deflation_hurdle(trial_sharpes: Floats | float, effective_trials: float) -> float:
    """Return the Sharpe ratio per day that luck alone reaches in `effective_trials` trials.

    `trial_sharpes` are those of all trials (trials,) per day, NaN ones left out, or their standard
    deviation. NaN where more than one trial counts but fewer than two have a ratio.
    """
    if isinstance(trial_sharpes, np.ndarray):
        known = trial_sharpes[np.isfinite(trial_sharpes)]
        deviation = float(known.std(ddof=1)) if len(known) > 1 else nan
    else:
        deviation = float(trial_sharpes)
    if effective_trials <= 1.0:
        return 0.0
    return expected_maximum(effective_trials, deviation) if isfinite(deviation) else nan


def deflated_sharpe(
    returns: Floats, trial_sharpes: Floats | float, effective_trials: float, lags: int | None = 0
) -> float:
    """Return the probability that `returns` beat the best that luck would have found (DSR).

    It is `probabilistic_sharpe` above `deflation_hurdle`. With the number of clusters as
    `effective_trials` the returns should be those of a cluster's mean: the best single member is a
    further choice that the number of clusters does not count. Bailey & López de Prado (2014).
    """
    hurdle = deflation_hurdle(trial_sharpes, effective_trials)
    return probabilistic_sharpe(returns, hurdle, lags) if isfinite(hurdle) else nan


def power(
    annual_sharpe: float,
    days: int,
    days_per_year: int = 260,
    confidence: float = 0.95,
    *,
    above_annual: float = 0.0,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> float:
    """Return how often a true `annual_sharpe` is found significant in `days` days, one-sided.

    The error is taken at the true ratio, so 0.8 is reached after z(confidence) + z(0.8) errors.
    NaN under 20 days, where the test itself has no answer.
    """
    z = _z(confidence)
    if days < FEWEST_DAYS:
        return nan
    true, above = annual_sharpe / sqrt(days_per_year), above_annual / sqrt(days_per_year)
    return normal_below((true - above) / sharpe_error(true, days, skew, kurtosis) - z)


def default_lags(days: int) -> int:
    """Return how many days of autocorrelation to keep: the cube root of the sample, rounded up."""
    return int(np.ceil(np.cbrt(days))) if days > 0 else 0


def long_run_variance(values: Floats, lags: int) -> float:
    """Return the variance of the mean of `values` (n,) times n, autocovariances kept to `lags`.

    Bartlett weights keep it from falling below zero (Newey & West 1987); lags of n or more are cut
    to n - 1. `SettingsError` for negative lags.
    """
    if lags < 0:
        raise SettingsError(f"lags must be at least 0, {lags} was asked; give 0 to keep none")
    away = values - values.mean()
    kept = min(lags, len(values) - 1)
    total = float(away @ away)
    for lag in range(1, kept + 1):
        total += 2.0 * (1.0 - lag / (kept + 1.0)) * float(away[lag:] @ away[:-lag])
    return total / len(values)


def normal_below(z: float) -> float:
    """Return the standard normal probability below `z`, exact far into both tails."""
    return 0.5 * erfc(-z / sqrt(2.0))


def finite_series(values: Floats, what: str) -> Floats:
    """Return `values` as (n,) floats; `DataError` for another shape or a value not finite."""
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1:
        raise DataError(f"{what} must be one series, found an array of shape {series.shape}")
    gaps = int((~np.isfinite(series)).sum())
    if gaps:
        raise DataError(
            f"{what} must be finite, found {gaps} of {len(series)} that are not; "
            "fill or drop those days by a named step first"
        )
    return series


def finite_matrix(values: Floats, what: str) -> Floats:
    """Return `values` as (days, trials) floats; `DataError` as in `finite_series`."""
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        raise DataError(f"{what} must be (days, trials), found an array of shape {matrix.shape}")
    finite_series(matrix.ravel(), what)
    return matrix


def constant_columns(matrix: Floats) -> NDArray[np.bool_]:
    """Return (trials,) which columns of (days, trials) never move beyond rounding."""
    if not len(matrix):
        return np.ones(matrix.shape[1], dtype=np.bool_)
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    return np.asarray(high - low <= 1e-12 * np.maximum(np.abs(low), np.abs(high)))


def is_unsayable(series: Floats) -> bool:
    """Say whether (n,) has too few values or too little variance for any ratio."""
    return len(series) < FEWEST_DAYS or bool(constant_columns(series[:, None])[0])


def _bracket(sharpe: float, skew: float, kurtosis: float) -> float:
    # Never negative for moments that exist together (kurtosis >= 1 + skew squared).
    return max(0.0, 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2)


def _z(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise SettingsError(f"confidence must be between 0 and 1, {confidence} was asked")
    return NormalDist().inv_cdf(confidence)
