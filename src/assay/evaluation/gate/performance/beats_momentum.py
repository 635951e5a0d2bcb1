"""Does it beat following the last move?"""

from dataclasses import dataclass

from assay.evaluation.gate.beside import beats
from assay.evaluation.gate.contract import Check, Evidence, Finding


@dataclass(frozen=True, slots=True)
class BeatsMomentum(Check):
    """Its net Sharpe ratio is above that of following the last move."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        return beats(evidence, evidence.mean_of("momentum"), "following the last move")
