"""Leases of jobs: who may work at one, and what is written while it runs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assay.core.errors import AssayError
from assay.core.ids import plain
from assay.store.database import Database
from assay.store.job_rows import (
    JobRow,
    JobState,
    Lease,
    Loss,
    end_job,
    ended,
    is_due,
    readable,
    say_lines,
    select_jobs,
    write_job,
)
from assay.store.tables import JOB_LOSSES, JOBS

LOST = "Its process ended before it did, {} times; it is not begun again by itself"


class LeaseLostError(AssayError):
    """A job is somebody else's by now, or has ended: whoever still works at it stops."""


class Leases:
    """The right to work at jobs, lent for a while.

    Writers come one after the other, so of any number of workers that claim a job at once exactly
    one gets it. What is written for a job that runs is written only if its lease still holds
    (`LeaseLostError`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        owner: str,
        now: datetime,
        leases: Mapping[str, timedelta],
        *,
        job_id: str | None = None,
    ) -> JobRow | None:
        """Give `owner` the lease of the job that is due longest, None if there is none.

        `leases` says which kinds are wanted, and for how long each is lent. One whose lease has run
        out is due again; if it was begun too often it has failed. With `job_id` only that one.
        """
        if not self._claimable(now, leases, job_id):
            return None
        with self._database.write() as connection:
            for row in select_jobs(connection, *_due(now, leases, job_id), limit=50):
                if row.attempts >= row.most_attempts:
                    _give_up(connection, row, now)
                elif row.cancel_asked:
                    end_job(connection, row.id, JobState.CANCELLED, now)
                else:
                    return _lend(connection, row, owner, now, now + leases[row.kind])
        return None

    def _claimable(
        self, now: datetime, leases: Mapping[str, timedelta], job_id: str | None
    ) -> bool:
        """Look before writing: most of the time nothing is due."""
        query = sa.select(JOBS.c.id).where(*_due(now, leases, job_id)).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def held(self, lease: Lease) -> JobRow:
        """Return the job, if it is still held."""
        with self._database.read() as connection:
            return _held(connection, lease)

    def report(
        self,
        lease: Lease,
        at: datetime,
        *,
        until: datetime | None = None,
        progress: Mapping[str, Any] | None = None,
        lines: Sequence[str] = (),
        losses: Sequence[Loss] = (),
    ) -> JobRow:
        """Keep where a job stands, what it says and how its trainings go; return the job.

        `until` renews the lease in the same step.
        """
        values: dict[str, Any] = {"progress": plain(progress)} if progress is not None else {}
        if until is not None:
            values["lease_until"] = until
        with self._database.write() as connection:
            _update(connection, lease, values)
            say_lines(connection, lease.job_id, at, lines)
            for one in losses:
                _keep_loss(connection, lease.job_id, one)
            return select_jobs(connection, JOBS.c.id == lease.job_id)[0]

    def finish(self, lease: Lease, at: datetime, outcome: str, result: Any = None) -> None:  # noqa: ANN401 - any JSON
        """End a job that did what was asked."""
        values = {"outcome": readable(outcome), "result": plain(result), "error": None}
        with self._database.write() as connection:
            _update(connection, lease, ended(JobState.DONE, at) | values)

    def fail(self, lease: Lease, at: datetime, error: str) -> None:
        """End a job that cannot be done."""
        with self._database.write() as connection:
            _update(connection, lease, ended(JobState.FAILED, at) | {"error": readable(error)})

    def stop(self, lease: Lease, at: datetime) -> None:
        """End a job that was cancelled while it ran."""
        with self._database.write() as connection:
            _update(connection, lease, ended(JobState.CANCELLED, at))

    def put_back(
        self, lease: Lease, due_at: datetime, said: str, at: datetime, *, is_counted: bool = True
    ) -> JobRow:
        """Let a job wait until `due_at` and be begun again, saying why.

        What was begun as often as it may be has failed instead, with `said` as the reason. With
        `is_counted` false this attempt is not counted: it was stopped, and is not to blame.
        """
        with self._database.write() as connection:
            row = _held(connection, lease)
            if is_counted and row.attempts >= row.most_attempts:
                _update(connection, lease, ended(JobState.FAILED, at) | {"error": said})
            else:
                most = row.most_attempts + (0 if is_counted else 1)
                back = {"state": JobState.QUEUED, "due_at": due_at, "most_attempts": most}
                free = {"lease_owner": None, "lease_until": None, "sent_at": None}
                _update(connection, lease, back | free)
            say_lines(connection, row.id, at, [said])
            return select_jobs(connection, JOBS.c.id == row.id)[0]


def _due(now: datetime, kinds: Collection[str], job_id: str | None) -> list[sa.ColumnElement[bool]]:
    own = [JOBS.c.id == job_id] if job_id is not None else []
    return [is_due(now), JOBS.c.kind.in_(list(kinds)), *own]


def _held(connection: sa.Connection, lease: Lease) -> JobRow:
    """Return the job, if the lease still holds."""
    found = select_jobs(connection, _holds(lease))
    if not found:
        raise _lost(lease)
    return found[0]


def _update(
    connection: sa.Connection, lease: Lease, values: Mapping[str, Any], *, counted: bool = True
) -> None:
    if not write_job(connection, _holds(lease), values, counted=counted):
        raise _lost(lease)


def _holds(lease: Lease) -> sa.ColumnElement[bool]:
    return sa.and_(
        JOBS.c.id == lease.job_id,
        JOBS.c.state == JobState.RUNNING,
        JOBS.c.lease_owner == lease.owner,
        JOBS.c.attempts == lease.attempt,
    )


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(
        f"The job {lease.job_id} is not {lease.owner}'s any more: its lease ran out, or it ended"
    )


def _lend(
    connection: sa.Connection, row: JobRow, owner: str, now: datetime, until: datetime
) -> JobRow:
    values = {
        "state": JobState.RUNNING,
        "lease_owner": owner,
        "lease_until": until,
        "attempts": row.attempts + 1,
        "started_at": now,
        "progress": None,
    }
    write_job(connection, JOBS.c.id == row.id, values)
    if row.state is JobState.RUNNING:
        say_lines(connection, row.id, now, [f"{row.lease_owner} was lost; begun again by {owner}"])
    return select_jobs(connection, JOBS.c.id == row.id)[0]


def _give_up(connection: sa.Connection, row: JobRow, now: datetime) -> None:
    end_job(connection, row.id, JobState.FAILED, now, LOST.format(row.attempts))


def _keep_loss(connection: sa.Connection, job_id: str, one: Loss) -> None:
    same = sa.and_(
        JOB_LOSSES.c.job_id == job_id,
        JOB_LOSSES.c.what == one.what[:200],
        JOB_LOSSES.c.epoch == one.epoch,
    )
    connection.execute(JOB_LOSSES.delete().where(same))
    values = {
        "job_id": job_id,
        "what": one.what[:200],
        "epoch": one.epoch,
        "epochs": one.epochs,
        "loss": one.loss,
        "held_loss": one.held_loss,
    }
    connection.execute(JOB_LOSSES.insert(), values)
