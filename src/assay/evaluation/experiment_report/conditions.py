"""When a run earned and what it paid: kinds of days, and costs from none to twice as high."""

from typing import Any

import numpy as np

from assay.evaluation.experiment_report.luck import known
from assay.evaluation.gate.contract import Evidence
from assay.evaluation.gate.performance.regimes import KINDS, LEAST_DAYS, regimes
from assay.evaluation.metrics import one_figure, sharpe, total_return

COSTS = (("gross", 0.0), ("net", 1.0), ("double", 2.0))
"""The kinds of return that differ in costs, with the multiple of the costs."""


def kinds_of_days(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the net result on quiet, usual and stormy days, told apart as the gate does.

    `net` is the sum of daily returns; nothing where there are fewer days than the gate wants.
    """
    if len(evidence.days) < LEAST_DAYS:
        return []
    market = evidence.mean_of("hold")
    kind = regimes(market)
    found = []
    for number, name in enumerate(KINDS):
        own = evidence.net[kind == number]
        ratio = one_figure(own, lambda d: sharpe(d, evidence.days_per_year))
        found.append(
            {
                "kind": name,
                "days": len(own),
                "net": float(own.sum()),
                "hold": float(market[kind == number].sum()),
                "sharpe": ratio.to_json(),
            }
        )
    return found


def costs(evidence: Evidence) -> dict[str, Any]:
    """Return the result without costs, with them, and with twice as high, and where it breaks even.

    `break_even` is how many times the costs could be paid until the mean daily return is 0, between
    and beyond the measured multiples in a line; None where nothing was paid or nothing was earned
    before costs.
    """
    year = evidence.days_per_year
    rows = []
    for kind, times in COSTS:
        daily = evidence.mean_of(kind)
        rows.append(
            {
                "kind": kind,
                "times": times,
                "sharpe": one_figure(daily, lambda d: sharpe(d, year)).to_json(),
                "total_return": one_figure(daily, total_return).to_json(),
                "mean": float(daily.mean()),
            }
        )
    means = [float(evidence.mean_of(kind).mean()) for kind, _ in COSTS]
    return {"rows": rows, "break_even": break_even(means)}


def break_even(means: list[float]) -> float | None:
    """Return at which multiple of the costs a mean of `means`, at 0, 1 and 2 times, reaches 0."""
    gross, net, double = means
    if gross <= 0:
        return None
    if net <= 0:
        return gross / (gross - net)
    if net > double:
        return 1.0 + net / (net - double)
    return None


def seeds(evidence: Evidence) -> dict[str, Any]:
    """Return the annual net Sharpe ratio of every seed that was fitted, and their spread."""
    found = sharpe(evidence.returns["net"].T, evidence.days_per_year)
    values = np.asarray(found, dtype=np.float64)
    finite = values[np.isfinite(values)]
    return {
        "by_seed": [
            {"seed": seed, "net_sharpe": known(float(value))}
            for seed, value in zip(evidence.seeds, values, strict=True)
        ],
        "median": float(np.median(finite)) if len(finite) else None,
        "low": float(finite.min()) if len(finite) else None,
        "high": float(finite.max()) if len(finite) else None,
    }
