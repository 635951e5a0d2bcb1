"""pandas-ta-classic computing the fifteen classic indicators over a million bars.

Needs: pandas-ta-classic pandas numpy
"""

import importlib.metadata
import json
import time

import numpy as np
import pandas as pd
import pandas_ta_classic as ta

BARS = 100_000
"""A tenth: it is slow; the figure is for a million, ten times what was measured."""


def main():
    chance = np.random.default_rng(1)
    close = pd.Series(1.2 * np.exp(np.cumsum(chance.normal(0, 4e-4, BARS))))
    wick = np.abs(chance.normal(0, 2e-4, (2, BARS)))
    opened = close.shift(1).fillna(close.iloc[0])
    high = np.maximum(opened, close) * (1 + wick[0])
    low = np.minimum(opened, close) * (1 - wick[1])
    volume = pd.Series(np.round(chance.gamma(2.0, 50.0, BARS)))
    begin = time.perf_counter()
    ta.sma(close, 100, talib=False)
    ta.ema(close, 20, talib=False)
    ta.ema(close, 50, talib=False)
    ta.hma(close, 20, talib=False)
    ta.rsi(close, 14, talib=False)
    ta.atr(high, low, close, 14, talib=False)
    ta.macd(close, 12, 26, 9, talib=False)
    ta.bbands(close, 20, talib=False)
    ta.stoch(high, low, close, 14, 3, 3, talib=False)
    ta.adx(high, low, close, 14, talib=False)
    ta.obv(close, volume, talib=False)
    ta.cci(high, low, close, 20, talib=False)
    ta.roc(close, 10, talib=False)
    ta.willr(high, low, close, 28, talib=False)
    ta.mfi(high, low, close, volume, 14, talib=False)
    ta.aroon(high, low, 25, talib=False)
    taken = time.perf_counter() - begin
    version = importlib.metadata.version("pandas-ta-classic")
    print(
        json.dumps(
            [
                {
                    "of": "features",
                    "what": "15 classic indicators, 1 M bars",
                    "peer": f"pandas-ta-classic {version} (bare, ten times 100,000 bars)",
                    "value": 1e3 * taken * 1_000_000 / BARS,
                    "unit": "ms",
                }
            ]
        )
    )


if __name__ == "__main__":
    main()
