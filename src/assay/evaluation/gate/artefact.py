"""What the gate asks of every trained artefact before it may weigh in a signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.gate.contract import Finding, Floats, Verdict
from assay.evaluation.gate.said import number
from assay.evaluation.statistics.sharpe import normal_below

LEVEL = 0.05
"""How often a member without skill may be let through, an instrument."""
PROFILE = "training"
"""The name under which these verdicts are kept."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How a member did on one instrument's fuse span, which it has not learned from.

    `skill` is its mean gain in log-score over climatology, nats a row, `error` the standard error
    by blocks of days.
    """

    series: str
    skill: float
    error: float


def p_values(skill: Floats, error: Floats) -> Floats:
    """Return (M,) one-sided p-values of a skill above zero; 1 where there is none to speak of."""
    known = np.isfinite(skill) & np.isfinite(error) & (error > 0)
    z = np.divide(skill, error, out=np.full(len(skill), -np.inf), where=known)
    return np.array([1.0 - normal_below(each) if np.isfinite(each) else 1.0 for each in z])


def foretells(skill: Floats, error: Floats, level: float | Floats = LEVEL) -> NDArray[np.bool_]:
    """Return (M,) which members foretell better than climatology, one-sided at `level`.

    `level` may be one for each (M,).
    """
    return np.asarray(p_values(skill, error) <= level)


def finding(heard: Heard, level: float = LEVEL) -> Finding:
    """Return what is said of a member on one instrument: PAPER where it may weigh there."""
    p = float(p_values(np.array([heard.skill]), np.array([heard.error]))[0])
    known = np.isfinite(heard.error) and heard.error > 0
    told = f"{number(heard.skill * 1e4, 1)} ± {number(heard.error * 1e4, 1)} e-4 nats"
    if not known:
        said = f"{heard.series}: it says nothing of its own that could be judged"
        return Finding(Verdict.INSUFFICIENT, said, None, level)
    ok = p <= level
    said = f"{heard.series}: {'foretells' if ok else 'does not foretell'} better than climatology"
    return Finding(
        Verdict.PAPER if ok else Verdict.FAIL,
        f"{said} ({told}, p = {p:.3f})",
        heard.skill,
        level,
        p,
    )


def verdict_of(findings: list[Finding]) -> Verdict:
    """Return the verdict on an artefact: it may weigh where it passed, so the best one counts."""
    return max((each.allows for each in findings), default=Verdict.INSUFFICIENT)
