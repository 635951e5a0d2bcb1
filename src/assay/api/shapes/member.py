"""Trained models as the service shows them: a line of the list, and the card of one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field, JsonValue

from assay.api.shapes.common import as_json
from assay.api.shapes.explanation import SpanOut
from assay.api.shapes.verdict import VerdictLine
from assay.core.ids import plain
from assay.core.values.conviction import Evidence
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import ArtefactKind, GateVerdict


class ModelLine(BaseModel):
    """One trained model, or one fitted fusion of several."""

    artefact: str = Field(description="Its id: the hash of its content.", examples=["39e38f244c55"])
    kind: ArtefactKind = Field(examples=["member"])
    member: str = Field(examples=["ridge"])
    family: str = Field(examples=["linear"])
    timeframe: Timeframe
    symbols: list[str] = Field(examples=[["EURUSD"]])
    made_at: datetime
    simulated: bool = Field(description="Whether it learned from a simulated market.")
    gate: GateVerdict | None = Field(description="The gate's newest verdict; null before any.")
    quarantined: str | None = Field(description="Why it is set aside, if it is.")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the shape of one line of the catalogue."""
        return cls.model_validate(plain(found))


class ListedModel(ModelLine):
    """A line of the list, with the spans of time it learned from."""

    spans: dict[str, SpanOut] = Field(description="train, stop, calibrate, fuse: none overlaps.")


class PromotionOut(BaseModel):
    """One verdict of the gate on a model."""

    verdict: GateVerdict
    at: datetime
    reason: str


class Columns(BaseModel):
    """What a model reads."""

    columns: list[str]
    count: int = Field(description="How many features make the columns.")
    hash: str


class MemberCard(BaseModel):
    """What a member is: how it was fitted, calibrated and measured; checked just now."""

    scope: str = Field(description="Whether it learned one series or a panel.", examples=["series"])
    settings: dict[str, JsonValue] = Field(description="Hyper-parameters it was fitted with.")
    label: dict[str, JsonValue] = Field(description="What it was taught to foretell.")
    spans: dict[str, SpanOut]
    fingerprints: dict[str, str] = Field(description="Hash of the bars of each series it saw.")
    metrics: dict[str, JsonValue] = Field(description="By span, raw and calibrated, and rows.")
    calibration: dict[str, JsonValue] = Field(description="Method, scaling and log loss.")
    features: Columns
    environment: dict[str, JsonValue] = Field(description="What it was fitted with and on.")
    parents: list[str] = Field(description="Models it was made from.")


class ProofOfPool(BaseModel):
    """How the pool did on outcomes it had not learned from; gains in nats a bar."""

    p_value: float
    degrees: int
    gain: float
    gain_error: float
    over_best_single: float
    over_best_single_error: float
    over_equal_weights: float
    over_equal_weights_error: float
    kappas: list[float]
    rows: int
    all_rows: int
    days: int


class Producer(BaseModel):
    """One member of a fusion, and what it weighs."""

    member: str
    family: str
    timeframe: Timeframe
    artefact: str
    weight: float
    slope: float
    skill: float
    skill_error: float
    cluster: int = Field(description="Members of one cluster say nearly the same; -1 is none.")


class FusionCard(BaseModel):
    """What a fitted fusion is: its members, their weights, and its proof."""

    evidence: Evidence
    proof: ProofOfPool
    outcomes: int = Field(description="Effective outcomes it was fitted on.")
    rows: int
    effective_members: float
    kappa: float
    base: float = Field(description="The usual probability of a rise, if it moves.")
    settings: dict[str, JsonValue]
    producers: list[Producer]


class ModelOut(ModelLine):
    """The card of one model; what does not hold its hashes is not shown at all."""

    verdicts: list[PromotionOut] = Field(description="The gate's verdicts, the oldest first.")
    gate_lines: list[VerdictLine] = Field(description="The newest verdict, line by line.")
    trained: MemberCard | None = Field(description="Of a member; null for a fusion.")
    pooled: FusionCard | None = Field(description="Of a fusion; null for a member.")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the shape of a card of the catalogue."""
        said: dict[str, JsonValue] = as_json(found)
        is_fusion = found["kind"] == ArtefactKind.FUSION
        lines = [{**line, "allows": line["detail"].get("allows")} for line in found["gate_lines"]]
        return cls.model_validate(
            said
            | {
                "gate_lines": lines,
                "trained": None if is_fusion else said,
                "pooled": said if is_fusion else None,
            }
        )
