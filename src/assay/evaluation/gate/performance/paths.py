"""Does it earn on most histories that could have been?"""

from dataclasses import dataclass

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, number


@dataclass(frozen=True, slots=True)
class Paths(Check):
    """Of combinatorial paths at least `least` have a Sharpe ratio above zero."""

    least: float = 8 / 9

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        paths = evidence.paths
        if not len(paths):
            return Finding(Verdict.LIVE, "It was walked forward once; there are no other paths")
        good = int((paths > 0).sum())
        said = (
            f"{good} of {len(paths)} paths earned; Sharpe ratios from {number(float(paths.min()))} "
            f"to {number(float(paths.max()))}"
        )
        enough = good / len(paths) >= self.least - 1e-9
        return Finding(held(bool(enough)), said, good / len(paths), self.least)
