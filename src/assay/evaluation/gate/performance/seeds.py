"""Is it the idea or the seed?"""

from dataclasses import dataclass

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held


@dataclass(frozen=True, slots=True)
class Seeds(Check):
    """At least `least` seeds, unless nothing in the member is random; most of them earn."""

    least: int = 5

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        count = len(evidence.seeds)
        earned = int((evidence.returns["net"].sum(axis=0) > 0).sum())
        if not evidence.is_random:
            return Finding(Verdict.LIVE, "Nothing in it is random: one seed is all there is", count)
        if count < self.least:
            said = f"{count} seeds were fitted, and {self.least} are needed to tell idea from seed"
            return Finding(Verdict.INSUFFICIENT, said, count, self.least)
        said = f"{earned} of {count} seeds earned something"
        return Finding(held(2 * earned > count), said, earned, count / 2)
