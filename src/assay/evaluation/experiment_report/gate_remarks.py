"""Remarks on what the gate said: one for each check that holds something against a trial."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.evaluation.experiment_report.remarks import Remark, Severity

LEAK = (
    "Look for what of the test was known before it: a feature that changes when later bars are "
    "taken away, a label in the features, a scaler fitted on all history; then run it again"
)
LUCK = (
    "Nothing makes this trial more certain but history it has not seen: import more bars, or trade "
    "it on paper; trying more variants raises the hurdle"
)
EDGE = "Drop the idea, or write down what would have to be different and try that as a new trial"
FAULT = "This is a fault in the run and no result: repeat it, and report it if it comes again"


@dataclass(frozen=True, slots=True)
class _Rule:
    """How bad it is that a check fails, what it is called then, and what to do about it."""

    severity: Severity
    title: str
    remedy: str


_CRITICAL, _WARNING, _NOTE = Severity
RULES: Mapping[str, _Rule] = {
    "lock_box": _Rule(
        _WARNING,
        "The lock box has been chosen by",
        "Give the next family a lock box of newer history, and look into it once, at the end",
    ),
    "registered": _Rule(_CRITICAL, "The trial is not in the ledger", FAULT),
    "complete": _Rule(
        _CRITICAL,
        "Something is missing",
        "Run assay experiment resume; where the member answers too few bars, look at its history "
        "and warm-up",
    ),
    "unexplained": _Rule(_CRITICAL, "The money does not add up", FAULT),
    "prefix": _Rule(_CRITICAL, "A feature sees the future", LEAK),
    "permuted_labels": _Rule(_CRITICAL, "Suspected leakage", LEAK),
    "too_good": _Rule(_CRITICAL, "Suspected leakage", LEAK),
    "time_shift": _Rule(
        _CRITICAL,
        "The timing is not the edge",
        "Compare it with holding: what earns at any time is exposure, not foresight",
    ),
    "one_bar_delay": _Rule(
        _CRITICAL,
        "The edge is gone one bar late",
        "Assume that it was a price nobody could have had: decide on an earlier bar or a longer "
        "horizon",
    ),
    "ambiguous_bars": _Rule(
        _WARNING,
        "The result hangs on what happened inside bars",
        "Use shorter bars, or a stop and target farther apart than a bar is wide",
    ),
    "drift": _Rule(
        _WARNING,
        "The member speaks otherwise in the test than before",
        "Look at assay features drift; refit more often (more folds), or leave out what drifts",
    ),
    "round_trips": _Rule(
        _WARNING,
        "Too few trades to judge",
        "Act on more (a larger act_on), take more instruments or more history",
    ),
    "beats_hold": _Rule(_WARNING, "Holding was better", EDGE),
    "beats_momentum": _Rule(_WARNING, "Following the last move was better", EDGE),
    "beats_naive": _Rule(_WARNING, "Always taking the usual side was better", EDGE),
    "beats_ridge": _Rule(
        _WARNING, "The simplest model that learns was better", "Take ridge, or drop the idea"
    ),
    "net_return": _Rule(_CRITICAL, "Nothing is left after costs", EDGE),
    "doubled_costs": _Rule(
        _WARNING,
        "It does not survive costs twice as high",
        "Ask the broker what is really paid, and trade less often: a larger cost_multiple or a "
        "smaller act_on",
    ),
    "hit_rate": _Rule(_WARNING, "It points the wrong way as often as a coin", EDGE),
    "sharpe": _Rule(_WARNING, "It is not worth the risk", EDGE),
    "paths": _Rule(
        _WARNING,
        "It does not earn on most histories that could have been",
        "Look at which folds lose, and what was different then",
    ),
    "regimes": _Rule(
        _WARNING,
        "It earns in too few kinds of markets",
        "Expect to lose in the others; say beforehand when it should trade, as a new trial",
    ),
    "seeds": _Rule(
        _WARNING,
        "It may be the seed and not the idea",
        "Fit at least five seeds, and judge by their median; what changes sign with the seed is "
        "noise",
    ),
    "probabilistic_sharpe": _Rule(_WARNING, "The Sharpe ratio may be luck", LUCK),
    "deflated_sharpe": _Rule(_WARNING, "The search for it is not paid for", LUCK),
    "family_alpha": _Rule(_WARNING, "Not certain enough for the ideas tried before it", LUCK),
    "online_discovery": _Rule(_NOTE, "No discovery among all that was tried here", LUCK),
    "superior": _Rule(_WARNING, "Not better than nothing, for certain", LUCK),
    "forecast_gain": _Rule(
        _WARNING,
        "It does not foretell",
        "Give it other features or another horizon, or drop the idea; what is earned all the same "
        "is exposure or chance",
    ),
    "quantile_coverage": _Rule(
        _WARNING,
        "Its idea of risk is wrong",
        "Give the calibrate span more history; do not size by its quantiles until they hold",
    ),
    "overfitting": _Rule(
        _CRITICAL,
        "Choosing the best of the family is choosing noise",
        "Do not take the best: take the mean of an idea's trials, or fewer, better reasoned trials",
    ),
}
"""By the check's name; one without a rule has a plain one."""


def gate_remarks(
    lines: Sequence[Mapping[str, Any]], covered: Collection[str] = ()
) -> Iterator[Remark]:
    """Yield a remark for each of `lines` that holds something against the trial.

    A line that failed has the severity of its rule; one that was passed but not as far as LIVE, or
    that had too little to say, at most that of a warning. Those `covered` are left out.
    """
    for line in lines:
        if line["check"] in covered or (line["passed"] and line["allows"] in ("LIVE", None)):
            continue
        rule = RULES.get(line["check"], _Rule(_WARNING, line["check"], EDGE))
        severity = rule.severity
        if line["passed"] is not False and severity is Severity.CRITICAL:
            severity = Severity.WARNING
        title = rule.title if line["passed"] is not None else f"Too little to say: {line['check']}"
        numbers = ("statistic", "threshold", "p", "power")
        yield Remark(
            severity,
            line["check"],
            f"{title}: {line['sentence']}",
            rule.remedy,
            {name: line[name] for name in numbers if line[name] is not None},
        )
