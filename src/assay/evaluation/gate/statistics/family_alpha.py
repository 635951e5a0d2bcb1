"""Is it certain enough for the number of ideas that were tried before it?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, number, power_of
from assay.evaluation.statistics.sharpe import annualised, probabilistic_sharpe, sharpe_ratio

HALF = 10
"""The first so many ideas of a family share half of its alpha."""
AGAIN = 3.0
"""By how much looking again raises the chance of luck: ten trials of one idea, correlated by 0.8,
let luck through about twice as often as one. `assay gate calibrate` measures the whole."""


@dataclass(frozen=True, slots=True)
class FamilyAlpha(Check):
    """The chance that any idea of a family without skill passes is about `alpha`, for ever.

    Each idea, in the order of registration, may spend its share of alpha and no more, whatever is
    tried later: the k-th spends `HALF` / ((k + HALF - 1) (k + HALF)) of it, which adds up to 1 over
    all k (alpha spending, Tian & Ramdas 2021). An idea is a cluster of trials that correlate; its
    test is that of the mean of its trials, the probabilistic Sharpe ratio with autocorrelation. As
    every further trial of an idea is another look at it, the share is divided by `AGAIN`.
    """

    alpha: float = 0.05
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        place = evidence.place
        level = self.alpha * share_of(place) / AGAIN
        mean = evidence.clusters.mean_returns[:, evidence.own_cluster]
        p = 1.0 - probabilistic_sharpe(mean, lags=None)
        power = power_of(evidence)
        if not np.isfinite(p):
            said = "The returns of its idea say nothing of a Sharpe ratio"
            return Finding(Verdict.INSUFFICIENT, said, None, level, None, power)
        sharpe = annualised(sharpe_ratio(mean), evidence.days_per_year)
        ok = p <= level
        said = (
            f"As idea {place} of its family it may be luck with {level:.2%} at most; a Sharpe "
            f"ratio of {number(sharpe)} is luck with {p:.2%}"
        )
        verdict = held(ok, else_=Verdict.INSUFFICIENT if sharpe > 0 else Verdict.FAIL)
        return Finding(verdict, said, p, level, p, power, {"idea": place})


def share_of(place: int) -> float:
    """Return the share of alpha that the idea in this place, from 1, may spend."""
    return HALF / ((place + HALF - 1.0) * (place + HALF))
