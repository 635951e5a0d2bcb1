"""Did the past stay as it was when the future arrived?"""

from dataclasses import dataclass

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Prefix(Check):
    """Features of truncated histories equal those of the whole one, bar for bar."""

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        if evidence.prefix is None:
            return Finding(Verdict.INSUFFICIENT, "Whether features see the future was not tried")
        if evidence.prefix:
            return Finding(Verdict.LIVE, "No feature changed when later bars were taken away")
        return Finding(Verdict.FAIL, "A feature changed when later bars were taken away: it leaks")
