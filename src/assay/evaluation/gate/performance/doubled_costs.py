"""Does it survive costs twice as high?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, percent, traded


@dataclass(frozen=True, slots=True)
class DoubledCosts(Check):
    """The compounded return with fees, spread and slippage doubled is above zero."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        if not traded(evidence):
            return Finding(Verdict.INSUFFICIENT, "It never traded and paid no costs", 0.0, 0.0)
        value = float(np.prod(1.0 + evidence.mean_of("double")) - 1.0)
        said = f"With costs doubled it would have made {percent(value)}"
        return Finding(held(value > 0), said, value, 0.0)
