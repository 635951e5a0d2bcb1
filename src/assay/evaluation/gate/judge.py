"""Ask every check, and say how far the trial may go."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from assay.evaluation.gate.catalog import CHECKS
from assay.evaluation.gate.contract import Check, Evidence, Finding, Tier, Verdict
from assay.evaluation.gate.explanation import Explanation, explained
from assay.evaluation.gate.profile import Profile

VERSION = 1
"""Rises with every change in what a check asks or how hard."""


@dataclass(frozen=True, slots=True)
class Line:
    """One check of one tier, and what it found."""

    tier: Tier
    check: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and the lines it follows from, in the order they were asked."""

    verdict: Verdict
    lines: tuple[Line, ...]

    @property
    def against(self) -> tuple[Line, ...]:
        """Return the lines that allow no more than the verdict."""
        return tuple(line for line in self.lines if line.finding.allows <= self.verdict)

    def explained(self, said: Mapping[str, Explanation]) -> "Judgement":
        """Return the judgement with what people said of its suspicions, by the check's name."""
        lines = tuple(
            replace(line, finding=explained(line.finding, said[line.check]))
            if line.check in said
            else line
            for line in self.lines
        )
        return Judgement(least(line.finding for line in lines), lines)

    def summary(self) -> str:
        """Return the verdict with the sentences that decided it."""
        if self.verdict is Verdict.LIVE:
            return "LIVE: no check has anything against it"
        told = "; ".join(line.finding.sentence.rstrip(".") for line in self.against[:3])
        more = len(self.against) - 3
        return f"{self.verdict}: {told}" + (f"; and {more} more" if more > 0 else "")


def judge(evidence: Evidence, profile: Profile, tiers: tuple[Tier, ...] = tuple(Tier)) -> Judgement:
    """Return the judgement of `tiers` on `evidence`: the least that any finding allows."""
    lines = tuple(
        Line(tier, name, check.judge(evidence)) for tier, name, check in checks(profile, tiers)
    )
    return Judgement(least(line.finding for line in lines), lines)


def least(findings: Iterable[Finding]) -> Verdict:
    """Return how far a trial may go: the least that any finding allows."""
    return min((each.allows for each in findings), default=Verdict.LIVE)


def checks(profile: Profile, tiers: tuple[Tier, ...]) -> Iterator[tuple[Tier, str, Check]]:
    """Yield the checks of `tiers` with the thresholds of `profile`."""
    for tier in tiers:
        for name in CHECKS[tier].names():
            yield tier, name, CHECKS[tier].get(name)(**profile.settings.get(name, {}))
