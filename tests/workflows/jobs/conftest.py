"""A desk over a workspace of the test's own, with jobs and leases at hand."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from assay.store.job_rows import JobRow, JobState
from assay.store.jobs import Jobs
from assay.store.leases import Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.catalog import leases
from assay.workflows.jobs.running import perform
from tests.workflows.workspace import HandClock, open_at

PATIENCE_SECONDS = 120.0


@dataclass
class Work:
    """What a test does with jobs."""

    desk: Desk

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.desk.database)

    @property
    def clock(self) -> HandClock:
        assert isinstance(self.desk.clock, HandClock)
        return self.desk.clock

    def queue(self, kind: str, key: str | None = None, **arguments: object) -> JobRow:
        now = self.desk.clock.now()
        return self.jobs.add(kind, arguments, key or kind, asked_by="test", at=now)[0]

    def claim(self, job_id: str | None = None, owner: str = "worker") -> JobRow:
        row = Leases(self.desk.database).claim(
            owner, self.desk.clock.now(), leases(), job_id=job_id
        )
        assert row is not None
        return row

    def do(self, kind: str, key: str | None = None, **arguments: object) -> JobRow:
        """Queue, claim and perform a job; return what became of it."""
        row = self.claim(self.queue(kind, key, **arguments).id)
        perform(self.desk, row, Event())
        return self.jobs.get(row.id)

    def later(self, **span: float) -> None:
        self.clock.at += timedelta(**span)

    def wait(self, job_id: str, *states: JobState) -> JobRow:
        """Wait until a job is in one of these states."""
        return self.until(job_id, lambda row: row.state in states)

    def until(self, job_id: str, holds: Callable[[JobRow], bool]) -> JobRow:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not holds(row := self.jobs.get(job_id)):
            assert time.monotonic() < give_up, (row, self.jobs.lines(job_id))
            time.sleep(0.05)
        return row


@pytest.fixture
def work(own: Path) -> Iterator[Work]:
    desk = open_at(own)
    yield Work(desk)
    desk.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Return a function that waits until something holds."""

    def wait(holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < give_up
            time.sleep(0.05)

    return wait
