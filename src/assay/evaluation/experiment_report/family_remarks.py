"""Remarks on a family: what all its trials say together that no single one does."""

from collections.abc import Callable, Mapping
from typing import Any

from assay.evaluation.experiment_report.remarks import Remark, Severity, in_order
from assay.evaluation.gate.registration.lock_box import LockBox
from assay.evaluation.gate.statistics.overfitting import BacktestOverfitting

SPENT = 0.8
"""The share of a family's alpha after which it is nearly used up."""

Told = Mapping[str, Any]


def family_remarks(told: Told) -> list[Remark]:
    """Return the remarks on a family, `told` as `family_page` takes it, the worst first."""
    return in_order(remark for rule in RULES if (remark := rule(told)) is not None)


def best_is_luck(told: Told) -> Remark | None:
    """Say that the best idea is no better than the best of as many without skill."""
    noise = told["noise"]
    if noise is None or noise["ideas"] < 2 or None in (noise["best"], noise["hurdle_at_ideas"]):
        return None
    best, hurdle = noise["best"], noise["hurdle_at_ideas"]
    if best > hurdle:
        return None
    return Remark(
        Severity.CRITICAL,
        "best_is_luck",
        f"The best idea is what luck finds: the mean of its trials has a net Sharpe ratio of "
        f"{best:.2f}, where the best of {noise['ideas']} ideas without skill shows {hurdle:.2f}",
        "Do not trade the best of this family; give up the question, or find a reason to ask it "
        "otherwise",
        {"best": best, "hurdle": hurdle, "ideas": noise["ideas"]},
    )


def choosing_was_fitting(told: Told) -> Remark | None:
    """Say that the best on one half of the days is nothing special on the other."""
    found = told["overfitting"]
    limits = BacktestOverfitting()
    if found is None or found["probability"] <= limits.most:
        return None
    value = found["probability"]
    worse = value > limits.doubtful
    return Remark(
        Severity.CRITICAL if worse else Severity.WARNING,
        "choosing_was_fitting",
        f"Choosing the best is {'worse than choosing any' if worse else 'doubtful'}: chosen on "
        f"half the days it ranks in the lower half on the others with {value:.0%}",
        "Take the mean of an idea's trials instead of the best, or fewer, better reasoned trials",
        {"probability": value, "trials": found["trials"], "allowed": limits.most},
    )


def looked_too_often(told: Told) -> Remark | None:
    """Say that the lock box has been chosen by."""
    looks, allowed = len(told["looks"]), LockBox().most
    if looks <= allowed:
        return None
    return Remark(
        Severity.WARNING,
        "looked_too_often",
        f"The lock box was looked into {looks} times, of {allowed} allowed: it has been chosen by",
        "Treat what lies in it as history that is known; the next family needs a newer box",
        {"looks": looks, "allowed": allowed},
    )


def alpha_is_nearly_spent(told: Told) -> Remark | None:
    """Say that hardly any alpha is left for what comes next."""
    alpha = told["alpha"]
    if not alpha["budget"] or alpha["spent"] < SPENT * alpha["budget"]:
        return None
    return Remark(
        Severity.WARNING,
        "alpha_is_nearly_spent",
        f"{alpha['spent']:.2%} of the family's alpha of {alpha['budget']:.0%} is spent by "
        f"{alpha['ideas']} ideas",
        "What is tried next has to be nearly certain; a new question is a new family",
        {"spent": alpha["spent"], "budget": alpha["budget"], "ideas": alpha["ideas"]},
    )


def one_idea_many_times(told: Told) -> Remark | None:
    """Say that many trials are few ideas."""
    noise = told["noise"]
    finished = told["counts"]["finished"]
    if noise is None or finished < 4 or 2 * noise["clusters"] > finished:
        return None
    return Remark(
        Severity.NOTE,
        "one_idea_many_times",
        f"{finished} finished trials are {noise['clusters']} "
        f"idea{'s' if noise['clusters'] != 1 else ''}: they earn and lose on the same days",
        "More of the same tells nothing new; vary what the idea rests on",
        {"finished": finished, "clusters": noise["clusters"]},
    )


def some_never_finished(told: Told) -> Remark | None:
    """Say that trials without returns count as ideas."""
    left = told["counts"]["unfinished"]
    if not left:
        return None
    return Remark(
        Severity.NOTE,
        "some_never_finished",
        f"{left} trial{'s' if left != 1 else ''} never finished, and each counts as an idea",
        "Run assay experiment resume: a finished trial that resembles another is no idea more",
        {"unfinished": left},
    )


def days_differ(told: Told) -> Remark | None:
    """Say that trials were tested on different days."""
    if told["same_days"]:
        return None
    return Remark(
        Severity.WARNING,
        "days_differ",
        "The trials were tested on different days; a day that one lacks counts as 0 in what "
        "compares them",
        "Give every file of a family the same from, to and splits",
    )


def none_passed(told: Told) -> Remark | None:
    """Say that no trial may go as far as paper."""
    verdicts = [one["verdict"] for one in told["trials"] if one["verdict"]]
    if not verdicts or any(verdict not in ("FAIL", "INSUFFICIENT") for verdict in verdicts):
        return None
    return Remark(
        Severity.NOTE,
        "none_passed",
        f"Of {len(verdicts)} judged trial{'s' if len(verdicts) != 1 else ''} not one may go as far "
        "as paper",
        "Read what each failed by; most ideas fail, and that is what a gate is for",
        {"judged": len(verdicts)},
    )


RULES: tuple[Callable[[Told], Remark | None], ...] = (
    best_is_luck,
    choosing_was_fitting,
    looked_too_often,
    alpha_is_nearly_spent,
    days_differ,
    one_idea_many_times,
    some_never_finished,
    none_passed,
)
