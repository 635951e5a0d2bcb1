"""Does the member speak in the test as it spoke before?"""

from dataclasses import dataclass

import numpy as np

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, median, number


@dataclass(frozen=True, slots=True)
class Drift(Check):
    """The population stability index of its lean, from the fuse spans to the tests, by the median.

    Above `most` (Siddiqi 2006) thresholds that were chosen before mean something else in the test:
    no more than PAPER.
    """

    most: float = 0.25

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        index = median(evidence.psi)
        if not np.isfinite(index):
            said = "It leaned too seldom to tell whether its lean has moved"
            return Finding(Verdict.INSUFFICIENT, said, None, self.most)
        ok = index <= self.most
        said = f"From choosing to testing its lean has moved {'little' if ok else 'much'}"
        return Finding(
            held(ok, else_=Verdict.PAPER), f"{said} (index {number(index)})", index, self.most
        )
