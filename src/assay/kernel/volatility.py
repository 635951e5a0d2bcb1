"""How much a price moves in one bar: two causal estimates.

One loop, plain for few bars, for waking the compiler takes half a second, and compiled for many.

Rows are bars in order; a gap in time is simply the next row. The value at a row uses that row and
earlier ones alone, so it is the same to the bit when more rows arrive.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from assay.core.errors import DataError, SettingsError
from assay.kernel.records import Floats

FEW = 4_000
"""Up to so many bars the loop is run as it stands; the bits are the same."""


def ewma_volatility(close: Floats, span_bars: int = 64) -> Floats:
    """Return the expected standard deviation of one bar's log return, known at each bar's close.

    The mean return is taken as zero: `v[t] = d v[t-1] + (1 - d) r[t]**2` with decay
    `d = 1 - 2 / (span_bars + 1)`, begun with the mean of the first `span_bars` squares; the first
    `span_bars` rows are NaN. `close` (n,) is finite and above zero, else `DataError`. An unchanged
    price throughout gives 0, not NaN. Source: J.P. Morgan/Reuters, RiskMetrics, 1996.
    """
    if span_bars < 2:
        raise SettingsError(f"A volatility span has at least 2 bars; found {span_bars}")
    close = _prices("close", close)
    return _ewma_volatility(close, span_bars)


def wilder_atr(high: Floats, low: Floats, close: Floats, n: int = 14) -> Floats:
    """Return Wilder's average true range over `n` bars, in units of the price.

    The true range is `max(high, close[t-1]) - min(low, close[t-1])`, and needs an earlier close;
    the average begins with the mean of the first `n` of them and goes on as
    `a[t] = a[t-1] + (range[t] - a[t-1]) / n`; the first `n` rows are NaN. All inputs (m,) are
    finite and above zero, else `DataError`. Source: Wilder, New Concepts in Technical Trading
    Systems, 1978.
    """
    if n < 1:
        raise SettingsError(f"An average true range has at least 1 bar; found {n}")
    high, low, close = _prices("high", high), _prices("low", low), _prices("close", close)
    if not high.size == low.size == close.size:
        raise DataError(
            f"high, low and close have one length; found {high.size}, {low.size}, {close.size}"
        )
    return _wilder_atr(high, low, close, n)


def _prices(name: str, values: Floats) -> Floats:
    prices = np.ascontiguousarray(values, dtype=np.float64)
    good = np.isfinite(prices) & (prices > 0)
    if not good.all():
        row = int(np.argmin(good))
        raise DataError(f"{name} must be finite and above zero; found {prices[row]} in row {row:,}")
    return prices


def _ewma_volatility(close: Floats, span_bars: int) -> Floats:
    values = np.full(close.size, np.nan)
    if close.size > span_bars:
        squares = np.log(close[1:] / close[:-1]) ** 2
        values[span_bars:] = np.sqrt(_smooth(squares, span_bars, 2.0 / (span_bars + 1.0)))
    return values


def _wilder_atr(high: Floats, low: Floats, close: Floats, n: int) -> Floats:
    values = np.full(close.size, np.nan)
    if close.size > n:
        before = close[:-1]
        reach = np.maximum(high[1:], before) - np.minimum(low[1:], before)
        values[n:] = _smooth(reach, n, 1.0 / n)
    return values


def _smooth(values: Floats, n: int, gain: float) -> Floats:
    return (_smoothed if values.size <= FEW else _compiled())(values, n, gain)


def _smoothed(values: Floats, n: int, gain: float) -> Floats:
    """Return the mean of the first `n` values, then that mean drawn to each later one by `gain`."""
    found = np.empty(values.size - n + 1)
    mean = 0.0
    for t in range(n):
        mean += values[t]
    mean /= n
    found[0] = mean
    for t in range(n, values.size):
        mean += gain * (values[t] - mean)
        found[t - n + 1] = mean
    return found


@cache
def _compiled() -> Callable[[Floats, int, float], Floats]:
    from assay.kernel.jit import compiled

    return compiled(_smoothed)
