"""Jobs: what was asked for, where it stands, and what became of it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assay.core.ids import plain, short_id
from assay.store.database import Database
from assay.store.job_rows import (
    MOST_ATTEMPTS,
    UNDER_WAY,
    JobLine,
    JobRow,
    JobState,
    Loss,
    end_job,
    is_due,
    newest_change_in,
    next_change,
    one_job,
    say_lines,
    select_jobs,
    write_job,
)
from assay.store.tables import JOB_LINES, JOB_LOSSES, JOBS


class Jobs:
    """The table of jobs: asked for, cancelled, looked at, forgotten; see `Leases` for the work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        key: str,
        *,
        asked_by: str,
        at: datetime,
        due_at: datetime | None = None,
        most_attempts: int = MOST_ATTEMPTS,
        once_under_way: bool = False,
    ) -> tuple[JobRow, bool]:
        """Queue a job and return it, and whether it is new: the same key is the same job.

        With `once_under_way` a job of the same kind and arguments that has not ended is the same.
        """
        plain_arguments = plain(arguments)
        with self._database.write() as connection:
            found = select_jobs(connection, JOBS.c.key == key)
            if not found and once_under_way:
                rows = select_jobs(connection, JOBS.c.kind == kind, JOBS.c.state.in_(UNDER_WAY))
                found = [row for row in rows if row.arguments == plain_arguments]
            if found:
                return found[0], False
            values: dict[str, Any] = {
                "id": short_id("job", [kind, key]),
                "kind": kind,
                "arguments": plain_arguments,
                "key": key,
                "state": JobState.QUEUED,
                "due_at": due_at or at,
                "asked_by": asked_by,
                "asked_at": at,
                "attempts": 0,
                "most_attempts": most_attempts,
                "cancel_asked": False,
                "change": next_change(connection),
            }
            connection.execute(JOBS.insert(), values)
            return select_jobs(connection, JOBS.c.key == key)[0], True

    def cancel(self, job_id: str, at: datetime) -> JobRow:
        """Cancel a job that waits; ask one that runs to stop; one that has ended stays as it is."""
        with self._database.write() as connection:
            row = one_job(connection, job_id)
            if row.state is JobState.QUEUED:
                end_job(connection, row.id, JobState.CANCELLED, at)
            elif row.state is JobState.RUNNING:
                write_job(connection, JOBS.c.id == row.id, {"cancel_asked": True})
            return one_job(connection, row.id)

    def retry(self, job_id: str, at: datetime, more: int = MOST_ATTEMPTS) -> tuple[JobRow, bool]:
        """Queue a job again that failed or was cancelled; return it, and whether it was."""
        with self._database.write() as connection:
            row = one_job(connection, job_id)
            if row.state not in (JobState.FAILED, JobState.CANCELLED):
                return row, False
            fresh: dict[str, Any] = {
                "state": JobState.QUEUED,
                "due_at": at,
                "most_attempts": row.attempts + more,
                "cancel_asked": False,
                **dict.fromkeys(("ended_at", "error", "outcome", "progress", "sent_at")),
                **dict.fromkeys(("lease_owner", "lease_until")),
            }
            write_job(connection, JOBS.c.id == row.id, fresh)
            return one_job(connection, row.id), True

    def get(self, text: str) -> JobRow:
        """Return the job whose id is `text` or begins with it."""
        with self._database.read() as connection:
            return one_job(connection, text)

    def lines(self, job_id: str, after: int = 0) -> tuple[JobLine, ...]:
        """Return what a job said, from behind line `after` on, oldest first."""
        query = (
            sa.select(JOB_LINES.c.no, JOB_LINES.c.at, JOB_LINES.c.text)
            .where(JOB_LINES.c.job_id == job_id, JOB_LINES.c.no > after)
            .order_by(JOB_LINES.c.no)
        )
        with self._database.read() as connection:
            return tuple(JobLine(*row) for row in connection.execute(query))

    def losses(self, job_id: str) -> tuple[Loss, ...]:
        """Return how the trainings of a job went, training by training, epoch by epoch."""
        columns = [JOB_LOSSES.c[name] for name in Loss.__dataclass_fields__]
        query = (
            sa.select(*columns)
            .where(JOB_LOSSES.c.job_id == job_id)
            .order_by(JOB_LOSSES.c.what, JOB_LOSSES.c.epoch)
        )
        with self._database.read() as connection:
            return tuple(Loss(*row) for row in connection.execute(query))

    def changed_since(self, marker: int, limit: int = 500) -> tuple[list[JobRow], int]:
        """Return the jobs that changed after `marker`, oldest change first, and the next marker.

        Begin with `newest_change`. Changes are numbered by writers that come one after the other,
        so none is ever seen late. Their results, which may be long, are left out.
        """
        with self._database.read() as connection:
            later = JOBS.c.change > marker
            order = (JOBS.c.change,)
            found = select_jobs(connection, later, order=order, limit=limit, is_short=True)
        return found, found[-1].change if found else marker

    def newest_change(self) -> int:
        """Return the marker after which `changed_since` finds nothing yet."""
        with self._database.read() as connection:
            return newest_change_in(connection)

    def unsent(self, now: datetime, again_after: timedelta) -> list[JobRow]:
        """Return the due jobs that no queue was told of, or only longer ago than `again_after`.

        A running one whose lease has run out is due again.
        """
        told_before = JOBS.c.sent_at < JOBS.c.lease_until  # of an attempt that was lost since
        untold = sa.or_(JOBS.c.sent_at.is_(None), JOBS.c.sent_at <= now - again_after, told_before)
        with self._database.read() as connection:
            return select_jobs(connection, is_due(now), untold)

    def sent(self, job_id: str, at: datetime) -> None:
        """Note that a queue was told of a job."""
        with self._database.write() as connection:
            write_job(connection, JOBS.c.id == job_id, {"sent_at": at}, counted=False)

    def say(self, job_id: str, at: datetime, line: str) -> None:
        """Add a line to a job, whoever holds it."""
        with self._database.write() as connection:
            say_lines(connection, job_id, at, [line])
            write_job(connection, JOBS.c.id == job_id, {})

    def prune(self, before: datetime) -> int:
        """Forget the jobs that ended before `before`, and what they said; return how many.

        The one that changed last stays, so that numbers of changes never begin again.
        """
        with self._database.write() as connection:
            ids = connection.execute(
                sa.select(JOBS.c.id).where(
                    JOBS.c.ended_at < before,
                    JOBS.c.state.not_in(list(UNDER_WAY)),
                    JOBS.c.change < newest_change_in(connection),
                )
            )
            old = list(ids.scalars())
            for table in (JOB_LINES, JOB_LOSSES):
                connection.execute(table.delete().where(table.c.job_id.in_(old)))
            return connection.execute(JOBS.delete().where(JOBS.c.id.in_(old))).rowcount

    def list(
        self,
        *,
        states: Collection[JobState] = (),
        kind: str | None = None,
        before: JobRow | None = None,
        limit: int | None = None,
    ) -> list[JobRow]:
        """Return jobs, the one asked for last first; `before` goes on behind a job.

        Their results, which may be long, are left out.
        """
        tests: list[sa.ColumnElement[bool]] = []
        if states:
            tests.append(JOBS.c.state.in_(list(states)))
        if kind is not None:
            tests.append(JOBS.c.kind == kind)
        if before is not None:
            earlier = JOBS.c.asked_at < before.asked_at
            beside = sa.and_(JOBS.c.asked_at == before.asked_at, JOBS.c.id > before.id)
            tests.append(sa.or_(earlier, beside))
        order = (JOBS.c.asked_at.desc(), JOBS.c.id)
        with self._database.read() as connection:
            return select_jobs(connection, *tests, order=order, limit=limit, is_short=True)
