"""Is the best of all that was tried better than nothing?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, power_of
from assay.evaluation.statistics.superior import superior


@dataclass(frozen=True, slots=True)
class SuperiorAbility(Check):
    """Among the ideas of the family its own is superior to doing nothing, p at most `level`.

    The test for superior predictive ability (Hansen 2005), stepwise (Romano & Wolf 2005), over the
    mean returns of each cluster of trials.
    """

    level: float = 0.05
    draws: int = 1000
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        found = superior(evidence.clusters.mean_returns, size=self.level, draws=self.draws)
        p, power = float(found.adjusted[evidence.own_cluster]), power_of(evidence)
        if not np.isfinite(p):
            said = "The family's returns are too few to tell the best from luck"
            return Finding(Verdict.INSUFFICIENT, said, None, self.level, None, power)
        ok = p <= self.level
        ideas = evidence.clusters.effective_trials
        said = (
            f"Among {ideas} idea{'s' if ideas != 1 else ''} of its family "
            f"{'it is' if ok else 'it cannot be told to be'} better than nothing (p = {p:.3f})"
        )
        verdict = held(ok, else_=Verdict.INSUFFICIENT)
        return Finding(
            verdict, said, p, self.level, p, power, {"family_p_value": float(found.p_value)}
        )
