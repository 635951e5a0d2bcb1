"""pandas reading a CSV of a million bars as our import does: parsed, and written as Parquet.

Needs: pandas pyarrow numpy
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 1_000_000


def main():
    chance = np.random.default_rng(1)
    times = pd.date_range("2015-01-04 22:01", periods=ROWS, freq="min")
    close = np.round(1.2 * np.exp(np.cumsum(chance.normal(0, 5e-5, ROWS))), 5)
    wick = np.round(np.abs(chance.normal(0, 5e-5, ROWS)), 5)
    frame = pd.DataFrame(
        {
            "time": times.strftime("%Y-%m-%d %H:%M:%S"),
            "open": np.roll(close, 1),
            "high": np.round(close + wick, 5),
            "low": np.round(close - wick, 5),
            "close": close,
            "volume": np.round(chance.gamma(2.0, 50.0, ROWS)),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bars.csv"
        frame.to_csv(file, index=False)
        found = []
        for _ in range(3):
            begin = time.perf_counter()
            read = pd.read_csv(file, parse_dates=["time"])
            read.to_parquet(Path(folder) / "bars.parquet")
            found.append(time.perf_counter() - begin)
    print(
        json.dumps(
            [
                {
                    "of": "imports",
                    "what": "CSV of 1 M bars, in process",
                    "peer": f"pandas {pd.__version__} (parsed and written, nothing checked)",
                    "value": statistics.median(found),
                    "unit": "s",
                }
            ]
        )
    )


if __name__ == "__main__":
    main()
