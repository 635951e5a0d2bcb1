"""Ask for jobs, cancel them, ask again, and look at them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import SettingsError, TransientError
from assay.core.ids import digest
from assay.store.job_rows import JobLine, JobRow, JobState, Loss
from assay.store.jobs import Jobs
from assay.workflows.desk import Desk
from assay.workflows.jobs.catalog import job_of

Send = Callable[[JobRow], None]
"""Tells those who work of a job; a `TransientError` where they cannot be told now."""
MOST_KEY = 120


def unsent(row: JobRow) -> None:
    """Tell nobody: those who work look by themselves."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A job that was asked for: `is_new` is false where it was there; `note` is good to know."""

    row: JobRow
    is_new: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class JobStory:
    """A job, what it said lately, and how its trainings went."""

    row: JobRow
    lines: tuple[JobLine, ...]
    losses: tuple[Loss, ...]


def ask(
    desk: Desk,
    kind: str,
    arguments: Mapping[str, Any],
    *,
    by: str,
    key: str | None = None,
    send: Send = unsent,
) -> Asked:
    """Queue a job of a kind, as somebody asked for it.

    With a `key` of theirs the same key is the same job for ever; without, one of the same kind and
    arguments that has not ended is the same.
    """
    job_of(kind, arguments)
    if key is not None and not 1 <= len(key.strip()) <= MOST_KEY:
        raise SettingsError(f"The key of a job has 1 to {MOST_KEY} characters; found {len(key)}")
    now = desk.clock.now()
    own = f"{kind}:asked:{key.strip()}" if key else _own_key(kind, arguments, now)
    row, is_new = Jobs(desk.database).add(
        kind, arguments, own, asked_by=by, at=now, once_under_way=key is None
    )
    return Asked(row, is_new, tell(desk, row, send) if is_new else None)


def schedule_one(
    desk: Desk,
    kind: str,
    arguments: Mapping[str, Any],
    key: str,
    send: Send = unsent,
) -> Asked:
    """Queue a job that fell due by itself; one with this `key` that is there stays the only one."""
    now = desk.clock.now()
    row, is_new = Jobs(desk.database).add(kind, arguments, key, asked_by="schedule", at=now)
    return Asked(row, is_new, tell(desk, row, send) if is_new else None)


def tell(desk: Desk, row: JobRow, send: Send) -> str | None:
    """Tell those who work of a job; where they cannot be told return so in a sentence.

    The job waits in the database then, and the next sweep tells them.
    """
    jobs = Jobs(desk.database)
    try:
        send(row)
    except TransientError as error:
        note = f"{error}; the job waits in the database, and is sent with the next sweep"
        jobs.say(row.id, desk.clock.now(), note)
        return note
    jobs.sent(row.id, desk.clock.now())
    return None


def cancel(desk: Desk, job_id: str) -> JobRow:
    """Cancel a job; one that runs is asked to stop, and is `cancelled` once it has."""
    return Jobs(desk.database).cancel(job_id, desk.clock.now())


def retry(desk: Desk, job_id: str, *, send: Send = unsent) -> Asked:
    """Queue a job again that failed or was cancelled; any other is a `SettingsError`."""
    row, is_again = Jobs(desk.database).retry(job_id, desk.clock.now())
    if not is_again:
        raise SettingsError(
            f"The job {row.id} is {row.state}; only one that failed or was cancelled is begun again"
        )
    return Asked(row, is_new=False, note=tell(desk, row, send))


def story(desk: Desk, job_id: str) -> JobStory:
    """Return a job with what it said lately and how its trainings went."""
    jobs = Jobs(desk.database)
    row = jobs.get(job_id)
    return JobStory(row, jobs.lines(row.id), jobs.losses(row.id))


def past(
    desk: Desk,
    *,
    state: JobState | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[JobRow]:
    """Return jobs, the newest first; `after` is the id of the last one that was seen."""
    jobs = Jobs(desk.database)
    return jobs.list(
        states=[state] if state else (),
        kind=kind,
        before=jobs.get(after) if after else None,
        limit=limit,
    )


def _own_key(kind: str, arguments: Mapping[str, Any], now: datetime) -> str:
    return f"{kind}:{digest(dict(arguments))[:12]}:{now.isoformat()}"
