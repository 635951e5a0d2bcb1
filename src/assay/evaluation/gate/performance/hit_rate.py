"""Does it hit as often as honest members do?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, median, percent


@dataclass(frozen=True, slots=True)
class HitRate(Check):
    """The share of moves foretold lies between `least` and `most`.

    Below, it points the wrong way as often as a coin or more; above, see `too_good`.
    """

    least: float = 0.495
    most: float = 0.60

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        moved = evidence.total("moved")
        if not (moved > 0).any():
            return Finding(Verdict.INSUFFICIENT, "No outcome moved, so nothing could be hit")
        value = median(np.where(moved > 0, evidence.total("hits") / np.maximum(moved, 1), np.nan))
        said = f"It foretold {percent(value)} of {float(np.median(moved)):,.0f} moves"
        return Finding(held(self.least <= value <= self.most), said, value, self.least)
