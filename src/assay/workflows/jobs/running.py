"""Do one job that was claimed, to its end, whatever that is."""

import traceback
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from time import monotonic

from assay.core.errors import AssayError, StoreError, TransientError
from assay.store.job_rows import JobRow
from assay.store.leases import LeaseLostError, Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.catalog import KINDS, job_of
from assay.workflows.jobs.contract import Done
from assay.workflows.jobs.reporting import Reporter

STOPPED = "It was stopped with its service, and goes on with the next"
BUG = (
    "This is a bug in Assay, not a mistake of yours: {}; the log of the job has the lines to report"
)
AGAIN_SECONDS = 1.0


def perform(desk: Desk, row: JobRow, ending: Event) -> None:
    """Do a job whose lease this process holds, and write down what became of it.

    It is renewed meanwhile. Stopped by `ending` or a Ctrl-C it goes back into the queue, unless it
    was cancelled; what a busy provider keeps from it is tried again when that says so.
    """
    try:
        made = job_of(row.kind, row.arguments)
    except AssayError as error:
        said = str(error)
        _surely(desk, row, ending, lambda leases: leases.fail(row.lease, desk.clock.now(), said))
        return
    with Reporter(desk, row, KINDS.get(row.kind), ending) as told:
        try:
            why = made.skip(desk, row.due_at)
            done = Done(f"skipped: {why}") if why else made.run(desk, told)
        except KeyboardInterrupt:
            end = _stopped(desk, row, told)
        except TransientError as error:
            end = _later(desk, row, error)
        except AssayError as error:
            end = _failed(desk, row, str(error))
        except OSError as error:
            end = _failed(desk, row, f"{error.strerror or error}: {error.filename or ''}")
        except Exception as error:  # noqa: BLE001 - the last edge of a job: nobody else would hear it
            lines = "".join(traceback.format_exception(error)).splitlines()
            end = _failed(desk, row, BUG.format(f"{type(error).__name__} ({error})"), lines)
        else:
            end = _done(desk, row, done)
        if not told.is_lost:
            _surely(desk, row, ending, lambda leases: told.flush())
    if not told.is_lost:
        _surely(desk, row, ending, end)


End = Callable[[Leases], object]


def _done(desk: Desk, row: JobRow, done: Done) -> End:
    now = desk.clock.now
    return lambda leases: leases.finish(row.lease, now(), done.sentence, done.result)


def _failed(desk: Desk, row: JobRow, error: str, lines: list[str] | None = None) -> End:
    def end(leases: Leases) -> None:
        now = desk.clock.now()
        if lines:
            leases.report(row.lease, now, lines=lines)
        leases.fail(row.lease, now, error)

    return end


def _later(desk: Desk, row: JobRow, error: TransientError) -> End:
    """Put it back until the other side is to be asked again; its reason is kept in the log."""
    now = desk.clock.now
    wait = timedelta(seconds=max(1.0, error.retry_after))
    return lambda leases: leases.put_back(row.lease, now() + wait, str(error), now())


def _stopped(desk: Desk, row: JobRow, told: Reporter) -> End:
    now = desk.clock.now

    def end(leases: Leases) -> None:
        if told.is_cancelled or leases.held(row.lease).cancel_asked:
            leases.stop(row.lease, now())
        else:
            leases.put_back(row.lease, now(), STOPPED, now(), is_counted=False)

    return end


def _surely(desk: Desk, row: JobRow, ending: Event, write: End) -> None:
    """Write, again and again for as long as the lease holds where the database is away."""
    until = (
        monotonic() + KINDS.get(row.kind).lease.total_seconds() if row.kind in KINDS.names() else 0
    )
    while True:
        try:
            write(Leases(desk.database))
        except LeaseLostError:
            return  # it is somebody else's by now, who does it
        except StoreError:
            if monotonic() >= until or ending.wait(AGAIN_SECONDS):
                return  # nobody can be told; the lease runs out and it is begun again
        else:
            return
