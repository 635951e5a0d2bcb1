"""Remarks on a run: what its figures say that no single check of the gate does."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from assay.evaluation.experiment_report.gate_remarks import gate_remarks
from assay.evaluation.experiment_report.remarks import Remark, Severity, in_order

MARGIN = 1.5
"""Costs this many times as high are a bad month of spreads, no catastrophe."""
STABLE = 0.5
"""The mean rank correlation of importances under which folds tell different stories."""
OF_CERTAINTY = (
    "sharpe", "probabilistic_sharpe", "deflated_sharpe", "family_alpha", "online_discovery",
    "superior",
)  # fmt: skip
"""Checks that ask how certain a profit is: of a loss they all say the same."""
OF_TRADES = (
    "round_trips", "net_return", "doubled_costs", "regimes", "beats_hold", "beats_momentum",
    "beats_naive", "beats_ridge", "one_bar_delay", "time_shift",
)  # fmt: skip
"""Checks that have nothing to ask where nothing was traded."""
SEEING = 0.5
"""The power under which a true Sharpe ratio of 1 would more often be missed than seen."""

Told = Mapping[str, Any]
Rule = Callable[[Told], Remark | None]


def run_remarks(told: Told) -> list[Remark]:
    """Return the remarks on a run, `told` as `run_page` takes it, the worst first."""
    own = [remark for rule in RULES if (remark := rule(told)) is not None]
    covered = {check for remark in own for check in remark.covers}
    return in_order([*own, *gate_remarks(told["verdict_lines"], covered)])


def never_traded(told: Told) -> Remark | None:
    """Say that it did nothing, so that nothing can be judged."""
    figures = told["figures"]
    if any(figures["trades"].values()):
        return None
    return Remark(
        Severity.WARNING,
        "never_traded",
        f"It never traded in {figures['days']:,} days: no opinion was worth its costs",
        "Ask whether what it foretells is larger than the costs: a longer horizon, a smaller "
        "cost_multiple or a larger act_on, each as a new trial",
        {"days": figures["days"]},
        (*OF_CERTAINTY, *OF_TRADES),
    )


def it_lost(told: Told) -> Remark | None:
    """Say that the Sharpe ratio is not above zero, so that no test of luck has anything to add."""
    value = told["figures"]["net_sharpe"]["value"]
    if value is None or value > 0:
        return None
    return Remark(
        Severity.WARNING,
        "it_lost",
        f"It lost: a net Sharpe ratio of {value:.2f}, which no test of luck can make more of",
        "Drop the idea, or write down what would have to be different and try that as a new trial",
        {"net_sharpe": value},
        OF_CERTAINTY,
    )


def costs_eat_the_edge(told: Told) -> Remark | None:
    """Say that something is earned before costs, and little or nothing after them."""
    costs = told["costs"]
    even = costs["break_even"]
    if even is None or even >= MARGIN or not any(told["figures"]["trades"].values()):
        return None
    total = {row["kind"]: row["total_return"]["value"] for row in costs["rows"]}
    gone = even <= 1.0
    return Remark(
        Severity.CRITICAL if gone else Severity.WARNING,
        "costs_eat_the_edge",
        f"Costs {'eat the edge' if gone else 'leave little'}: {total['gross']:.1%} before them, "
        f"{total['net']:.1%} after, {total['double']:.1%} if doubled; it breaks even at "
        f"{even:.2f} times the costs",
        "Trade less often (a larger cost_multiple, a smaller act_on, a longer horizon), or where "
        "it is cheaper; do not lower the costs in the file",
        {"break_even": even, **total},
        ("net_return", "doubled_costs") if gone else ("doubled_costs",),
    )


def one_fold_carries(told: Told) -> Remark | None:
    """Say that the result is a profit, and without its best fold none."""
    by_fold: dict[int, list[float]] = {}
    for one in told["folds"]:
        by_fold.setdefault(one["fold"], []).append(one["net_sum"])
    net = {fold: float(np.mean(values)) for fold, values in by_fold.items()}
    total = sum(net.values())
    if len(net) < 2 or total <= 0:
        return None
    best = max(net, key=lambda fold: net[fold])
    rest = total - net[best]
    if rest > 0:
        return None
    return Remark(
        Severity.WARNING,
        "one_fold_carries",
        f"Fold {best} carries the result: it made {net[best]:.1%}, and the other {len(net) - 1} "
        f"together {rest:.1%} (sums of daily returns)",
        "Look at what happened in that fold; an edge of one stretch of history is an event",
        {"best_fold": best, "best": net[best], "rest": rest, "total": total},
    )


def seeds_disagree(told: Told) -> Remark | None:
    """Say that some seeds earn and others lose."""
    seeds = told["seeds"]
    known = [one["net_sharpe"] for one in seeds["by_seed"] if one["net_sharpe"] is not None]
    if len(known) < 2 or not min(known) < 0 < max(known):
        return None
    earned = sum(value > 0 for value in known)
    return Remark(
        Severity.WARNING,
        "seeds_disagree",
        f"Seeds disagree: {earned} of {len(known)} earn, net Sharpe ratios from {seeds['low']:.2f} "
        f"to {seeds['high']:.2f}",
        "Do not choose the best seed: average the seeds, or make the model simpler until they "
        "agree",
        {"seeds": len(known), "earned": earned, "low": seeds["low"], "high": seeds["high"]},
        ("seeds",),
    )


def importance_unstable(told: Told) -> Remark | None:
    """Say that the member leans on other columns in each fold."""
    weights = told["importance"]
    stability = None if weights is None else weights["stability"]
    if weights is None or stability is None or stability >= STABLE:
        return None
    shared = weights["shared"]
    return Remark(
        Severity.WARNING,
        "importance_unstable",
        f"It leans on other columns in each fold: their ranks correlate by {stability:.2f} between "
        f"folds, and {shared:.0%} of the first ones are the same",
        "Give it fewer columns, or more history to a fold; what matters in one fold alone was "
        "fitted to it",
        {"stability": stability, "shared": shared},
    )


def interval_holds_zero(told: Told) -> Remark | None:
    """Say that the interval of the Sharpe ratio holds zero."""
    found = told["figures"]["net_sharpe"]
    value, low, high = (found[name] for name in ("value", "low", "high"))
    if None in (value, low, high) or not low <= 0 <= high:
        return None
    return Remark(
        Severity.NOTE,
        "interval_holds_zero",
        f"The interval of the net Sharpe ratio holds zero: {value:.2f} [{low:.2f}, {high:.2f}] "
        f"from {found['days']:,} days",
        "Read no direction into it: neither a gain nor a loss is shown",
        {"value": value, "low": low, "high": high, "days": found["days"]},
    )


def seldom_seen(told: Told) -> Remark | None:
    """Say that so few days would seldom show even a good idea."""
    line = next((one for one in told["verdict_lines"] if one["check"] == FROM_POWER), None)
    power = None if line is None else line["power"]
    if power is None or power >= SEEING:
        return None
    return Remark(
        Severity.NOTE,
        "seldom_seen",
        f"{told['figures']['days']:,} days are few: a true Sharpe ratio of 1 would be seen in "
        f"{power:.0%} of such runs",
        "More history, or instruments that move by themselves; that nothing was found is no proof "
        "that nothing is there",
        {"power": power, "days": told["figures"]["days"]},
    )


def search_is_not_paid_for(told: Told) -> Remark | None:
    """Say that the best of as many ideas without skill would look as good."""
    luck = told["deflation"]
    own, hurdle, probability = (
        luck[name] for name in ("sharpe_of_idea", "hurdle_at_ideas", "probability_at_ideas")
    )
    if None in (own, hurdle, probability) or luck["ideas"] < 2 or own > hurdle or own <= 0:
        return None
    return Remark(
        Severity.WARNING,
        "search_is_not_paid_for",
        f"Luck would have found better: the best of {luck['ideas']} ideas without skill shows a "
        f"Sharpe ratio of {hurdle:.2f}, its own idea {own:.2f}",
        "Take it as one of the tries; only history that nobody chose by can tell it from luck",
        {"ideas": luck["ideas"], "hurdle": hurdle, "sharpe": own, "deflated": probability},
        ("deflated_sharpe",),
    )


def code_was_not_committed(told: Told) -> Remark | None:
    """Say that the code was changed beyond its revision."""
    lines = told["uncommitted_lines"]
    if not lines:
        return None
    return Remark(
        Severity.NOTE,
        "code_was_not_committed",
        f"The code had {lines:,} lines of changes beyond {told['code_version']}",
        "Commit and run it again before anything is built on it; the changes are kept with the run",
        {"uncommitted_lines": lines},
    )


def never_judged(told: Told) -> Remark | None:
    """Say that there is no verdict yet."""
    if told["verdict"] is not None:
        return None
    return Remark(
        Severity.WARNING,
        "never_judged",
        "The gate has not judged this run: those registered before it have not ended",
        "Run assay experiment resume",
    )


FROM_POWER = "probabilistic_sharpe"
"""The check whose power is told."""
RULES: tuple[Rule, ...] = (
    never_traded,
    it_lost,
    costs_eat_the_edge,
    one_fold_carries,
    seeds_disagree,
    importance_unstable,
    search_is_not_paid_for,
    never_judged,
    interval_holds_zero,
    seldom_seen,
    code_was_not_committed,
)
