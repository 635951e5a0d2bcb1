"""talipp giving fifteen indicators one more bar.

Needs: talipp numpy
"""

import importlib.metadata
import json
import statistics
import time

import numpy as np
from talipp.indicators import (
    ADX,
    ATR,
    BB,
    CCI,
    EMA,
    HMA,
    MACD,
    OBV,
    ROC,
    RSI,
    SMA,
    WMA,
    Aroon,
    Stoch,
    Williams,
)  # fmt: skip
from talipp.ohlcv import OHLCV

BARS = 3000


def main():
    chance = np.random.default_rng(1)
    close = 1.2 * np.exp(np.cumsum(chance.normal(0, 4e-4, BARS)))
    wick = np.abs(chance.normal(0, 2e-4, (2, BARS)))
    opened = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(opened, close) * (1 + wick[0]), np.minimum(opened, close) * (1 - wick[1])
    of_close = [SMA(100), EMA(20), EMA(50), WMA(20), HMA(20), RSI(14), MACD(12, 26, 9), BB(20, 2)]
    of_close.append(ROC(10))
    of_bars = [ATR(14), Stoch(14, 3), ADX(14, 14), OBV(), CCI(20), Williams(28), Aroon(25)]
    taken = []
    for row in range(BARS):
        bar = OHLCV(opened[row], high[row], low[row], close[row], 100.0 + row % 7)
        begin = time.perf_counter()
        for one in of_close:
            one.add(close[row])
        for one in of_bars:
            one.add(bar)
        taken.append(time.perf_counter() - begin)
    version = importlib.metadata.version("talipp")
    value = 1e3 * statistics.median(taken[500:])
    what = f"one more bar, {len(of_close) + len(of_bars)} bare indicators"
    print(
        json.dumps(
            [
                {
                    "of": "features",
                    "what": what,
                    "peer": f"talipp {version}",
                    "value": value,
                    "unit": "ms",
                }
            ]
        )
    )


if __name__ == "__main__":
    main()
