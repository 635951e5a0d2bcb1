"""How long the simulated market takes: 21 instruments, 6 years of hours, one thread.

Run with `python bench/simulation.py [repeats]`; prints medians after the kernels are compiled.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")

import resource  # noqa: E402 - threads are set before numpy and polars are loaded
import statistics  # noqa: E402 - likewise
import sys  # noqa: E402 - likewise
from time import perf_counter  # noqa: E402 - likewise

from assay.core.instruments import KNOWN  # noqa: E402 - likewise
from assay.core.values.timeframe import Timeframe  # noqa: E402 - likewise
from assay.sources.adapters.simulated import Simulated  # noqa: E402 - likewise


def once(seed: int, years: float) -> tuple[float, float, float, int, int]:
    market = Simulated(seed=seed, years=years)
    began = perf_counter()
    bars = sum(len(market.bars(one, Timeframe.H1).bars) for one in KNOWN.values())
    rolled = perf_counter()
    stories = len(market.stories())
    told = perf_counter()
    market.releases()
    return rolled - began, told - rolled, perf_counter() - told, bars, stories


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    once(0, 0.2)
    rows = [once(seed, 6.0) for seed in range(1, repeats + 1)]
    bars, stories, releases = (statistics.median(row[i] for row in rows) for i in range(3))
    print(
        f"bars      {bars:6.2f} s for {rows[0][3]:,} bars of {len(KNOWN)} instruments (target 6 s)"
    )
    print(f"stories   {stories:6.2f} s for {rows[0][4]:,}")
    print(f"releases  {releases:6.2f} s")
    print(f"memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MiB at most")


if __name__ == "__main__":
    main()
