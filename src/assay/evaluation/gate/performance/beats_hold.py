"""Does it beat holding the same instruments?"""

from dataclasses import dataclass

from assay.evaluation.gate.beside import beats
from assay.evaluation.gate.contract import Check, Evidence, Finding


@dataclass(frozen=True, slots=True)
class BeatsHold(Check):
    """Its net Sharpe ratio is above that of equal weights held without costs."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        return beats(evidence, evidence.mean_of("hold"), "equal weights held without costs")
