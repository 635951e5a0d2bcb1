"""How the journal is answered: its entries, its head, and whether it is what was written."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, JsonValue

from assay.api.shapes.common import as_json
from assay.store.head import Mark
from assay.store.journal import Entry
from assay.workflows.chronicle import Verified


class EntryRow(BaseModel):
    """One entry of the chain, without what it holds."""

    no: int = Field(description="Its number, from 1 without gaps.", examples=[252])
    at: datetime = Field(description="When it was written.")
    stage: str = Field(description="What it records.", examples=["view", "verdict", "signal"])
    signal_id: str | None = Field(description="The signal it belongs to, if any.")
    digest: str = Field(description="SHA-256 of the entry and of the digest before it.")
    prev_digest: str = Field(description="The digest of the entry before.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return an entry in a line."""
        return cls(**{name: getattr(entry, name) for name in EntryRow.model_fields})


class EntryOut(EntryRow):
    """One entry, whole."""

    payload: dict[str, JsonValue] = Field(description="What was written; its stage says what.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return an entry with its payload."""
        row = {name: getattr(entry, name) for name in EntryRow.model_fields}
        return cls(**row, payload=as_json(entry.payload))


class HeadOut(BaseModel):
    """Where the chain ends, as the file outside the database says; keep a copy of it elsewhere."""

    no: int = Field(description="The last entry; 0 before the first.", examples=[252])
    digest: str | None = Field(description="Its digest; null before the first.")

    @classmethod
    def of(cls, mark: Mark | None) -> Self:
        """Return the head."""
        return cls(no=mark.no, digest=mark.digest) if mark else cls(no=0, digest=None)


class ProblemOut(BaseModel):
    """The first thing that is wrong."""

    no: int | None = Field(description="The first bad entry; null where the head is at fault.")
    damage: str = Field(examples=["altered", "missing", "reordered", "cut_off", "added"])
    sentence: str


class VerificationOut(BaseModel):
    """Whether every entry, the chain, its head and the signals are what was written."""

    intact: bool
    entries: int = Field(description="How many were read.", examples=[252])
    head: HeadOut | None = Field(description="Null before the first entry, or where damaged.")
    problem: ProblemOut | None
    notes: list[str] = Field(description="True and harmless, as a write that was cut short.")

    @classmethod
    def of(cls, verified: Verified) -> Self:
        """Return what a verification found."""
        told, problem = verified.found, verified.found.problem
        return cls(
            intact=told.intact,
            entries=told.entries,
            head=HeadOut.of(verified.head) if verified.head else None,
            problem=ProblemOut(no=problem.no, damage=problem.damage, sentence=problem.sentence)
            if problem
            else None,
            notes=list(told.notes),
        )
