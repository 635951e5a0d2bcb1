"""Run jobs in the service: light ones in its threads, the others in processes of their own."""

import logging
import os
import secrets
import socket
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic

from assay.core.errors import AssayError, StoreError
from assay.store.job_rows import JobRow
from assay.store.leases import Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.beside import GRACE_SECONDS, Command, perform_beside
from assay.workflows.jobs.catalog import KINDS, leases
from assay.workflows.jobs.contract import Weight
from assay.workflows.jobs.running import perform

LOG = logging.getLogger("assay.jobs")
AT_ONCE = {Weight.LIGHT: 2, Weight.MEDIUM: 2, Weight.HEAVY: 1}
POLL_SECONDS = 1.0
"""How often it is looked for what others queued; what is queued here is begun at once."""
AWAY_SECONDS = 5.0
STOP_SECONDS = 15.0
"""So long a stop waits for jobs to put themselves back."""


def own_name() -> str:
    """Return a name for the one who works here, unlike any other's."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(3)}"


def carry_out(
    desk: Desk,
    row: JobRow,
    command: Command,
    ending: Event,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Do a claimed job where its weight belongs."""
    light = row.kind in KINDS.names() and KINDS.get(row.kind).weight is Weight.LIGHT
    if light:
        perform(desk, row, ending)
    else:
        perform_beside(desk, row, command, ending, grace_seconds)


@dataclass
class Runner:
    """Claims what is due, as many of each weight at once as `AT_ONCE` says.

    A process that was told to end is killed after `grace_seconds`.
    """

    desk: Desk
    command: Command
    grace_seconds: float = GRACE_SECONDS

    def __post_init__(self) -> None:
        self.owner = own_name()
        self._ending, self._woken, self._lock = Event(), Event(), Lock()
        self._running: dict[Thread, Weight] = {}
        self._thread = Thread(target=self._loop, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self, row: JobRow | None = None) -> None:
        """Look at once: something was queued."""
        self._woken.set()

    def stop(self) -> None:
        """End: what runs is told to stop and goes back into the queue."""
        self._ending.set()
        self._woken.set()
        until = monotonic() + STOP_SECONDS
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        for one in list(self._running):
            one.join(max(0.0, until - monotonic()))

    def _loop(self) -> None:
        while not self._ending.is_set():
            wait = POLL_SECONDS
            try:
                while self._begin_one():
                    pass
            except AssayError as error:
                LOG.warning("jobs could not be claimed: %s", error)
                wait = AWAY_SECONDS if isinstance(error, StoreError) else POLL_SECONDS
            except Exception:  # the loop must go on; the log has the bug
                LOG.exception("jobs could not be claimed")
                wait = AWAY_SECONDS
            self._woken.wait(wait)
            self._woken.clear()

    def _begin_one(self) -> bool:
        """Claim one job that there is room for, and begin it; say whether there was one."""
        free = self._free()
        if not free or self._ending.is_set():
            return False
        now = self.desk.clock.now()
        row = Leases(self.desk.database).claim(self.owner, now, leases(free))
        if row is None:
            return False
        one = Thread(target=self._one, args=[row], name=row.id, daemon=True)
        with self._lock:
            self._running[one] = KINDS.get(row.kind).weight
        one.start()
        return True

    def _free(self) -> tuple[Weight, ...]:
        with self._lock:
            busy = list(self._running.values())
        return tuple(weight for weight, most in AT_ONCE.items() if busy.count(weight) < most)

    def _one(self, row: JobRow) -> None:
        from threading import current_thread

        try:
            carry_out(self.desk, row, self.command, self._ending, self.grace_seconds)
        except (AssayError, OSError) as error:
            LOG.warning("job %s: %s", row.id, error)  # its lease runs out, and it is begun again
        finally:
            with self._lock:
                self._running.pop(current_thread(), None)
            self._woken.set()
