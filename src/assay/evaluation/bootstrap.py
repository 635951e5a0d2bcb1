"""Intervals by resampling blocks of whole days, over all instruments at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval and the number of days behind it.

    NaN where there is nothing to estimate; `days` under 30 reads "too few".
    """

    value: float
    low: float
    high: float
    days: int

    @property
    def is_thin(self) -> bool:
        """Say whether there are too few days to show the figure without a warning."""
        return self.days < 30

    def to_json(self) -> dict[str, float | int | None]:
        """Return the numbers, null where there are none."""
        return {
            "value": _or_none(self.value),
            "low": _or_none(self.low),
            "high": _or_none(self.high),
            "days": self.days,
        }


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@lru_cache(maxsize=4)
def block_rows(days: int, block: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Return (draws, days) row numbers: circular blocks of `block` days (Politis & Romano 1992).

    The last few are remembered, since one report asks for the same ones dozens of times; the array
    is not to be written to.
    """
    chance = np.random.default_rng(seed)
    blocks = -(-days // block)
    starts = chance.integers(0, days, size=(draws, blocks))
    rows = (starts[:, :, None] + np.arange(block)[None, None, :]) % days
    found = np.ascontiguousarray(rows.reshape(draws, -1)[:, :days])
    found.setflags(write=False)
    return found


@lru_cache(maxsize=2)
def day_counts(days: int, draws: int = 1000, seed: int = 0) -> Floats:
    """Return (draws, days): how often each day is drawn, in the blocks of `estimate`.

    What is a sum over days is resampled for all columns at once by one product of matrices.
    """
    rows = block_rows(days, block_length(days), draws, seed)
    places = rows + np.arange(draws)[:, None] * days
    counts = np.bincount(places.ravel(), minlength=draws * days).reshape(draws, days)
    found = counts.astype(np.float64)
    found.setflags(write=False)
    return found


def day_codes(day: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """Return how many days occur in `day` (n,), numbers of days, and (n,) which of them each is."""
    if not len(day):
        return 0, np.zeros(0, dtype=np.int64)
    since = day - day.min()
    seen = np.bincount(since) > 0
    return int(seen.sum()), (np.cumsum(seen) - 1)[since]


def block_length(days: int) -> int:
    """Return the block length in days: the cube root of the sample, at least 5 (Hall et al. 1995).

    Five days keep a trading week together.
    """
    return max(1, min(days, max(5, int(np.cbrt(days)))))


def estimate(
    daily: Floats,
    statistic: Callable[[Floats], Floats],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Return `statistic` of `daily` with its percentile interval over day blocks.

    `daily` is (days,) or (days, k): every column is resampled with the same days, so what happens
    on one day to all instruments stays together. `statistic` maps (draws, days[, k]) to (draws,).
    """
    days = len(daily)
    if days < 2:
        return Estimate(float("nan"), float("nan"), float("nan"), days)
    value = float(statistic(daily[None])[0])
    drawn = _drawn(daily, statistic, draws, seed)
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn) or not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"), days)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Estimate(value, float(low), float(high), days)


def equity_band(daily: Floats, *, draws: int = 400, seed: int = 0) -> tuple[Floats, Floats]:
    """Return (days,) twice: between them 95 % of what `daily`, in other orders of blocks, grew to.

    The growth of 1 by simple returns `daily` (days,), at the close of each day.
    """
    rows = block_rows(len(daily), block_length(len(daily)), draws, seed)
    low, high = np.quantile(np.cumprod(1.0 + daily[rows], axis=1), (0.025, 0.975), axis=0)
    return low, high


def _drawn(daily: Floats, statistic: Callable[[Floats], Floats], draws: int, seed: int) -> Floats:
    if statistic is ratio and np.isfinite(daily).all():  # of sums one product has all the draws
        return _shares(day_counts(len(daily), draws, seed) @ daily)
    return statistic(daily[block_rows(len(daily), block_length(len(daily)), draws, seed)])


def ratio(daily: Floats) -> Floats:
    """Return the sum of column 0 over the sum of column 1: rates over days of unequal weight."""
    return _shares(daily.sum(axis=1))


def _shares(total: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total[:, 1] > 0, total[:, 0] / total[:, 1], np.nan))
