"""Jobs: asked for, looked at, and due next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from assay.api.listed import Listed, marked
from assay.api.shapes.common import Number
from assay.store.job_rows import JobLine, JobRow, JobState, Loss
from assay.workflows.jobs.asking import Asked, JobStory
from assay.workflows.jobs.catalog import KINDS, said_of
from assay.workflows.jobs.contract import Argument, Job, arguments_of
from assay.workflows.jobs.planning import Coming

ID = "job-1f0a3c5e7b9d"


class JobRequest(BaseModel):
    """A job that somebody asks for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "backtest", "arguments": {"symbols": ["EURUSD"], "folds": 4}},
                {"kind": "backup"},
            ]
        },
    )

    kind: str = Field(
        max_length=64, description="As `GET /api/v1/jobs/kinds` lists them.", examples=["backtest"]
    )
    arguments: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="The arguments of that kind, by name.",
        examples=[{"symbols": ["EURUSD"], "folds": 4}],
    )
    key: str | None = Field(
        None,
        min_length=1,
        max_length=120,
        pattern="^[ -~]+$",
        description="A key of yours: asked for again with the same one, it is the same job. "
        "Without, one of the same kind and arguments that has not ended is the same.",
        examples=["my-notebook-7"],
    )


class JobProgress(BaseModel):
    """Where a running job stands; of a training the last four, too."""

    what: str = Field(description="What is being done.", examples=["Fitting folds"])
    done: int = Field(examples=[3])
    total: int = Field(examples=[8])
    seconds_left: Number = Field(None, description="At this pace; null if not known yet.")
    epoch: int | None = Field(None, examples=[12])
    epochs: int | None = Field(None, examples=[40])
    loss: Number = Field(None, description="Mean of the running epoch.", examples=[0.412])
    held_loss: Number = Field(None, description="The last one on the stop span.", examples=[0.431])


class JobOut(BaseModel):
    """One job; times are UTC."""

    id: str = Field(examples=[ID])
    kind: str = Field(examples=["backtest"])
    arguments: dict[str, JsonValue] = Field(examples=[{"symbols": ["EURUSD"], "folds": 4}])
    state: JobState = Field(description="The last three are ends.", examples=["running"])
    key: str = Field(description="What makes it the same job.", examples=["backup:2026-11-29"])
    due_at: datetime = Field(description="When it may begin.")
    asked_by: str = Field(examples=["schedule", "token-1f0a3c5e7b9d"])
    asked_at: datetime
    started_at: datetime | None = Field(description="Of the newest attempt; null before the first.")
    ended_at: datetime | None
    attempts: int = Field(description="How often it was begun.", examples=[1])
    most_attempts: int = Field(description="How often it may be begun.", examples=[3])
    cancel_asked: bool = Field(description="Whether it runs and was asked to stop.")
    lease_until: datetime | None = Field(
        description="Until when its worker must be heard of, or it is begun again; null at rest."
    )
    progress: JobProgress | None = Field(description="Null before it has said anything.")
    outcome: str | None = Field(
        description="What became of it; `skipped: …` says why there was nothing to do.",
        examples=["skipped: XNYS was closed on 2026-11-26 (Thanksgiving)"],
    )
    error: str | None = Field(description="Why it failed, in one sentence.")

    @classmethod
    def of(cls, row: JobRow) -> Self:
        """Return the shape of a row."""
        return cls(**_plain(row))


class JobLineOut(BaseModel):
    """Something a job said."""

    no: int = Field(examples=[1])
    at: datetime
    text: str = Field(examples=["EURUSD 1h: 31 days of bars came since it was fitted"])

    @classmethod
    def of(cls, line: JobLine) -> Self:
        """Return the shape of a line."""
        return cls(no=line.no, at=line.at, text=line.text)


class LossOut(BaseModel):
    """One epoch of a training."""

    what: str = Field(description="Which training.", examples=["patchtst 1h"])
    epoch: int = Field(examples=[3])
    epochs: int = Field(examples=[40])
    loss: Number = Field(examples=[0.412])
    held_loss: Number = Field(description="On the stop span; null before the first.")

    @classmethod
    def of(cls, one: Loss) -> Self:
        """Return the shape of an epoch."""
        return cls(**{name: getattr(one, name) for name in one.__dataclass_fields__})


