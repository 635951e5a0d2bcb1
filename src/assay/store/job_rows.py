"""Rows of jobs: the values, and the steps that the tables of jobs and of leases share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from assay.core.errors import NotFoundError
from assay.store.tables import JOB_LINES, JOBS

MOST_ATTEMPTS = 3
"""How often a job is begun before it is given up."""
MOST_LINES = 500
"""Of a job's lines the newest so many are kept."""
MOST_LETTERS = 2_000
"""A longer line is cut."""


class JobState(StrEnum):
    """Where a job stands; the last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job; all times UTC.

    `key` is what makes it the same job: asked for twice, it is done once. `attempts` counts how
    often it was begun, of `most_attempts`. While it runs it belongs to `lease_owner` until
    `lease_until`, and whoever finds that past may begin it again. `outcome` is what became of it in
    a sentence, `error` why it failed. `change` grows with every change of any job.
    """

    id: str
    kind: str
    arguments: Mapping[str, Any]
    key: str
    state: JobState
    due_at: datetime
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int
    most_attempts: int
    cancel_asked: bool
    sent_at: datetime | None
    progress: Mapping[str, Any] | None
    result: Any
    outcome: str | None
    error: str | None
    change: int

    @property
    def lease(self) -> "Lease":
        """Return the right to work at it, as it is held now."""
        return Lease(self.id, self.lease_owner or "", self.attempts)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work at a job: `attempt` tells it from every earlier and later one."""

    job_id: str
    owner: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Loss:
    """One epoch of a training: `held_loss` is that of the stop span, None before the first."""

    what: str
    epoch: int
    epochs: int
    loss: float
    held_loss: float | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """Something a job said."""

    no: int
    at: datetime
    text: str


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Return the test for jobs that may be begun: waiting and due, or of a lease that ran out."""
    waits = sa.and_(JOBS.c.state == JobState.QUEUED, JOBS.c.due_at <= now)
    lost = sa.and_(JOBS.c.state == JobState.RUNNING, JOBS.c.lease_until <= now)
    return sa.or_(waits, lost)


def select_jobs(
    connection: sa.Connection,
    *tests: sa.ColumnElement[bool],
    order: Sequence[sa.ColumnElement[Any]] = (JOBS.c.due_at, JOBS.c.asked_at, JOBS.c.id),
    limit: int | None = None,
    is_short: bool = False,
) -> list[JobRow]:
    """Return the jobs that pass all `tests`; short ones without their result, which may be long."""
    columns = [
        sa.null().label("result") if is_short and one.name == "result" else one for one in JOBS.c
    ]
    query = sa.select(*columns).where(*tests).order_by(*order).limit(limit)
    return [
        JobRow(**{**row, "state": JobState(row["state"])})
        for row in connection.execute(query).mappings()
    ]


def one_job(connection: sa.Connection, text: str) -> JobRow:
    """Return the job whose id is `text` or begins with it, or a `NotFoundError`."""
    if not (text.isascii() and text.isprintable()):
        raise NotFoundError(f"No job begins with {text!r}; assay jobs list names them")
    begins = JOBS.c.id.startswith(text.strip(), autoescape=True)
    found = select_jobs(connection, begins, order=(JOBS.c.id,), limit=3)
    if len(found) == 1 or (found and found[0].id == text.strip()):
        return found[0]
    if found:
        raise NotFoundError(f"Several jobs begin with {text!r}: {found[0].id}, {found[1].id}")
    raise NotFoundError(f"No job begins with {text!r}; assay jobs list names them")


def newest_change_in(connection: sa.Connection) -> int:
    """Return the number of the newest change; 0 before the first."""
    return int(connection.execute(sa.select(sa.func.max(JOBS.c.change))).scalar() or 0)


def next_change(connection: sa.Connection) -> int:
    """Return the number of the change that this transaction makes."""
    return newest_change_in(connection) + 1


def write_job(
    connection: sa.Connection,
    test: sa.ColumnElement[bool],
    values: Mapping[str, Any],
    *,
    counted: bool = True,
) -> int:
    """Change the jobs that pass `test`; return how many."""
    told = {**values, "change": next_change(connection)} if counted else dict(values)
    return connection.execute(JOBS.update().where(test).values(**told)).rowcount


def end_job(
    connection: sa.Connection, job_id: str, state: JobState, at: datetime, error: str | None = None
) -> None:
    """End a job, whoever holds it."""
    write_job(connection, JOBS.c.id == job_id, ended(state, at) | {"error": error})


def ended(state: JobState, at: datetime) -> dict[str, Any]:
    """Return the columns of a job that ended."""
    return {"state": state, "ended_at": at, "lease_owner": None, "lease_until": None}


def readable(text: str) -> str:
    """Return a text as it is stored: not too long, without what PostgreSQL cannot hold."""
    return text[:MOST_LETTERS].replace("\0", "")


def say_lines(connection: sa.Connection, job_id: str, at: datetime, lines: Sequence[str]) -> None:
    """Add lines to a job, and drop the oldest beyond `MOST_LINES`."""
    if not lines:
        return
    own = JOB_LINES.c.job_id == job_id
    last = connection.execute(sa.select(sa.func.max(JOB_LINES.c.no)).where(own)).scalar() or 0
    rows: list[dict[str, Any]] = [
        {"job_id": job_id, "no": no, "at": at, "text": readable(text)}
        for no, text in enumerate(lines, last + 1)
    ][-MOST_LINES:]
    connection.execute(JOB_LINES.insert(), rows)
    connection.execute(JOB_LINES.delete().where(own, JOB_LINES.c.no <= rows[-1]["no"] - MOST_LINES))
