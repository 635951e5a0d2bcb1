"""Are there enough round trips to speak of?"""

from dataclasses import dataclass

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict
from assay.evaluation.gate.said import held, median


@dataclass(frozen=True, slots=True)
class RoundTrips(Check):
    """Fewer than `least` round trips, by the median seed, say nothing either way."""

    least: int = 100

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        trades = median(evidence.counts["trades"])
        ok = trades >= self.least
        said = f"{trades:,.0f} round trips" + ("" if ok else f", too few to judge ({self.least})")
        return Finding(held(ok, else_=Verdict.INSUFFICIENT), said, trades, self.least)
