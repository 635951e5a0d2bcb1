"""Does the result hang on what happened inside bars?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding
from assay.evaluation.gate.said import held, percent


@dataclass(frozen=True, slots=True)
class AmbiguousBars(Check):
    """At most `most` of the trades end in a bar that reached stop and target.

    And the net return has the same sign whichever of the two is believed to have come first.
    """

    most: float = 0.05

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        trades = max(float(evidence.counts["trades"].sum()), 1.0)
        share = float(evidence.counts["ambiguous"].sum()) / trades
        worst, best = evidence.net.sum(), evidence.mean_of("optimistic").sum()
        turns = bool(np.sign(worst) != np.sign(best))
        said = f"{percent(share)} of the trades ended in a bar that reached stop and target"
        if turns:
            said += ", and the result turns with which of them came first"
        return Finding(held(share <= self.most and not turns), said, share, self.most)
