"""DuckDB keeping the bars of ten series: scan, the latest, one more, durable.

Needs: duckdb numpy pyarrow
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

SERIES, ROWS = 10, 1_000_000


def median(action, rounds):
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def main():
    chance = np.random.default_rng(1)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        base = duckdb.connect(str(Path(folder) / "bars.duckdb"))
        base.execute(
            "create table bars (s int, t bigint, o double, h double, l double, c double, v double)"
        )
        begin = time.perf_counter()
        for series in range(SERIES):
            close = np.round(1.2 * np.exp(np.cumsum(chance.normal(0, 1e-4, ROWS))), 5)
            wick = np.round(np.abs(chance.normal(0, 5e-5, ROWS)), 5)
            table = pa.table(
                {
                    "s": np.full(ROWS, series, dtype=np.int32),
                    "t": np.arange(ROWS) * 60_000_000,
                    "o": np.roll(close, 1),
                    "h": close + wick,
                    "l": close - wick,
                    "c": close,
                    "v": np.round(chance.gamma(2.0, 50.0, ROWS)),
                }
            )
            base.register("made", table)
            base.execute("insert into bars select * from made")
            base.unregister("made")
        written = time.perf_counter() - begin
        base.execute("checkpoint")
        last = [ROWS]

        def scan():
            for series in range(SERIES):
                base.execute(f"select t, o, h, l, c, v from bars where s = {series}").fetchnumpy()

        def latest():
            query = "select * from bars where s = 0 and t >= ? order by t"
            base.execute(query, [(last[0] - 1000) * 60_000_000]).fetchnumpy()

        def append():
            base.execute("insert into bars values (0, ?, 1, 1, 1, 1, 1)", [last[0] * 60_000_000])
            last[0] += 1

        latest()
        rows = SERIES * ROWS / 1e6
        found = [
            ("scan", rows / median(scan, 3), "M rows/s"),
            ("latest 1,000 bars", 1e3 * median(latest, 50), "ms"),
            ("one more bar, durable", 1e3 * median(append, 100), "ms"),
            ("write", rows / written, "M rows/s"),
        ]
    name = f"DuckDB {duckdb.__version__}"
    print(
        json.dumps(
            [
                {"of": "store", "what": what, "peer": name, "value": value, "unit": unit}
                for what, value, unit in found
            ]
        )
    )


if __name__ == "__main__":
    main()
