"""How much a price moves in one bar: two causal estimates, compiled.

Rows are bars in order; a gap in time is simply the next row. The value at a row uses that row and
earlier ones alone, so it is the same to the bit when more rows arrive.
"""

import numpy as np

from assay.core.errors import DataError, SettingsError
from assay.kernel.jit import compiled
from assay.kernel.records import Floats


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


@compiled
def _ewma_volatility(close: Floats, span_bars: int) -> Floats:
    values = np.full(close.size, np.nan)
    if close.size <= span_bars:
        return values
    decay = 1.0 - 2.0 / (span_bars + 1.0)
    variance = 0.0
    for t in range(1, span_bars + 1):
        variance += np.log(close[t] / close[t - 1]) ** 2
    variance /= span_bars
    values[span_bars] = np.sqrt(variance)
    for t in range(span_bars + 1, close.size):
        move = np.log(close[t] / close[t - 1])
        variance = decay * variance + (1.0 - decay) * move * move
        values[t] = np.sqrt(variance)
    return values


@compiled
def _wilder_atr(high: Floats, low: Floats, close: Floats, n: int) -> Floats:
    values = np.full(close.size, np.nan)
    if close.size <= n:
        return values
    average = 0.0
    for t in range(1, n + 1):
        average += max(high[t], close[t - 1]) - min(low[t], close[t - 1])
    average /= n
    values[n] = average
    for t in range(n + 1, close.size):
        reach = max(high[t], close[t - 1]) - min(low[t], close[t - 1])
        average += (reach - average) / n
        values[t] = average
    return values
