"""Signals as the service shows them: a line of a list, and the whole of one."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, Field

from assay.core.ids import plain
from assay.core.values.conviction import Evidence, Tier
from assay.core.values.decision import Side
from assay.core.values.forecast import Classes
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Stance, VerdictKind
from assay.store.signals import SignalRow


class Direction(StrEnum):
    """Which way the members together lean."""

    UP = "UP"
    DOWN = "DOWN"
    NONE = "NONE"


class SignalLine(BaseModel, from_attributes=True):
    """The head of one issued signal; what it waits for is in `reasons`."""

    id: str = Field(examples=["sig-3a6abb91aa9c"])
    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe = Field(examples=["1h"])
    as_of: datetime = Field(description="Close of the newest bar it saw.")
    made_at: datetime = Field(description="When it was issued.")
    entry: int = Field(description="Its entry in the journal; signals are ordered by it.")
    decision: Side = Field(description="WAIT is an answer.", examples=["WAIT"])
    conviction: float | None = Field(
        description="0 to 100; null where nothing could be pooled.", examples=[42.2]
    )
    tier: Tier | None = Field(description="How strong and united the pool is.", examples=["LOW"])
    evidence: Evidence = Field(
        description="What is known of the pool's own skill out of sample.", examples=["UNPROVEN"]
    )
    direction: Direction = Field(description="Which way the members together lean.")
    probability: float = Field(description="Of a rise, if it moves.", examples=[0.531])
    low: float = Field(description="Lower end of the 90 % interval of the probability.")
    high: float = Field(description="Upper end of the 90 % interval of the probability.")
    agreement: float | None = Field(
        description="0 to 100; null where too few members weigh to agree."
    )
    horizon_bars: int = Field(description="How many bars it looks ahead.", examples=[4])
    price: float = Field(description="The close of its bar.", examples=[1.0976])
    stop: float | None = Field(description="Null while it waits.")
    target: float | None = Field(description="Null while it waits.")
    risk_fraction: float = Field(description="Share of the equity lost if the stop is hit.")
    reasons: list[Reason] = Field(description="Codes of what stands against a position.")
    in_sample: bool = Field(
        description="Whether the pool had learned from what came of this bar: then it shows how it "
        "speaks, not how well it predicts."
    )
    simulated: bool = Field(description="Whether the bars come from a simulated market.")


class Reasoned(BaseModel):
    """A reason: its code and what it means."""

    code: Reason = Field(examples=["low_conviction"])
    sentence: str = Field(examples=["Conviction is below MODERATE."])


class Point(BaseModel):
    """One piece of the analyst's evidence: what it points to in its brief, and what it claims."""

    ref: str = Field(examples=["1h.dist_sma_50_atr"])
    claim: str = Field(examples=["On 1h price trades 4.93 ATR above its 50-bar average"])
    stance: Stance


class SealedViewOut(BaseModel):
    """The analyst's own view, sealed in the journal before it saw any forecast."""

    p_up: float | None = Field(description="Its probability of a rise; null if it abstained.")
    abstained: str | None = Field(description="Why it abstained.")
    regime: str = Field(examples=["trend"])
    evidence: list[Point]
    counter_evidence: list[Point]
    provider: str = Field(description="Who answered.", examples=["rules"])
    brief: str = Field(description="Hash of what it was shown.")
    entry: int = Field(description="The journal entry that sealed it.")
    digest: str = Field(description="That entry's hash.")


class RefereeVerdict(BaseModel):
    """What the analyst says of the models once it has seen them; it can only make smaller."""

    kind: VerdictKind = Field(examples=["ABSTAIN"])
    size_cap: float = Field(description="The size is cut to this share; 0 is a veto.")
    checks: list[str] = Field(description="What it looked at.")
    objection: str = Field(description="Its strongest argument against.")
    challenge: str | None = Field(description="The code of its challenge, if it challenges.")
    p_up_after: float | None = Field(description="Its probability after seeing the models.")
    provider: str
    sealed: str = Field(description="Hash of the sealed view it started from.")


class DriverOut(BaseModel):
    """What one feature did to a member's own log-odds of a rise."""

    feature: str = Field(examples=["log_return_12_by_50"])
    value: float | None
    moved: float


