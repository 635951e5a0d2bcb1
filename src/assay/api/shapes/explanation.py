"""The explanation of a signal as the service shows it: why, how it is known, what if, since."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from assay.api.shapes.signal import Direction, RefereeVerdict, SealedViewOut, SignalLine
from assay.core.values.conviction import Evidence, Tier
from assay.core.values.decision import Side
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.workflows.explained import Explained


class FeatureMoved(BaseModel, from_attributes=True):
    """What one feature did to a member's own log-odds of a rise."""

    column: str = Field(examples=["log_return_12_by_50"])
    value: float | None
    moved: float
    feature: str | None = Field(description="The feature that makes the column.")
    summary: str = Field(description="What it measures.")


class Step(BaseModel, from_attributes=True):
    """One step of the waterfall: a member's additive part in the pooled log-odds."""

    member: str = Field(examples=["ridge"])
    family: str
    timeframe: Timeframe
    probability: float
    part: float
    weight: float
    note: str | None = Field(description="Why its part is nothing.")
    drivers: list[FeatureMoved]
    method: str | None = Field(description="How the drivers were found: native or occlusion.")
    withheld: str | None = Field(description="Why there are no drivers to show.")
    moments: list[tuple[int, int, float]] = Field(
        description="How much each stretch of its window did: first and last bar, counted back "
        "from 0, the signal's, and how far they moved it."
    )
    leans_on: list[tuple[str, float]] = Field(description="What it listens to in general.")


class WhyOut(BaseModel, from_attributes=True):
    """The decision and what it adds up from: `base_log_odds` + parts = `log_odds`."""

    sentence: str
    decision: Side
    direction: Direction
    probability: float
    low: float
    high: float
    base: float
    base_log_odds: float
    log_odds: float
    conviction: float
    tier: Tier
    evidence: Evidence
    agreement: float | None
    agreement_by_timeframe: dict[Timeframe, float | None]
    effective_members: float
    parts: list[Step] = Field(description="The waterfall, the largest step first.")
    view: SealedViewOut = Field(description="Phase one: sealed before it saw the models.")
    verdict: RefereeVerdict = Field(description="Phase two: after it saw them.")


class ProofOut(BaseModel, from_attributes=True):
    """How far the pool's skill is proven; gains in nats a bar over climatology."""

    evidence: Evidence
    gain: float
    low: float = Field(description="Lower end of the 90 % interval of the gain.")
    high: float
    like_hits: float | None = Field(description="The hit rate a constant lean of that worth has.")
    p_value: float
    level: float
    days: int
    outcomes: int
    first: datetime
    last: datetime
    fusion: str
    over_best: float | None
    over_equal: float | None
    problem: str | None


class SpanOut(BaseModel):
    """A span of time and how many rows of it were learned from."""

    start: datetime
    end: datetime
    rows: int | None = None


class SourceOfMember(BaseModel, from_attributes=True):
    """One member's model: what it learned from, and whether it is still what it was, now."""

    member: str
    timeframe: Timeframe
    family: str
    artefact: str
    skill: float
    skill_error: float
    weight: float
    spans: dict[str, SpanOut]
    series: list[str]
    state: str = Field(examples=["verified", "damaged", "missing", "quarantined"])
    problem: str | None


class CorrectionOut(BaseModel):
    """A correction of bars that the signal was made on, written since."""

    known_at: datetime
    reason: str | None
    rows: int
    first: datetime


class SeenOut(BaseModel, from_attributes=True):
    """The bars the decision was made on, and whether they are still the same."""

    bars: int
    first: datetime
    last: datetime
    fingerprint: str
    now: str | None
    same: bool
    changed: int | None
    corrections: list[CorrectionOut]
    sentence: str


class EntryOfSignal(BaseModel):
    """One journal entry of the signal."""

    no: int
    at: datetime
    stage: str
    digest: str


class RecordedOut(BaseModel, from_attributes=True):
    """The signal's journal entries and what they prove."""

    entries: list[EntryOfSignal]
    sealed_first: bool = Field(description="The view came before anything the models said.")
    seal_holds: bool
    intact: bool = Field(description="Of the whole journal, checked now.")
    problem: str | None
    read: int = Field(description="How many entries were checked.")


