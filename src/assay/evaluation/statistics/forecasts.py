"""Whether one forecast is better than another, where losses hang together in time."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError
from assay.evaluation.bootstrap import Estimate, block_length, day_codes, ratio
from assay.evaluation.statistics.sharpe import (
    FEWEST_DAYS,
    Floats,
    default_lags,
    finite_series,
    long_run_variance,
    normal_below,
)
from assay.evaluation.statistics.superior import stationary_counts


@dataclass(frozen=True, slots=True)
class Comparison:
    """A one-sided test that a forecast is better than another.

    `mean_gain` is in the unit of the loss, positive where the forecast is better; `p_value` small
    where that is no accident; `lags` autocovariances were kept. With too few forecasts all are NaN;
    where the gain never varies `statistic` is 0 and `p_value` 1, since nothing can be concluded.
    """

    mean_gain: float
    statistic: float
    p_value: float
    count: int
    lags: int


def diebold_mariano(
    loss: Floats, baseline_loss: Floats, horizon: int = 1, lags: int | None = None
) -> Comparison:
    """Return whether forecasts with `loss` (n,) beat those with `baseline_loss` (n,), in order.

    `horizon` is in steps of the series. Autocovariances are kept to `lags` with Bartlett weights,
    by default the larger of horizon - 1 and `default_lags`; the statistic is shrunk for the sample
    and read off Student's t with n - 1 degrees (Diebold & Mariano 1995; Harvey, Leybourne &
    Newbold 1997). NaN under 20 forecasts or two horizons. Not for a model that contains the
    baseline: see `clark_west`. Needs scipy.
    """
    gain = _gain(loss, baseline_loss)
    count, kept = len(gain), _lags(len(gain), horizon, lags)
    if count < max(FEWEST_DAYS, 2 * horizon):
        return Comparison(nan, nan, nan, count, kept)
    plain = _t(gain, kept)
    if plain is None:
        return Comparison(float(gain.mean()), 0.0, 1.0, count, kept)
    from scipy.stats import t

    shrink = sqrt((count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count)
    p_value = float(t.sf(plain * shrink, count - 1))
    return Comparison(float(gain.mean()), plain * shrink, p_value, count, kept)


def clark_west(
    actual: Floats, small: Floats, large: Floats, horizon: int = 1, lags: int | None = None
) -> Comparison:
    """Return whether `large` (n,) forecasts `actual` (n,) better than `small` (n,), nested in it.

    Squared error, with the noise that estimating the extra parameters adds taken off the large
    model's loss: without it a nested model that is right looks worse (Clark & West 2007). Normal,
    one-sided, lags as in `diebold_mariano`; `mean_gain` is of the adjusted losses. NaN under 20
    forecasts or two horizons.
    """
    truth, few, many = (
        finite_series(v, n) for v, n in ((actual, "actual"), (small, "small"), (large, "large"))
    )
    if not len(truth) == len(few) == len(many):
        raise DataError(
            "actual, small and large must be equally long, "
            f"found {len(truth)}, {len(few)} and {len(many)}"
        )
    gain = (truth - few) ** 2 - (truth - many) ** 2 + (few - many) ** 2
    count, kept = len(gain), _lags(len(gain), horizon, lags)
    if count < max(FEWEST_DAYS, 2 * horizon):
        return Comparison(nan, nan, nan, count, kept)
    statistic = _t(gain, kept)
    if statistic is None:
        return Comparison(float(gain.mean()), 0.0, 1.0, count, kept)
    return Comparison(float(gain.mean()), statistic, normal_below(-statistic), count, kept)


def day_block_difference(
    loss_a: Floats,
    loss_b: Floats,
    day: NDArray[np.int64],
    *,
    block_days: int | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Return the mean of `loss_a` - `loss_b` (n,) with its 95 % interval over blocks of days.

    Positive where b is better. `day` (n,) is the day number of each pair, in any order; all that
    happens on a day stays together, and days come in stationary blocks (Politis & Romano 1994) of
    mean `block_days`, by default `block_length`. Days without a pair are left out. NaN bounds under
    2 days.
    """
    gain = _gain(loss_b, loss_a)
    days, code = day_codes(np.asarray(day, dtype=np.int64))
    if len(code) != len(gain):
        raise DataError(f"each loss needs its day, found {len(gain)} losses and {len(code)} days")
    if days < 2:
        return Estimate(float(gain.mean()) if len(gain) else nan, nan, nan, days)
    if block_days is not None and block_days < 1:
        raise SettingsError(f"block_days must be at least 1, {block_days} was asked")
    sums = np.column_stack([np.bincount(code, gain), np.bincount(code).astype(np.float64)])
    block = min(block_days or block_length(days), days)
    drawn = stationary_counts(days, block, draws, seed) @ sums
    low, high = np.quantile(ratio(drawn[:, None, :]), (0.025, 0.975))
    return Estimate(float(gain.mean()), float(low), float(high), days)


def _gain(loss: Floats, baseline: Floats) -> Floats:
    own, other = finite_series(loss, "loss"), finite_series(baseline, "baseline loss")
    if len(own) != len(other):
        raise DataError(f"losses must come in pairs, found {len(own)} and {len(other)}")
    return np.asarray(other - own)


def _lags(count: int, horizon: int, lags: int | None) -> int:
    if horizon < 1:
        raise SettingsError(f"horizon must be at least 1, {horizon} was asked")
    if lags is None:
        return max(horizon - 1, default_lags(count))
    if lags < horizon - 1:
        raise SettingsError(
            f"lags must be at least horizon - 1 = {horizon - 1}, since forecasts overlap; "
            f"{lags} was asked"
        )
    return lags


def _t(gain: Floats, lags: int) -> float | None:
    """Return the mean over its error, None where the gain does not vary."""
    if float(np.ptp(gain)) <= 1e-12 * float(np.abs(gain).max()):
        return None
    variance = long_run_variance(gain, lags) / len(gain)
    return float(gain.mean() / sqrt(variance)) if variance > 0 else None
