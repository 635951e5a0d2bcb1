"""Where a service asks for jobs, and what works at them: embedded, or elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.store.job_rows import JobRow
from assay.workflows.desk import Desk
from assay.workflows.jobs import asking
from assay.workflows.jobs.asking import Asked, Send, unsent
from assay.workflows.jobs.beside import Command
from assay.workflows.jobs.planning import Coming, Schedule, coming
from assay.workflows.jobs.runner import Runner
from assay.workflows.jobs.scheduling import Planner


@dataclass
class Office:
    """The jobs of one service.

    With a `command` for jobs of their own process it runs jobs itself and keeps the time by
    `schedule`; without, it only queues them, and `send` tells the workers elsewhere.
    """

    desk: Desk
    schedule: Schedule = field(default_factory=Schedule)
    command: Command | None = None
    send: Send = unsent

    def __post_init__(self) -> None:
        self._runner = Runner(self.desk, self.command) if self.command else None
        self._planner = Planner(self.desk, self.schedule, self._send) if self.command else None

    def start(self) -> None:
        """Begin to work, and to keep the time."""
        if self._runner and self._planner:
            self._runner.start()
            self._planner.start()

    def stop(self) -> None:
        """End: nothing more is queued, and what runs goes back into the queue."""
        if self._runner and self._planner:
            self._planner.stop()
            self._runner.stop()

    def ask(
        self, kind: str, arguments: Mapping[str, Any], *, by: str, key: str | None = None
    ) -> Asked:
        """Queue a job, as somebody asked for it; see `asking.ask`."""
        return asking.ask(self.desk, kind, arguments, by=by, key=key, send=self._send)

    def retry(self, job_id: str) -> Asked:
        """Queue a job again that failed or was cancelled."""
        return asking.retry(self.desk, job_id, send=self._send)

    def coming(self) -> list[Coming]:
        """Return what is due next."""
        return coming(self.desk, self.schedule)

    def _send(self, row: JobRow) -> None:
        if self._runner:
            self._runner.wake(row)
        else:
            self.send(row)
