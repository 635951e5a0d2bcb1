"""What the members say together."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe


class Tier(StrEnum):
    """How strong and how united the pool is."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"
    DIVERGENT = "DIVERGENT"


class Evidence(StrEnum):
    """What is known about the pool's own skill; an axis apart from the tier."""

    PROVEN = "PROVEN"
    UNPROVEN = "UNPROVEN"
    STALE = "STALE"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class MemberPart:
    """One member's additive part in the pooled log-odds.

    `evidence` is logit p - logit base of the move being up, mapped to the decision horizon;
    `weight` sums to 1 over all parts that weigh; `part` = kappa x weight x evidence, so that the
    parts add up to the pooled log-odds less the base. `skill` is the mean out-of-sample log-score
    gain over climatology, nats a bar, with its standard error. `reason` says why a part is zero.
    """

    member: str
    family: str
    timeframe: Timeframe
    probability: float
    evidence: float
    weight: float
    part: float
    skill: float
    skill_error: float
    artefact: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Conviction:
    """The fused opinion on one instrument at one time, over `horizon_bars` of `timeframe`.

    `probability` is of up given a move, with the interval `low`..`high` (90 %); `base` the
    climatology; `log_odds` = logit base + sum of parts. `score` 0..100, `agreement` 0..100 or None
    below 1.2 effective members. `agreement_by_timeframe` holds the same number inside each
    timeframe. `expected_move` is the pool's median volatility-scaled log return. `artefact` is the
    id of the fitted fusion.
    """

    symbol: str
    timeframe: Timeframe
    horizon_bars: int
    as_of: datetime
    probability: float
    low: float
    high: float
    base: float
    log_odds: float
    score: float
    agreement: float | None
    agreement_by_timeframe: dict[Timeframe, float | None]
    effective_members: float
    tier: Tier
    evidence: Evidence
    expected_move: float
    volatility: float
    parts: tuple[MemberPart, ...]
    reasons: tuple[Reason, ...]
    artefact: str

    def __post_init__(self) -> None:
        utc(self.as_of, "time of a conviction")
        if not 0.0 <= self.low <= self.probability <= self.high <= 1.0:
            raise DataError(
                f"{self.symbol}: the probability {self.probability} does not lie in its interval "
                f"[{self.low}, {self.high}]"
            )
        if not 0.0 <= self.score <= 100.0:
            raise DataError(f"{self.symbol}: a score lies in 0..100; was {self.score}")
