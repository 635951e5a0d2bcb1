"""Is it too good to be true?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import median, number, percent


@dataclass(frozen=True, slots=True)
class TooGood(Check):
    """Honest hit rates lie at 50 to 56 %, honest information coefficients at 0.03 to 0.05.

    More than `most_hits` of the moves foretold, a correlation of the lean with what came above
    `most_correlation`, or a Sharpe ratio above `most_sharpe` is a leak until it is explained.
    """

    most_hits: float = 0.60
    most_correlation: float = 0.15
    most_sharpe: float = 5.0

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        hits = _share(evidence, "hits", "moved")
        correlation = _correlation(evidence)
        sharpe = evidence.sharpe_of("net")
        seen = []
        if hits > self.most_hits:
            seen.append(f"{percent(hits)} of the moves foretold")
        if correlation > self.most_correlation:
            seen.append(f"an information coefficient of {number(correlation)}")
        if sharpe > self.most_sharpe:
            seen.append(f"a Sharpe ratio of {number(sharpe)}")
        if seen:
            said = f"{' and '.join(seen)}: too good to be true, a leak until it is explained"
            return Finding(Verdict.FAIL, said[0].upper() + said[1:], hits, self.most_hits)
        if not np.isfinite(hits):
            said = "No outcome moved, so nothing is too good to be true"
            return Finding(Verdict.LIVE, said, None, self.most_hits)
        said = f"{percent(hits)} of the moves foretold: nothing too good to be true"
        return Finding(Verdict.LIVE, said, hits, self.most_hits)


def _share(evidence: Evidence, top: str, bottom: str) -> float:
    below = evidence.total(bottom)
    return median(np.where(below > 0, evidence.total(top) / np.maximum(below, 1e-12), np.nan))


def _correlation(evidence: Evidence) -> float:
    w = np.maximum(evidence.total("all_weight"), 1e-12)
    edge, came = evidence.total("edge") / w, evidence.total("came") / w
    own = evidence.total("edge_edge") / w - edge**2
    other = evidence.total("came_came") / w - came**2
    both = np.sqrt(np.maximum(own * other, 1e-24))
    return median((evidence.total("edge_came") / w - edge * came) / both)