class MemberSaid(BaseModel):
    """One member's part in a signal; `part`s and the base's log-odds add up to `log_odds`."""

    member: str = Field(examples=["ridge"])
    family: str = Field(examples=["linear"])
    timeframe: Timeframe
    artefact: str = Field(description="The model that spoke.")
    probability: float = Field(description="Of a rise, if it moves, as the pool reads it.")
    evidence: float = Field(description="Log-odds over the usual ones.")
    weight: float
    part: float
    skill: float = Field(description="Gain over climatology out of sample, nats a bar.")
    skill_error: float = Field(description="Its standard error.")
    reason: Reasoned | None = Field(description="Why its part is nothing, said of it.")
    made_at: datetime | None = Field(description="Close of the bar it spoke at; null if silent.")
    classes: Classes | None = Field(description="Calibrated; null if it was silent.")
    quantiles: dict[str, float] | None = Field(
        description="Volatility-scaled log returns by probability; null if it was silent, or the "
        "signal is from before they were kept.",
        examples=[{"0.05": -1.6, "0.5": 0.02, "0.95": 1.7}],
    )
    volatility: float | None = Field(
        description="Expected standard deviation of the log return over its horizon."
    )
    drivers: list[DriverOut] = Field(description="What moved it most, if its account may be shown.")
    withheld: str | None = Field(description="Why its account may not be shown.")


class FusionSaid(BaseModel):
    """The pool a signal was made with, and how its skill stands."""

    artefact: str
    proven: bool
    p_value: float = Field(description="Of the pool having no skill, out of sample.")
    level: float = Field(description="Under which it counts as proven.")
    gain_nats: float = Field(description="Gain over climatology, nats a bar.")
    gain_error: float
    proof_days: int
    outcomes: int = Field(description="Effective outcomes it was fitted on.")
    moderate: float = Field(description="Conviction from which a tier is MODERATE.")
    high: float = Field(description="Conviction from which a tier is HIGH.")


class DataSaid(BaseModel):
    """The bars a signal was made on; the fingerprint is of their values."""

    bars: int
    first: datetime
    last: datetime
    fingerprint: str


class SignalOut(BaseModel):
    """One issued signal, whole; it never changes."""

    id: str = Field(examples=["sig-3a6abb91aa9c"])
    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe
    as_of: datetime = Field(description="Close of the newest bar it saw.")
    made_at: datetime = Field(description="When it was issued.")
    entry: int = Field(description="Its entry in the journal.")
    horizon_bars: int
    decision: Side
    conviction: float | None
    tier: Tier | None
    evidence: Evidence
    direction: Direction
    probability: float = Field(description="Of a rise, if it moves.")
    low: float
    high: float
    base: float = Field(description="The usual probability of a rise, if it moves.")
    log_odds: float
    agreement: float | None
    agreement_by_timeframe: dict[Timeframe, float | None]
    effective_members: float
    expected_move: float = Field(description="Median log return over the horizon, in volatilities.")
    volatility: float = Field(description="Expected standard deviation of that log return.")
    price: float = Field(description="The close of its bar.")
    stop: float | None
    target: float | None
    stop_atr: float = Field(description="Distance of the stop in average true ranges.")
    target_atr: float
    atr: float
    risk_fraction: float
    cost_round_trip: float = Field(description="What a round trip costs, as a share of the price.")
    reasons: list[Reasoned] = Field(description="What stands against a position, or shrinks it.")
    notes: list[Reasoned] = Field(description="What the pool says of itself.")
    view: SealedViewOut
    verdict: RefereeVerdict
    members: list[MemberSaid]
    fusion: FusionSaid
    data: DataSaid
    in_sample: bool
    simulated: bool

    @classmethod
    def of(cls, row: SignalRow) -> Self:
        """Return the shape of a stored signal."""
        said: dict[str, Any] = plain(row.payload)
        return cls.model_validate(
            said
            | {
                "made_at": row.made_at,
                "entry": row.entry,
                "price": said["entry"],
                "reasons": [_reasoned(code) for code in said["reasons"]],
                "notes": [_reasoned(code) for code in said["notes"]],
                "members": [_member(one) for one in said["members"]],
            }
        )


def _reasoned(code: str) -> dict[str, str]:
    return {"code": code, "sentence": Reason(code).sentence}


def _member(said: Mapping[str, Any]) -> dict[str, Any]:
    account = said.get("account") or {}
    reason = said["reason"]
    return {
        **said,
        "reason": reason and {"code": reason, "sentence": Reason(reason).of_member},
        "quantiles": said.get("quantiles"),
        "volatility": said.get("volatility"),
        "drivers": account.get("drivers", said.get("drivers", [])),
        "withheld": account.get("withheld"),
    }
