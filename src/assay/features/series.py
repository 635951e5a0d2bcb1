"""What many features begin and end with: numbers out of frames, safe ratios, the finished table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import polars as pl

from assay.features.contract import Feature, Frames, Input
from assay.features.windows import Vector, compiled, lagged, window_mean

_NOTHING = np.zeros(1)
CAP = 20.0
"""Ratios to a volatility or a true range are clipped here: a market that just stood still."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The bars as arrays, shape (rows,), and what many features make of them, made once."""

    open: Vector
    high: Vector
    low: Vector
    close: Vector
    volume: Vector
    _made: dict[tuple[str, int], Vector] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, frames: Frames) -> "Prices":
        """Return the prices and volumes of `frames.bars`, read-only; the same object each time."""
        names = ("open", "high", "low", "close", "volume")
        found: Prices = frames.once(
            "prices", lambda: cls(*(frames.numbers(Input.BARS, name) for name in names))
        )
        return found

    def returns(self, rows: int = 1) -> Vector:
        """Return `log_return` of the close, read-only."""
        return self._once("returns", rows, lambda: log_return(self.close, rows))

    def volatility(self, window: int) -> Vector:
        """Return `volatility` of the close's 1-bar returns, read-only."""
        return self._once("volatility", window, lambda: volatility(self.returns(), window))

    def true_range(self) -> Vector:
        """Return `true_range`, read-only."""
        return self._once("true range", 1, lambda: true_range(self))

    def mean_true_range(self, window: int) -> Vector:
        """Return `mean_true_range`, read-only."""
        return self._once("mean true range", window, lambda: mean_true_range(self, window))

    def _once(self, what: str, window: int, make: Callable[[], Vector]) -> Vector:
        key = (what, window)
        if key not in self._made:
            made = make()
            made.flags.writeable = False
            self._made[key] = made
        return self._made[key]


def log(values: Vector) -> Vector:
    """Return natural logarithms; that a number's place changes no bit is a contract test."""
    return np.log(values)


def log_return(close: Vector, rows: int = 1) -> Vector:
    """Return ln(close / close `rows` rows ago); NaN in the first `rows`."""
    return log(close / lagged(close, rows))


def true_range(prices: Prices) -> Vector:
    """Return max(high, previous close) - min(low, previous close) (Wilder 1978).

    The first row, which has no previous close, is high - low.
    """
    before = lagged(prices.close, 1)
    return np.fmax(prices.high, before) - np.fmin(prices.low, before)


def mean_true_range(prices: Prices, window: int) -> Vector:
    """Return the plain mean of the last `window` true ranges, each with its previous close."""
    ranges = prices.true_range().copy()
    ranges[:1] = np.nan
    return window_mean(ranges, window)


def volatility(returns: Vector, window: int) -> Vector:
    """Return the root mean square of the last `window` returns, per row, not annualised."""
    return np.sqrt(window_mean(returns * returns, window))


def ratio(top: Vector, bottom: Vector, *, cap: float = CAP, floor: Vector | float = 0.0) -> Vector:
    """Return top / bottom within ±`cap`; 0 where `bottom` is at or under `floor`; NaN stays."""
    fast = compiled()
    if fast and top.shape == bottom.shape:
        least = (
            floor if isinstance(floor, np.ndarray) else _NOTHING if not floor else np.array([floor])
        )
        if top.ndim == 1:
            return cast("Vector", fast.ratios(_flat(top), _flat(bottom), _flat(least), cap))
        if least.size in {1, top.size}:
            flat = fast.ratios(top.ravel(), bottom.ravel(), least.ravel(), cap)
            return cast("Vector", flat.reshape(top.shape))
    usable = bottom > floor
    found = np.zeros(np.broadcast(top, bottom).shape)
    with np.errstate(over="ignore"):
        np.divide(top, bottom, out=found, where=usable)
    np.clip(found, -cap, cap, out=found)
    found[np.isnan(top) | np.isnan(bottom)] = np.nan
    return found


def _flat(values: Vector) -> Vector:
    return values if values.flags.c_contiguous else np.ascontiguousarray(values)


def z_score(values: Vector, mean: Vector, spread: Vector, *, cap: float = 10.0) -> Vector:
    """Return (values - mean) / spread within ±`cap`; 0 where the window does not vary.

    A spread under 1e-9 of the mean's size is the rounding of a constant.
    """
    return ratio(values - mean, spread, cap=cap, floor=1e-9 * np.maximum(np.abs(mean), 1e-9))


def freshness(minutes_since: Vector, half_life_minutes: float) -> Vector:
    """Return 1 at the event, a half after each half-life, 0 where there never was one."""
    return np.exp2(np.where(np.isnan(minutes_since), np.inf, minutes_since) / -half_life_minutes)


def table(feature: Feature, values: Mapping[str, Vector]) -> pl.DataFrame:
    """Return the columns as Float64: NaN is null, and so are the first `lookback - 1` rows."""
    lead = feature.lookback - 1
    columns = []
    for name, column in values.items():
        finished = column.copy()
        finished[:lead] = np.nan
        columns.append(pl.Series(name, finished, nan_to_null=True))
    return pl.DataFrame(columns)
