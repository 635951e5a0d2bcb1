"""How long it takes to fit a pool, to fuse one moment, and to fuse and decide a history.

Run `python bench/fusion.py`: 12 members, 6,000 rows to fit, 20,000 to pool. Prints medians. With
`--power` it measures instead how often planted skill is proven, and how often its absence is.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fusion.worlds import world

from assay.core.values.forecast import PROBABILITIES, Classes, Forecast
from assay.fusion.conviction import fuse
from assay.fusion.fit import fit
from assay.fusion.pool import EVIDENCE, TIERS, fuse_many
from assay.fusion.settings import FusionSettings
from assay.risk.decide import Situations, decide_many
from assay.risk.opinions import opinions_of
from assay.risk.settings import RiskSettings

AT = datetime(2024, 5, 6, 12, tzinfo=UTC)


def median_ms(what: Callable[[], object], repeats: int) -> float:
    what()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        what()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e3


def forecasts(producers, p):
    return [
        Forecast(
            q.member, q.family, "EURUSD", q.timeframe, 4, AT,
            {x: x - 0.5 for x in PROBABILITIES}, 0.002, Classes(1 - v, 0, v),
            Classes(0.5, 0, 0.5), Classes(0.5, 0, 0.5), q.artefact,
        )
        for q, v in zip(producers, p, strict=True)
    ]  # fmt: skip


def speed() -> None:
    history = world(6000, 12, correlation=0.5, skill=0.3, seed=1)
    fitted = fit(history)
    rows = world(20_000, 12, correlation=0.5, skill=0.3, seed=2).moments
    said = forecasts(fitted.producers, history.moments.p_up[-1])
    pooled = fuse_many(rows, fitted)
    ones = np.ones(len(rows))
    about = Situations(
        1e-5, 1560.0, 1.1 * ones, 1e-3 * ones, 1e-4 * ones, -np.ones(len(rows), np.int8),
        ones, ones, np.zeros(len(rows), np.int64),
    )  # fmt: skip
    settings, volatility = RiskSettings(), 0.003 * ones
    weighing = sum(c >= 0 for c in fitted.cluster)
    print(f"{len(fitted.producers)} members, {weighing} weigh, {fitted.learned.clusters} clusters")
    print(f"fit 6,000 rows          {median_ms(lambda: fit(history), 9):8.1f} ms")
    print(
        "fuse one moment         "
        f"{median_ms(lambda: fuse(said, fitted, as_of=AT, volatility=0.002), 200):8.2f} ms"
    )
    print(f"fuse_many 20,000 rows   {median_ms(lambda: fuse_many(rows, fitted), 9):8.1f} ms")
    decided = median_ms(lambda: decide_many(opinions_of(pooled, volatility), about, settings), 9)
    print(f"decide_many 20,000 rows {decided:8.1f} ms")


def rates(rows: int, members: int, repeats: int, **how) -> tuple[float, float]:
    proven, high = [], []
    for seed in range(repeats):
        history = world(rows + 1000, members, seed=31 * rows + seed, **how)
        fitted = fit(history.take(slice(0, rows)), FusionSettings(draws=20))
        out = fuse_many(history.moments.take(slice(rows, None)), fitted)
        tier = np.array([t.value for t in TIERS])[out.tier] == "HIGH"
        axis = np.array([e.value for e in EVIDENCE])[out.evidence] == "PROVEN"
        proven.append(fitted.proven)
        high.append((tier & axis).mean())
    return float(np.mean(proven)), float(np.mean(high))


def power(repeats: int = 200) -> None:
    worlds = (
        ("no skill", 12, {}),
        ("no skill, AR .9", 12, {"persistence": 0.9}),
        ("no skill, rho .6", 12, {"correlation": 0.6}),
        ("IC .05 shared, rho .6", 6, {"skill": 0.05, "correlation": 0.6}),
        ("IC .05 in one of 6", 6, {"skill": 0.05, "correlation": 0.6, "skilled": 1}),
        ("IC .05, AR .9, rho .6", 6, {"skill": 0.05, "correlation": 0.6, "persistence": 0.9}),
        ("IC .05 split over 6", 6, {"skill": 0.05}),
    )
    print(f"{'world':24}" + "".join(f"{n:>18,}" for n in (1500, 3000, 6000, 12000)))
    for name, members, how in worlds:
        cells = [rates(n, members, repeats, **how) for n in (1500, 3000, 6000, 12000)]
        print(
            f"{name:24}" + "".join(f"{100 * p:9.1f}% {100 * h:6.2f}%" for p, h in cells), flush=True
        )
    print("each: PROVEN, HIGH and PROVEN together, of 1,000 later decisions")


if __name__ == "__main__":
    power() if "--power" in sys.argv else speed()
