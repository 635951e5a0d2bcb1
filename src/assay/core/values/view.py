"""The analyst's words: its own view, the sealed view, the verdict."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stance(StrEnum):
    """Which way a piece of evidence points."""

    UP = "up"
    DOWN = "down"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Point:
    """One piece of evidence: `ref` names a number or story of the brief, `claim` says it."""

    ref: str
    claim: str
    stance: Stance


@dataclass(frozen=True, slots=True)
class View:
    """The analyst's own opinion, formed before it saw any forecast.

    `p_up` is on the grid 0.05, 0.10 .. 0.95; None when it abstains, and `abstained` says why.
    `brief` is the digest of the request it answered; `provider` names who answered.
    """

    symbol: str
    as_of: datetime
    p_up: float | None
    regime: str
    evidence: tuple[Point, ...]
    counter_evidence: tuple[Point, ...]
    provider: str
    brief: str
    abstained: str | None = None


@dataclass(frozen=True, slots=True)
class SealedView:
    """A view and the journal entry that sealed it; only the journal makes one."""

    view: View
    entry: int
    digest: str


class VerdictKind(StrEnum):
    """What the referee says of the models."""

    CONFIRM = "CONFIRM"
    CHALLENGE = "CHALLENGE"
    ABSTAIN = "ABSTAIN"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The referee's answer; `size_cap` in {0, 0.25, 0.5, 0.75, 1} can only shrink.

    `objection` is its strongest counter-argument, `challenge` the code when it challenges, `sealed`
    the digest of the sealed view it started from.
    """

    kind: VerdictKind
    size_cap: float
    checks: tuple[str, ...]
    objection: str
    challenge: str | None
    p_up_after: float | None
    provider: str
    sealed: str
