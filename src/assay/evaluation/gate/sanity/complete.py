"""Is everything there that the trial set out to find?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, percent


@dataclass(frozen=True, slots=True)
class Complete(Check):
    """Every fold of every seed is there, every return is a number, and the member answers.

    At least `least_answered` of the bars asked about must have been answered.
    """

    least_answered: float = 0.5

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        told = evidence.registration
        missing = told.folds_wanted - told.folds_found
        odd = sum(int((~np.isfinite(each)).sum()) for each in evidence.returns.values())
        asked = float(evidence.counts["asked"].sum())
        share = float(evidence.counts["answered"].sum()) / asked if asked else 0.0
        if missing or odd:
            said = f"{missing} of {told.folds_wanted} folds are missing, {odd} returns no number"
            return Finding(Verdict.FAIL, said, share, self.least_answered)
        said = f"All {told.folds_found} folds are there; {percent(share)} of the bars were answered"
        return Finding(held(share >= self.least_answered), said, share, self.least_answered)