class JobStoryOut(JobOut):
    """One job with all there is of it."""

    result: JsonValue = Field(
        description="What it found, as data; its form is its kind's own, as of the command.",
        examples=[{"trial": "trial-000001", "page": "reports/backtest-trial-000001.html"}],
    )
    lines: list[JobLineOut] = Field(description="The newest lines it said, oldest of them first.")
    losses: list[LossOut] = Field(description="How its trainings go, epoch by epoch.")

    @classmethod
    def of_story(cls, story: JobStory) -> Self:
        """Return the shape of a story."""
        return cls(
            **_plain(story.row),
            result=story.row.result,
            lines=[JobLineOut.of(one) for one in story.lines],
            losses=[LossOut.of(one) for one in story.losses],
        )


class AskedOut(JobOut):
    """A job that was asked for."""

    is_new: bool = Field(description="False where the same job was there already.")
    note: str | None = Field(
        description="What is good to know.",
        examples=[
            "Redis at 127.0.0.1:6379 could not be reached; the job waits in the database, and is "
            "sent with the next sweep"
        ],
    )

    @classmethod
    def of_asked(cls, asked: Asked) -> Self:
        """Return the shape of what was asked."""
        return cls(**_plain(asked.row), is_new=asked.is_new, note=asked.note)


class ArgumentOut(BaseModel):
    """One argument of a kind of job."""

    name: str = Field(examples=["folds"])
    type: str = Field(examples=["number", "text", "list of text", "true or false"])
    default: JsonValue = Field(examples=[4])
    said: str = Field(description="What it is for.", examples=["How many test spans."])

    @classmethod
    def of(cls, one: Argument) -> Self:
        """Return the shape of an argument."""
        return cls(name=one.name, type=one.type, default=one.default, said=one.said)


class KindOut(BaseModel):
    """A kind of job."""

    name: str = Field(examples=["backtest"])
    said: str = Field(
        description="What it does.", examples=["Walk the whole chain forward through history."]
    )
    weight: Literal["light", "medium", "heavy"] = Field(
        description="Light ones run in the service, the others in processes of their own."
    )
    when: str | None = Field(
        description="When it is due by itself unless the settings say otherwise, as of cron in "
        "UTC, or `bar close`; null if never.",
        examples=["15 3 * * *"],
    )
    lease_seconds: float = Field(
        description="A worker that is silent for so long is taken for dead.", examples=[60.0]
    )
    arguments: list[ArgumentOut]

    @classmethod
    def of(cls, name: str, kind: type[Job], said: str) -> Self:
        """Return the shape of a kind."""
        return cls(
            name=name,
            said=said,
            weight=kind.weight.value,
            when=kind.when,
            lease_seconds=kind.lease.total_seconds(),
            arguments=[ArgumentOut.of(one) for one in arguments_of(kind)],
        )


class ComingOut(BaseModel):
    """What is due next of a kind."""

    kind: str = Field(examples=["predict"])
    when: str = Field(description="As of cron in UTC, or `bar close`.", examples=["bar close"])
    at: datetime | None = Field(description="When next (UTC); null where nothing is to come.")
    arguments: dict[str, JsonValue] = Field(description="With which arguments.", examples=[{}])

    @classmethod
    def of(cls, one: Coming) -> Self:
        """Return the shape of what is to come."""
        return cls(kind=one.kind, when=one.when, at=one.at, arguments=dict(one.arguments))


class ScheduleOut(BaseModel):
    """What is due next, the soonest first."""

    items: list[ComingOut]


JobId = Annotated[str, Field(max_length=40, pattern=r"^[!-~]+$")]
KindName = Annotated[
    str | None, Query(max_length=64, pattern=r"^[!-~]+$", description="Only jobs of this kind.")
]


def job_page(rows: Sequence[JobRow], limit: int) -> Listed[JobOut]:
    """Return a page of `limit` of `rows`, of which one more shows that there are more."""
    found = rows[:limit]
    more = len(rows) > limit
    return Listed(
        items=[JobOut.of(one) for one in found], next=marked(found[-1].id) if more else None
    )


def kinds() -> list[KindOut]:
    """Return every kind of job there is."""
    return [KindOut.of(name, KINDS.get(name), said_of(name)) for name in KINDS.names()]


def _plain(row: JobRow) -> Mapping[str, Any]:
    names = set(JobOut.model_fields) - {"progress"}
    stands = JobProgress(**row.progress) if row.progress else None
    return {**{name: getattr(row, name) for name in names}, "progress": stands}
