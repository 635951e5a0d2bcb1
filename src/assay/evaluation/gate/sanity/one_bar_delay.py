"""Does the profit survive being a bar late?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, number


@dataclass(frozen=True, slots=True)
class OneBarDelay(Check):
    """Traded one bar later it keeps at least `least` of its net Sharpe ratio.

    An edge that is gone a bar later is mostly a price that nobody could have had.
    """

    least: float = 0.5

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        own, late = evidence.sharpe_of("net"), evidence.sharpe_of("delayed")
        if not np.isfinite(own):
            said = "Its returns say nothing of what a bar takes"
            return Finding(Verdict.INSUFFICIENT, said, None, self.least)
        if own <= 0:
            return Finding(Verdict.LIVE, "There is no profit that being a bar late could take", own)
        kept = late / own if np.isfinite(late) else 0.0
        ok = kept >= self.least
        said = f"One bar late its Sharpe ratio is {number(late)} instead of {number(own)}"
        return Finding(held(ok), said, kept, self.least)
