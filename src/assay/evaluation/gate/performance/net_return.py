"""Is anything left after costs?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, percent, traded


@dataclass(frozen=True, slots=True)
class NetReturn(Check):
    """The compounded return after fees, spread and slippage is above zero."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        if not traded(evidence):
            return Finding(Verdict.INSUFFICIENT, "It never traded", 0.0, 0.0)
        net, gross = (
            float(np.prod(1.0 + evidence.mean_of(kind)) - 1.0) for kind in ("net", "gross")
        )
        said = f"It made {percent(net)} after costs and {percent(gross)} before them"
        return Finding(held(net > 0), said, net, 0.0)
