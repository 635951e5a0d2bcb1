"""Does it beat always taking the side of climatology?"""

from dataclasses import dataclass

from assay.evaluation.gate.beside import beats
from assay.evaluation.gate.contract import Check, Evidence, Finding


@dataclass(frozen=True, slots=True)
class BeatsNaive(Check):
    """Its net Sharpe ratio is above that of always taking the usual side."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        return beats(evidence, evidence.mean_of("naive"), "always taking the usual side")
