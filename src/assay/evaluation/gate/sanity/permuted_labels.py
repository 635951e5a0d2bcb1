"""Does the member still foretell when it has learned outcomes of other days?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held

FEWEST = 4
"""Refits from which something can be told."""


@dataclass(frozen=True, slots=True)
class PermutedLabels(Check):
    """Refitted on outcomes of other days, time and again, its lean tells nothing of the test.

    One refit leans somewhere, and where features really foretell, that correlates with what came,
    with either sign. So the mean of the information coefficients is held to 0, one-sided by the t
    distribution over the refits: fails with p at most `level`. Who foretells all the same, time and
    again and the right way round, has seen the test.
    """

    level: float = 0.005

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        found = None if evidence.placebo is None else evidence.placebo.correlations
        if found is None or len(found) < FEWEST or not np.isfinite(found).all():
            said = "The placebo with other days' outcomes was not run often enough to tell"
            return Finding(Verdict.INSUFFICIENT, said, None, self.level)
        spread = float(found.std(ddof=1))
        if not spread > 0:
            nowhere = not found.any()
            said = "Fitted on other days' outcomes it leans nowhere"
            if not nowhere:
                said = "Fitted on other days' outcomes it leans the same way each time"
            return Finding(held(nowhere), said, float(found.mean()), self.level)
        p = _above(float(found.mean() / spread * np.sqrt(len(found))), len(found) - 1)
        ok = p > self.level
        said = f"Fitted on other days' outcomes it foretells {'nothing' if ok else 'still'}"
        said += f" ({len(found)} refits, p = {p:.3f})"
        return Finding(held(ok), said, float(found.mean()), self.level, p)


def _above(t: float, degrees: int) -> float:
    """Return the chance of a Student t above `t`."""
    from scipy.stats import t as student

    return float(student.sf(t, degrees))
