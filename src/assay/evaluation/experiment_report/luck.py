"""What luck alone would have found: deflation over the number of trials, and overfitting."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.evaluation.gate.contract import Evidence, Floats
from assay.evaluation.gate.statistics.deflated_sharpe import spread_of
from assay.evaluation.gate.statistics.overfitting import FEWEST
from assay.evaluation.statistics.overfitting import overfitting
from assay.evaluation.statistics.sharpe import (
    annualised,
    deflated_sharpe,
    deflation_hurdle,
    sharpe_ratio,
)

LEAST_MOST_TRIALS = 100
"""The curves go on to at least so many trials."""
BINS = 24


def deflation(evidence: Evidence) -> dict[str, Any]:
    """Return the deflated Sharpe ratio over the number of trials, as the gate reckons it.

    `trials` and beside it `probability` (that the run's idea is better than the best of so many
    without skill) and `hurdle` (the annual Sharpe ratio of that best); `ideas` the number of ideas,
    which is what the gate takes, with `probability_at_ideas` and `hurdle_at_ideas`; `registered`
    the number of configurations in the family. Probabilities are None without a Sharpe ratio.
    """
    means, own = evidence.clusters.mean_returns, evidence.own_cluster
    spread, registered, ideas = spread_of(means), evidence.registration.registered, evidence.ideas
    trials = trial_numbers(registered, ideas)

    def probability(count: int) -> float | None:
        return known(deflated_sharpe(means[:, own], spread, count, lags=None))

    return {
        "trials": trials,
        "probability": [probability(count) for count in trials],
        "hurdle": hurdles(spread, trials, evidence.days_per_year),
        "registered": registered,
        "ideas": ideas,
        "probability_at_ideas": probability(ideas),
        "probability_at_registered": probability(registered),
        "hurdle_at_ideas": hurdles(spread, [ideas], evidence.days_per_year)[0],
        "sharpe_of_idea": known(annualised(sharpe_ratio(means[:, own]), evidence.days_per_year)),
    }


def trial_numbers(*marked: int) -> list[int]:
    """Return numbers of trials, evenly in their logarithm from 1 on, those `marked` among them."""
    most = max(LEAST_MOST_TRIALS, 2 * max(marked))
    spread = np.geomspace(1, most, 40).round().astype(int).tolist()
    return sorted({*spread, *marked})


def hurdles(spread: float, trials: Sequence[int], days_per_year: int) -> list[float | None]:
    """Return the annual Sharpe ratio that the best of so many trials without skill would show."""
    found = (deflation_hurdle(spread, count) for count in trials)
    return [known(annualised(each, days_per_year)) for each in found]


def overfit(family: Floats) -> dict[str, Any] | None:
    """Return how the best of `family` (D, M), chosen on half the days, ranks on the other half.

    `edges` and `counts` are the histogram of the logits of that rank, at or below 0 where it was no
    better than the middle; `probability` the share of those; None where there is no choice or there
    are too few days.
    """
    if family.shape[1] < FEWEST:
        return None
    found = overfitting(family)
    if not np.isfinite(found.probability):
        return None
    most = float(np.log(family.shape[1]))  # the best rank of all
    edges = np.linspace(-most, most, BINS + 1)
    edges[BINS // 2] = 0.0
    turned, _ = np.histogram(-np.clip(found.logits, -most, most), edges)
    counts = turned[::-1]  # turned round, so that what is 0 lies in the bin that ends there
    return {
        "trials": int(family.shape[1]),
        "partitions": len(found.logits),
        "probability": found.probability,
        "probability_of_loss": found.probability_of_loss,
        "slope": known(found.degradation_slope),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
    }


def known(value: float) -> float | None:
    """Return a number, None for one that is not finite."""
    return float(value) if np.isfinite(value) else None
