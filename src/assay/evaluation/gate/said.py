"""What findings have in common: verdicts by a rule, numbers in words."""

import numpy as np

from assay.evaluation.gate.contract import Evidence, Floats, Verdict
from assay.evaluation.statistics.sharpe import power

TRUE_SHARPE = 1.0
"""The annual Sharpe ratio against which the power of a test is told."""


def held(ok: bool, *, up_to: Verdict = Verdict.LIVE, else_: Verdict = Verdict.FAIL) -> Verdict:  # noqa: FBT001 - the question itself
    """Return `up_to` if `ok`, else `else_`."""
    return up_to if ok else else_


def number(value: float, digits: int = 2) -> str:
    """Return a number for a sentence; "unknown" where there is none."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "unknown"


def percent(value: float, digits: int = 1) -> str:
    """Return a share in percent; "unknown" where there is none."""
    return f"{100 * value:.{digits}f} %" if np.isfinite(value) else "unknown"


def power_of(evidence: Evidence) -> float:
    """Return how often a one-sided test at 5 % would see a true annual Sharpe ratio of 1."""
    return power(TRUE_SHARPE, len(evidence.days), evidence.days_per_year)


def traded(evidence: Evidence) -> bool:
    """Say whether anything was traded at all."""
    return bool(np.any(evidence.net != 0.0))


def median(values: Floats) -> float:
    """Return the median of what is known, NaN if nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
