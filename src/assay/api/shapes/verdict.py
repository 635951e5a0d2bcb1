"""How the gate is answered: what it asks, and what it said of a run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field, JsonValue

from assay.api.shapes.common import Number, as_json


class VerdictLine(BaseModel):
    """One check of the gate; `passed` is null where it could not be judged."""

    tier: str = Field(examples=["statistics"])
    check: str = Field(examples=["deflated_sharpe"])
    passed: bool | None
    statistic: Number = Field(description="What was measured.", examples=[0.41])
    threshold: Number = Field(description="What it was held against.", examples=[0.95])
    p: Number = Field(description="A probability, if the check has one.")
    power: Number = Field(description="How likely it would have seen a real edge, if known.")
    sentence: str
    allows: str | None = Field(
        description="How far this line lets the run go: FAIL to LIVE.", examples=["PAPER"]
    )
    detail: dict[str, JsonValue] = Field(description="What else the check found.")


class VerdictOut(BaseModel):
    """The newest verdict on a run, line by line; the least that a line allows is the verdict."""

    id: str = Field(examples=["trial-e38aed4c49ea"])
    title: str
    family: str
    simulated: bool | None
    verdict: str = Field(examples=["FAIL", "INSUFFICIENT", "PAPER", "PILOT", "LIVE"])
    at: datetime
    profile: str = Field(examples=["standard"])
    gate_version: str
    trial_count: int = Field(description="How many trials it corrected for.", examples=[14])
    alpha_spent: Number = Field(description="The level it used up; null where none is accounted.")
    inputs_digest: str = Field(description="Hash of all that it looked at.")
    libraries: dict[str, str]
    lines: list[VerdictLine]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return a verdict."""
        lines = [{**one, "detail": as_json(one["detail"])} for one in found["lines"]]
        return cls(**{**found, "lines": lines})


class CheckOut(BaseModel):
    """One question of the gate."""

    tier: str = Field(examples=["registration"])
    check: str = Field(examples=["lock_box"])
    question: str = Field(examples=["How often has the family's lock box been opened?"])
    says: str = Field(description="What follows from the answer, and why.")
    thresholds: dict[str, JsonValue] = Field(examples=[{"most": 3}])

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return one question."""
        return cls(**{**found, "thresholds": as_json(found["thresholds"])})
