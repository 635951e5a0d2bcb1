"""The account of an experiment's run: equity with its band beside baselines, and year by year."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.evaluation.bootstrap import equity_band
from assay.evaluation.gate.contract import Days, Evidence, Floats
from assay.evaluation.metrics import one_figure, sharpe, total_return

OWN = "this run"
BASELINES = ("hold", "momentum", "naive")
"""What needs no model: equal weights held, the side of the last move, the usual side."""
MOST_POINTS = 400
"""Points of a curve that are kept: more than a screen can show apart are only weight."""


def iso_days(days: Days) -> list[str]:
    """Return days since 1970 as ISO days."""
    return [str(day) for day in days.astype("datetime64[D]")]


def shown_rows(count: int, most: int = MOST_POINTS) -> np.ndarray:
    """Return (n,) at most `most` rows of `count`, evenly spread, the first and last among them."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(np.int64))


def equity(evidence: Evidence) -> dict[str, Any]:
    """Return equity by day, the run's with its 95 % band, and each return by calendar year.

    `days` and `curves` are thinned; `years` is not: a row a curve, its return in each year and over
    all days. A baseline that was not fitted is left out.
    """
    daily = daily_of(evidence)
    rows = shown_rows(len(evidence.days))
    low, high = equity_band(evidence.net)
    grown = {name: np.cumprod(1.0 + values) for name, values in daily.items()}
    return {
        "days": iso_days(evidence.days[rows]),
        "curves": {name: values[rows].tolist() for name, values in grown.items()},
        "low": low[rows].tolist(),
        "high": high[rows].tolist(),
        "years": _years(evidence.days, daily),
        "sharpe": {
            name: one_figure(values, lambda d: sharpe(d, evidence.days_per_year)).to_json()
            for name, values in daily.items()
        },
    }


def daily_of(evidence: Evidence) -> dict[str, Floats]:
    """Return daily net returns (D,) by name, the run's own first; a day a baseline lacks is 0."""
    found = {OWN: evidence.net}
    if evidence.beside is not None:
        found[evidence.beside.name] = np.nan_to_num(evidence.beside.net)
    return found | {name: evidence.mean_of(name) for name in BASELINES}


def _years(days: Days, daily: Mapping[str, Floats]) -> dict[str, Any]:
    year = days.astype("datetime64[D]").astype("datetime64[Y]")
    every = np.unique(year)
    return {
        "years": [str(one) for one in every],
        "rows": {
            name: [float(total_return(values[None, year == one])[0]) for one in every]
            + [float(total_return(values[None])[0])]
            for name, values in daily.items()
        },
    }
