"""Would the best trial of the family have been the best of what came after?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import percent
from assay.evaluation.statistics.overfitting import overfitting

FEWEST = 4
"""Trials of which a best can be chosen at all."""


@dataclass(frozen=True, slots=True)
class BacktestOverfitting(Check):
    """The probability of backtest overfitting is at most `most`; up to `doubtful` only PAPER.

    By combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu 2017):
    above a half, choosing the best of the family's trials was worse than choosing any.
    """

    most: float = 0.2
    doubtful: float = 0.5
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        trials = evidence.family.shape[1]
        if trials < FEWEST:
            said = f"With {trials} trial{'s' if trials != 1 else ''} there was hardly a choice"
            return Finding(Verdict.LIVE, said, None, self.most)
        value = float(overfitting(evidence.family).probability)
        if not np.isfinite(value):
            said = "The family's days are too few to tell chosen from fitted"
            return Finding(Verdict.INSUFFICIENT, said, None, self.most)
        said = f"The best of {trials} trials would have disappointed with {percent(value, 0)}"
        verdict = Verdict.LIVE if value <= self.most else Verdict.PAPER
        verdict = verdict if value <= self.doubtful else Verdict.FAIL
        return Finding(verdict, said, value, self.most)
