"""Does the same order list earn as much at another time?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, number
from assay.evaluation.statistics.sharpe import probabilistic_sharpe


@dataclass(frozen=True, slots=True)
class TimeShift(Check):
    """Orders moved by half a test must not earn for certain: then it was not the timing.

    Fails where the shifted orders' net return is above zero with p under `level`.
    """

    level: float = 0.01

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        shifted = evidence.mean_of("shifted")
        p = 1.0 - probabilistic_sharpe(shifted, lags=None)
        if not np.isfinite(p):
            said = f"{len(shifted)} days of the same orders half a test later say nothing"
            return Finding(Verdict.INSUFFICIENT, said)
        ok = p >= self.level
        said = "earn nothing for certain" if ok else "earn for certain: the timing is not the edge"
        sharpe = evidence.sharpe_of("shifted")
        return Finding(
            held(ok),
            f"The same orders half a test later {said} (Sharpe {number(sharpe)})",
            sharpe,
            None,
            p,
        )
