"""What a family's trials show together: equity, the best beside luck, ideas, alpha."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.evaluation.experiment_report.curves import iso_days, shown_rows
from assay.evaluation.experiment_report.luck import hurdles, known, trial_numbers
from assay.evaluation.gate.contract import Days, Floats
from assay.evaluation.gate.statistics.deflated_sharpe import spread_of
from assay.evaluation.gate.statistics.family_alpha import AGAIN, share_of
from assay.evaluation.statistics.sharpe import annualised, sharpe_ratio
from assay.evaluation.statistics.trials import Clusters, cluster_trials, correlations

MOST_POINTS = 200
MOST_CURVES = 100
"""The best trials beyond which none is drawn."""


def family_curves(
    names: Sequence[str], days: Days, returns: Floats, days_per_year: int
) -> dict[str, Any]:
    """Return the equity of every trial, the one of highest Sharpe ratio first.

    `returns` (D, M) are daily net, NaN before and after a trial's own days. `best` is the name of
    the first, None where no trial has a Sharpe ratio; `total` the return of each over its days.
    """
    ratios = yearly_sharpes(np.nan_to_num(returns), days_per_year)
    order = np.argsort(-np.nan_to_num(ratios, nan=-np.inf), kind="stable")[:MOST_CURVES]
    rows = shown_rows(len(days), MOST_POINTS)
    curves, total = {}, {}
    for column in order.tolist():
        own = returns[:, column]
        grown = np.where(np.isfinite(own), np.cumprod(1.0 + np.nan_to_num(own)), np.nan)
        curves[names[column]] = [known(value) for value in grown[rows]]
        total[names[column]] = float(np.prod(1.0 + np.nan_to_num(own)) - 1.0)
    best = names[order[0]] if len(order) and np.isfinite(ratios[order[0]]) else None
    return {"days": iso_days(days[rows]), "curves": curves, "best": best, "total": total}


def yearly_sharpes(returns: Floats, days_per_year: int) -> Floats:
    """Return (M,) annual Sharpe ratios of the columns of (D, M), NaN without variance."""
    return np.array([annualised(sharpe_ratio(column), days_per_year) for column in returns.T])


def noise(
    returns: Floats, days_per_year: int, *, registered: int, unseen: int
) -> dict[str, Any] | None:
    """Return the best that was found beside the best that as many trials without skill show.

    `returns` (D, M), 0 on days without. `registered` configurations stand in the ledger, `unseen`
    of them left no returns and count as an idea each. The best trial stands beside the best of
    `registered`, by the spread of the trials; the best idea, the mean of its trials, beside the
    best of all ideas, by the spread of the ideas. None without a trial that has a Sharpe ratio.
    """
    ratios = yearly_sharpes(returns, days_per_year)
    finite = ratios[np.isfinite(ratios)]
    if not len(finite):
        return None
    means = cluster_trials(returns).mean_returns
    ideas = means.shape[1] + unseen
    counts = trial_numbers(registered, ideas)
    of_trials, of_ideas = (
        hurdles(spread_of(each), counts, days_per_year) for each in (returns, means)
    )
    idea_ratios = yearly_sharpes(means, days_per_year)
    known_ideas = idea_ratios[np.isfinite(idea_ratios)]
    return {
        "trials": counts,
        "hurdle": of_trials,
        "hurdle_of_ideas": of_ideas,
        "registered": registered,
        "ideas": ideas,
        "clusters": int(means.shape[1]),
        "best_trial": float(finite.max()),
        "best": float(known_ideas.max()) if len(known_ideas) else None,
        "hurdle_at_registered": of_trials[counts.index(registered)],
        "hurdle_at_ideas": of_ideas[counts.index(ideas)],
    }


def ideas_of(names: Sequence[str], returns: Floats, days_per_year: int) -> dict[str, Any]:
    """Return which trials are one idea, and the correlations of all, in the order of ideas."""
    if not names:
        return {"order": [], "correlations": [], "borders": [], "groups": [], "idea_of": {}}
    found: Clusters = cluster_trials(returns)
    order = np.argsort(found.cluster, kind="stable")
    matrix = correlations(returns)[np.ix_(order, order)]
    ratios = yearly_sharpes(found.mean_returns, days_per_year)
    groups = []
    for number in range(found.effective_trials):
        members = found.members(number)
        inner = correlations(returns[:, members])
        pairs = inner[np.triu_indices(len(members), 1)]
        groups.append(
            {
                "idea": number + 1,
                "trials": [names[column] for column in members.tolist()],
                "sharpe": known(ratios[number]),
                "inner_correlation": float(pairs.mean()) if len(pairs) else None,
            }
        )
    return {
        "order": [names[column] for column in order.tolist()],
        "correlations": [[round(float(value), 4) for value in row] for row in matrix],
        "borders": (np.flatnonzero(np.diff(found.cluster[order])) + 1).tolist(),
        "groups": groups,
        "idea_of": {names[n]: int(c) + 1 for n, c in enumerate(found.cluster.tolist())},
    }


def alpha_spent(lines: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return how much of the family's alpha has been spent, trial by trial in order of judgement.

    `lines` are names of trials and what the check `family_alpha` stored of them. Each idea spends
    its share once, whatever trials follow of it; `budget` is the whole alpha of the last profile.
    """
    rows, seen, budget = [], set(), None
    for name, line in lines:
        level, idea = line["threshold"], line["detail"].get("idea")
        if level is None:
            continue
        seen.add(level)
        if idea is not None:
            budget = level * AGAIN / share_of(idea)
        spent = AGAIN * sum(seen)
        rows.append({"trial": name, "idea": idea, "level": level, "p": line["p"], "spent": spent})
    return {
        "rows": rows,
        "budget": budget,
        "spent": rows[-1]["spent"] if rows else 0.0,
        "ideas": len(seen),
    }
