"""Is it a discovery, of all that was ever tried here?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held
from assay.evaluation.statistics.discovery import lord
from assay.evaluation.statistics.sharpe import probabilistic_sharpe


@dataclass(frozen=True, slots=True)
class OnlineDiscovery(Check):
    """It is claimed by a procedure that keeps the share of false claims at `alpha` for ever.

    LORD++ (Ramdas, Yang, Wainwright & Jordan 2017) over all trials of all families in the order of
    registration; what is not claimed may go no further than PAPER.
    """

    alpha: float = 0.10
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        p = 1.0 - probabilistic_sharpe(evidence.net, lags=None)
        p = p if np.isfinite(p) else 1.0
        stream = np.concatenate([evidence.registration.earlier, [p]])
        found = lord(stream, self.alpha)
        ok, level = bool(found.is_discovery[-1]), float(found.levels[-1])
        said = (
            f"After {len(stream) - 1} earlier trial{'s' if len(stream) != 2 else ''} a claim needs "
            f"p at most {level:.2g}; it has {p:.2g}"
        )
        return Finding(held(ok, else_=Verdict.PAPER), said, p, level, p)
