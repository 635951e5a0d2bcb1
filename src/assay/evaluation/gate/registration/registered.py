"""Was the trial in the ledger, with its hypothesis, before anything was known of it?"""

from dataclasses import dataclass

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Registered(Check):
    """The hypothesis is in words, and the trial's place among all that were tried is known."""

    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        told = evidence.registration
        known = bool(told.hypothesis.strip()) and 1 <= told.order <= told.registered
        said = (
            f"Trial {told.order} of {told.registered} in the family {told.family}, judged by "
            f"{told.primary_metric}"
            if known
            else f"The trial is not in the ledger of the family {told.family} with its hypothesis"
        )
        return Finding(Verdict.LIVE if known else Verdict.FAIL, said, float(told.registered))
