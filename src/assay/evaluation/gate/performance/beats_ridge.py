"""Does it beat the simplest model that learns?"""

from dataclasses import dataclass

from assay.evaluation.gate.beside import beats
from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict


@dataclass(frozen=True, slots=True)
class BeatsRidge(Check):
    """Its net Sharpe ratio is above that of the baseline fitted on the same folds."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        if evidence.is_baseline:
            return Finding(Verdict.LIVE, "It is the baseline itself, and has none to beat")
        if evidence.beside is None:
            return Finding(Verdict.INSUFFICIENT, "The baseline was not fitted on the same folds")
        return beats(evidence, evidence.beside.net, f"{evidence.beside.name} on the same folds")
