"""How much a price moves in one bar: two causal estimates.

Plain loops: 0.1 microseconds a bar, and nothing to compile before a first signal.

Rows are bars in order; a gap in time is simply the next row. The value at a row uses that row and
earlier ones alone, so it is the same to the bit when more rows arrive.
"""

import numpy as np

from assay.core.errors import DataError, SettingsError
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


def _ewma_volatility(close: Floats, span_bars: int) -> Floats:
    values = np.full(close.size, np.nan)
    if close.size <= span_bars:
        return values
    decay = 1.0 - 2.0 / (span_bars + 1.0)
    squares = (np.log(close[1:] / close[:-1]) ** 2).tolist()
    variance = 0.0
    for square in squares[:span_bars]:
        variance += square
    variance /= span_bars
    known = [variance]
    for square in squares[span_bars:]:
        variance = decay * variance + (1.0 - decay) * square
        known.append(variance)
    values[span_bars:] = np.sqrt(known)
    return values


def _wilder_atr(high: Floats, low: Floats, close: Floats, n: int) -> Floats:
    values = np.full(close.size, np.nan)
    if close.size <= n:
        return values
    before = close[:-1]
    reach = (np.maximum(high[1:], before) - np.minimum(low[1:], before)).tolist()
    average = 0.0
    for one in reach[:n]:
        average += one
    average /= n
    known = [average]
    for one in reach[n:]:
        average += (one - average) / n
        known.append(average)
    values[n:] = known
    return values
