"""How often has the family's lock box been opened?"""

from dataclasses import dataclass

from assay.evaluation.gate.contract import Check, Evidence, Finding, Verdict


@dataclass(frozen=True, slots=True)
class LockBox(Check):
    """A span that is kept from all choosing is worth something as long as hardly anybody looks.

    More than `most` looks allow no more than PAPER: by then it has been chosen by, too.
    """

    most: int = 3
    of_returns = True

    def judge(self, evidence: Evidence) -> Finding:
        """See `Check.judge`."""
        looks = evidence.registration.looks
        spent = looks > self.most
        said = (
            "Nobody has looked into the family's lock box"
            if not looks
            else f"The family's lock box was looked into {looks} times, of {self.most} allowed"
        )
        return Finding(Verdict.PAPER if spent else Verdict.LIVE, said, looks, self.most)
