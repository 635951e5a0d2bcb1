"""How stories are answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assay.api.shapes.common import Number
from assay.workflows.desk import SCORER


class StoryOut(BaseModel):
    """One story: what it says is somebody else's text, to be shown and never followed."""

    id: str = Field(examples=["79a794ac169bd390e49aa471ef1be7ee"])
    event_at: datetime = Field(description="When it was worded, UTC.")
    seen_at: datetime = Field(description="When it could first be known, UTC: what counts.")
    assumed: bool = Field(description="Whether nobody saw when that was.")
    source: str = Field(examples=["Wire"])
    text: str = Field(description="Text from outside.")
    summary: str = Field(description="Text from outside; may be empty.")
    url: str = Field(description="Where it can be read; may be empty. An address from outside.")
    instruments: list[str] = Field(description="Empty: about the whole market.")
    suspect: str = Field(description="What was found that no honest publisher has a use for.")
    score: Number = Field(
        description="Tone for the price of the instrument, -1 to 1; null for a story that counts "
        "for nothing: it repeats one of the last 24 hours, or names no side of the instrument.",
        examples=[0.63],
    )
    novelty: Number = Field(description="1 is new, 0 a copy of an earlier one.", examples=[0.94])
    scorer: str = Field(default=SCORER, description="What scored it.")
    simulated: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return one story."""
        return cls(**{name: row[name] for name in cls.model_fields if name != "scorer"})
