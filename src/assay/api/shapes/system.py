"""How the system is answered: what runs here, and what an examination says of it."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from assay.workflows.about import About
from assay.workflows.doctor import Diagnosis
from assay.workflows.finding import State


class SystemOut(BaseModel):
    """What answers."""

    now: datetime = Field(description="The clock of the service, UTC.")
    assay: str = Field(examples=["0.1.0"])
    python: str = Field(examples=["3.11.7"])
    platform: str = Field(examples=["Linux x86_64"])
    processors: int = Field(examples=[2])
    database: str = Field(examples=["SQLite", "PostgreSQL"])
    schema_: str | None = Field(
        alias="schema",
        description="Revision of the database; null where there is none yet.",
        examples=["0007"],
    )
    newest_schema: str = Field(description="The revision that this version knows.")
    libraries: dict[str, str] = Field(examples=[{"polars": "2.1.0"}])
    series: int = Field(description="Series of bars that are stored.")
    simulated: bool = Field(description="Whether every one of them is simulated.")

    @classmethod
    def of(cls, found: About) -> Self:
        """Return what runs here."""
        return cls(**{name: getattr(found, name) for name in About.__dataclass_fields__})


class FindingOut(BaseModel):
    """One line: what was looked at, how it is, in a sentence."""

    name: str = Field(examples=["journal"])
    state: State = Field(description="`info` is good to know and needs nobody.")
    sentence: str


class ExaminedOut(BaseModel):
    """Everything that was looked at, in order."""

    sound: bool = Field(description="Whether nothing failed.")
    at: datetime
    findings: list[FindingOut]

    @classmethod
    def of(cls, found: Diagnosis, at: datetime) -> Self:
        """Return what an examination found."""
        lines = [
            FindingOut(name=one.name, state=one.state, sentence=one.sentence)
            for one in found.findings
        ]
        return cls(sound=found.sound, at=at, findings=lines)
