"""Evidence of trials that never were: one that every check lets go to LIVE, and changes to it."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from assay.evaluation.gate.calibration import evidence_of
from assay.evaluation.gate.catalog import CHECKS
from assay.evaluation.gate.contract import Check, Evidence, Finding, Floats, Placebo, Tier

DAYS = 1_560
DAYS_PER_YEAR = 260
OUTCOMES_A_DAY = 10.0
NOT_RETURNS = frozenset(
    {"score_days", "scores", "inside", "nominal", "counts", "psi", "unexplained", "paths",
     "beside", "is_baseline", "placebo", "prefix"}
)  # fmt: skip
"""What a check that says it looks at returns and the ledger alone may not read."""


def with_sharpe(annual: float, days: int = DAYS, seed: int = 0) -> Floats:
    """Return (days,) normal daily returns of 1 % deviation whose Sharpe ratio is exactly this."""
    drawn = np.random.default_rng(seed).normal(size=days)
    drawn = (drawn - drawn.mean()) / drawn.std(ddof=1)
    return np.asarray(0.01 * (drawn + annual / np.sqrt(DAYS_PER_YEAR)))


def sound(days: int = DAYS, **changes: Any) -> Evidence:
    """Return evidence that nothing speaks against: Sharpe 2 over six years, first of its family.

    `changes` replace fields; a mapping, and the registration, is changed entry by entry.
    """
    net = with_sharpe(2.0, days)
    other = (("hold", 0.2), ("naive", -0.5), ("momentum", 0.3), ("shifted", 0.1))
    returns = {name: with_sharpe(value, days, 1 + n) for n, (name, value) in enumerate(other)}
    near = {"net": 0.0, "gross": 2e-4, "double": -2e-4, "delayed": -1e-4, "optimistic": 1e-5}
    returns |= {name: net + more for name, more in near.items()}
    alone = evidence_of(net[:, None])
    usual = replace(
        alone,
        returns={name: values[:, None] for name, values in returns.items()},
        score_days=np.arange(days),
        scores=_scores(days),
        inside=np.tile(np.array([1] * 9 + [0], dtype=np.int8), 20),
        counts={
            "trades": np.array([400.0]), "won": np.array([220.0]), "ambiguous": np.array([4.0]),
            "answered": np.array([9_000.0]), "asked": np.array([9_500.0]),
        },
        psi=np.array([0.05, 0.08]),
        is_baseline=True,
        placebo=Placebo(np.array([0.02, -0.03, 0.01, 0.0, -0.01, 0.03, -0.02, 0.01])),
        prefix=True,
    )  # fmt: skip
    return changed(usual, **changes)


def _scores(days: int) -> dict[str, Floats]:
    """Return daily sums of a member that hits 52 % with an information coefficient of 0.04."""
    chance = np.random.default_rng(5)
    rows = np.full(days, OUTCOMES_A_DAY)
    base = rows * np.log(2.0)
    told = {
        "rows": rows,
        "weight": rows,
        "base_loss": base,
        "loss": base - 0.02 * (1.0 + chance.normal(size=days)),
        "moved": rows,
        "hits": 0.52 * rows,
        "all_weight": rows,
        "edge": 0.0 * rows,
        "came": 0.0 * rows,
        "edge_came": 0.04 * rows,
        "edge_edge": rows,
        "came_came": rows,
    }
    return {name: values[:, None] for name, values in told.items()}


def changed(usual: Evidence, **changes: Any) -> Evidence:
    """Return evidence with fields replaced, mappings and the registration entry by entry."""
    given: dict[str, Any] = {}
    for name, value in changes.items():
        held = getattr(usual, name)
        if name == "registration":
            given[name] = replace(held, **value)
        elif isinstance(held, Mapping):
            given[name] = {**held, **{key: columns(each) for key, each in value.items()}}
        else:
            given[name] = value
    return replace(usual, **given)


def columns(values: Any) -> Floats:
    """Return values as the evidence holds them: one column a seed for days, as it is for counts."""
    found = np.asarray(values, dtype=np.float64)
    return found[:, None] if found.ndim == 1 and len(found) > 10 else found


def of_family(returns: Floats, **registration: Any) -> Evidence:
    """Return the evidence of the last column of `returns` (days, trials), returns alone."""
    return changed(evidence_of(returns), registration=registration)


def check(tier: Tier, name: str, **thresholds: Any) -> Check:
    """Return a check by the name of its file."""
    return CHECKS[tier].get(name)(**thresholds)


def asked(tier: Tier, name: str, evidence: Evidence, **thresholds: Any) -> Finding:
    """Return what a check finds."""
    return check(tier, name, **thresholds).judge(evidence)


class OnlyReturns(Evidence):
    """Evidence in which whoever reads anything but net returns and the ledger is caught."""

    def __getattribute__(self, name: str) -> Any:
        """Refuse what is no return."""
        if name in NOT_RETURNS:
            raise AssertionError(f"a check of returns alone has read {name}")
        return super().__getattribute__(name)


def first_days(usual: Evidence, days: int) -> Evidence:
    """Return evidence of the first `days` days alone."""
    return replace(
        usual,
        days=usual.days[:days],
        returns={name: values[:days] for name, values in usual.returns.items()},
        score_days=usual.score_days[:days],
        scores={name: values[:days] for name, values in usual.scores.items()},
        family=usual.family[:days],
    )


def flat(usual: Evidence, daily: float = 0.0) -> Evidence:
    """Return evidence whose every return is `daily`, that of all earlier trials too."""
    return replace(
        usual,
        returns={name: np.full_like(values, daily) for name, values in usual.returns.items()},
        family=np.full_like(usual.family, daily),
    )


def silent(usual: Evidence) -> Evidence:
    """Return evidence of a member that never said anything: no trade, no outcome, no lean."""
    nothing = flat(usual)
    placebo = usual.placebo
    return replace(
        nothing,
        scores={name: np.zeros_like(values) for name, values in usual.scores.items()},
        counts={name: np.zeros_like(values) for name, values in usual.counts.items()},
        inside=usual.inside[:0],
        psi=np.full_like(usual.psi, np.nan),
        placebo=placebo and Placebo(np.zeros_like(placebo.correlations)),
    )


def returns_alone(usual: Evidence) -> OnlyReturns:
    """Return the same evidence, in which whoever looks beyond net returns is caught."""
    given = {each.name: getattr(usual, each.name) for each in fields(usual)}
    return OnlyReturns(**{**given, "returns": {"net": usual.returns["net"]}})
