"""Let a job run in a process of its own: watched, stopped by signal, never waited for too long."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from time import monotonic
from typing import IO

from assay.core.errors import NotFoundError, StoreError
from assay.store.job_rows import JobRow, JobState
from assay.store.jobs import Jobs
from assay.store.leases import LeaseLostError, Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.running import STOPPED

Command = Callable[[JobRow], Sequence[str]]
"""Returns the words of the command that does a claimed job."""
LOOK_SECONDS = 0.5
GRACE_SECONDS = 10.0
"""So long a job that was told to end may take before it is killed."""
MOST_BYTES = 16_000
"""Of what a process printed, which is kept where it ends without a word of its own."""
NICENESS = 10
"""So much less right to the processor a job has than the answers of the service."""
AGAIN = timedelta(seconds=5)


def assay_command(home: Path) -> Command:
    """Return the command of this Assay for the workspace at `home`."""

    def command(row: JobRow) -> Sequence[str]:
        own = [sys.executable, "-m", "assay", "--home", str(home), "jobs", "run", row.id]
        return [*own, "--held-by", row.lease_owner or "", "--attempt", str(row.attempts)]

    return command


def perform_beside(
    desk: Desk,
    row: JobRow,
    command: Command,
    ending: Event,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Do a claimed job in a process of its own; return once that has ended.

    The process renews the lease itself, so that it goes on even if this one dies. Cancelled, or
    with `ending`, its whole process group is told to end, and killed after `grace_seconds`.
    """
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - our own command
            list(command(row)),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=sys.platform != "win32",
        )
        _watch(desk, row, process, ending, grace_seconds)
        _after(desk, row, process.returncode, said, ending)


def lower_priority() -> None:
    """Give this process less right to the processor than answers have."""
    if sys.platform != "win32":
        os.nice(NICENESS)


def _watch(
    desk: Desk,
    row: JobRow,
    process: "subprocess.Popen[bytes]",
    ending: Event,
    grace_seconds: float,
) -> None:
    kill_at: float | None = None
    while True:
        try:
            process.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if kill_at is None and _is_to_stop(desk, row, ending):
                kill_at = monotonic() + grace_seconds
                _signal(process, signal.SIGTERM)
            elif kill_at is not None and monotonic() >= kill_at:
                _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        else:
            return


def _is_to_stop(desk: Desk, row: JobRow, ending: Event) -> bool:
    try:
        return ending.is_set() or Leases(desk.database).held(row.lease).cancel_asked
    except LeaseLostError:
        return True
    except StoreError:
        return False  # the database is away: it will say when it is back


def _signal(process: "subprocess.Popen[bytes]", number: int) -> None:
    try:
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)
    except ProcessLookupError:
        return  # it ended by itself in the meantime


def _after(desk: Desk, row: JobRow, code: int, said: IO[bytes], ending: Event) -> None:
    """Say what became of a job whose process ended without saying so itself."""
    leases, now = Leases(desk.database), desk.clock.now()
    try:
        held = leases.held(row.lease)
        if held.cancel_asked:
            leases.stop(row.lease, now)
        elif ending.is_set():
            leases.put_back(row.lease, now, STOPPED, now, is_counted=False)
        else:
            leases.report(row.lease, now, lines=_last_words(said))
            told = f"by signal {-code}" if code < 0 else f"with {code}"
            reason = f"Its process ended {told} before the job was done"
            leases.put_back(row.lease, now + AGAIN, reason, now)
    except LeaseLostError:
        return  # it ended as it should: its process has written down how
    except StoreError:
        return  # the database is away: the lease runs out, and it is begun again


def _last_words(said: IO[bytes]) -> list[str]:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - MOST_BYTES))
    return said.read().decode(errors="replace").splitlines()


def is_held(desk: Desk, job_id: str, owner: str, attempt: int) -> JobRow:
    """Return a job that `owner` claimed for this process; else it is a `NotFoundError`."""
    row = Jobs(desk.database).get(job_id)
    held = (row.state, row.lease_owner, row.attempts) == (JobState.RUNNING, owner, attempt)
    if not held:
        raise NotFoundError(f"The job {row.id} is not held by {owner} any more; nothing is done")
    return row
