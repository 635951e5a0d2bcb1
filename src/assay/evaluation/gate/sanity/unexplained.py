"""Does the money add up?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding
from assay.evaluation.gate.said import held


@dataclass(frozen=True, slots=True)
class Unexplained(Check):
    """Equity is the sum of all fills less costs, to `most` of the equity."""

    most: float = 1e-9

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        ok = evidence.unexplained <= self.most
        known = bool(np.isfinite(evidence.unexplained))
        part = f"{evidence.unexplained:.1e}" if known else "An unknown part"
        said = (
            "Equity equals fills less costs"
            if ok
            else f"{part} of the equity is explained by no fill: a fault"
        )
        return Finding(held(ok), said, evidence.unexplained, self.most)