class HowOut(BaseModel, from_attributes=True):
    """How it is known; `warnings` are what a reader must know before believing it."""

    proof: ProofOut
    sources: list[SourceOfMember]
    seen: SeenOut
    journal: RecordedOut
    simulated: bool
    warnings: list[str]


class RepooledOut(BaseModel, from_attributes=True):
    """Whether the pool, computed again from what the members had said, is the same."""

    difference: float | None
    same: bool
    problem: str | None


class ThresholdOut(BaseModel, from_attributes=True):
    """What reaches another tier or the other side, with the agreement there is now."""

    goal: str = Field(examples=["MODERATE", "HIGH", "other side"])
    score: float | None
    log_odds: float | None
    probability: float | None
    times: float | None
    sentence: str


class SilencedOut(BaseModel, from_attributes=True):
    """The pool without one member."""

    member: str
    timeframe: Timeframe
    probability: float
    score: float
    tier: Tier
    direction: Direction
    changes: list[str]


class CostsOut(BaseModel, from_attributes=True):
    """The expected move against a round trip, both log returns."""

    side_move: float
    side_sigma: float
    round_trip: float
    needed: float
    needed_sigma: float
    times: float | None
    pays: bool


class LiftOut(BaseModel, from_attributes=True):
    """One reason against a position, and what would lift it."""

    code: Reason
    sentence: str
    blocks: bool = Field(description="Whether it alone forbids a position.")
    lift: str


class WhatIfOut(BaseModel, from_attributes=True):
    """What would change it."""

    repool: RepooledOut
    thresholds: list[ThresholdOut]
    silenced: list[SilencedOut]
    costs: CostsOut
    reasons: list[LiftOut] = Field(description="The gate line by line, with what lifts each.")


class SinceOut(BaseModel, from_attributes=True):
    """What happened after the bar: hindsight, which the signal could not know."""

    bars: int
    horizon_bars: int
    until: datetime
    log_return: float
    scaled: float
    outcome: str | None = Field(description="up, down or flat; null while the horizon is open.")
    hit: bool | None
    exit: str | None = Field(description="What a position met first.")


class PrecedentOut(BaseModel, from_attributes=True):
    """One earlier signal that was alike, and what came of it."""

    signal: SignalLine
    scaled: float = Field(description="The log return over its horizon, in volatilities.")
    hit: bool | None = Field(description="Null where it moved too little, or leaned to no side.")


class PrecedentsOut(BaseModel, from_attributes=True):
    """What came of earlier signals like it; hits of those that moved, with a 95 % interval."""

    rule: str = Field(description="What counts as alike.")
    n: int
    moved: int
    hits: int
    share: float | None
    low: float | None
    high: float | None
    few: bool = Field(description="Whether that is too few to lean on.")
    in_sample: int = Field(description="How many of the n flatter it.")
    cases: list[PrecedentOut] = Field(description="The newest of them.")


class ExplanationOut(BaseModel):
    """Everything there is to say about one signal."""

    id: str = Field(examples=["sig-3a6abb91aa9c"])
    symbol: str
    timeframe: Timeframe
    as_of: datetime
    made_at: datetime
    why: WhyOut
    how: HowOut
    what_if: WhatIfOut
    similar: PrecedentsOut
    since: SinceOut | None = Field(description="Null while no bar has closed after it.")

    @classmethod
    def of(cls, found: Explained) -> Self:
        """Return the shape of an explanation."""
        said = found.explanation
        return cls(
            id=said.id,
            symbol=said.symbol,
            timeframe=Timeframe(said.timeframe),
            as_of=said.as_of,
            made_at=said.made_at,
            why=WhyOut.model_validate(said.why),
            how=HowOut.model_validate(said.how),
            what_if=WhatIfOut.model_validate(said.what_if),
            similar=PrecedentsOut.model_validate(found.similar),
            since=SinceOut.model_validate(said.since) if said.since else None,
        )
