"""What becomes of a suspicion once a person has explained it: on record, and PAPER at most."""

from dataclasses import dataclass, replace
from datetime import datetime

from assay.core.errors import SettingsError
from assay.evaluation.gate.contract import Finding, Verdict

EXPLAINABLE = ("too_good",)
"""The checks that suspect; every other one measures, and what is measured cannot be argued with."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a result that looks too good is no leak: said `by` whom, `at` (UTC)."""

    by: str
    at: datetime
    why: str


def explained(finding: Finding, said: Explanation) -> Finding:
    """Return what a suspicion still allows once it is explained: PAPER, where the future tells.

    An explanation is a person's word. It lets a trial be tried on prices that nobody has seen, and
    no further; what failed nothing is returned as it is.
    """
    if finding.allows > Verdict.FAIL:
        return finding
    before = finding.sentence.rstrip(".")
    told = f"{before}; {said.by} explained it on {said.at:%Y-%m-%d}: {said.why}"
    return replace(finding, allows=Verdict.PAPER, sentence=told)


def refuse_unexplainable(check: str) -> None:
    """Refuse to explain away what was measured."""
    if check not in EXPLAINABLE:
        raise SettingsError(
            f"Only {', '.join(EXPLAINABLE)} suspects and can be explained; {check} measures, and "
            "passes or does not"
        )
