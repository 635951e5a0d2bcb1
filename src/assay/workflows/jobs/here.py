"""Do one job in this process: as a person asked for it, or as a service handed it over."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any

from assay.core.errors import SettingsError
from assay.store.job_rows import JobRow
from assay.store.jobs import Jobs
from assay.store.leases import Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.asking import ask
from assay.workflows.jobs.beside import is_held, lower_priority
from assay.workflows.jobs.catalog import KINDS, leases
from assay.workflows.jobs.runner import own_name
from assay.workflows.jobs.running import perform

ID = "job-"


def do_here(desk: Desk, what: str, arguments: Mapping[str, Any], *, by: str) -> JobRow:
    """Do the job whose id is `what`, or one of the kind called so; return what became of it.

    Ctrl-C cancels it. One that somebody else does, or that has ended, is a `SettingsError`.
    """
    jobs = Jobs(desk.database)
    is_id = what.startswith(ID) and what not in KINDS.names()
    row = jobs.get(what) if is_id else ask(desk, what, arguments, by=by).row
    claimed = Leases(desk.database).claim(own_name(), desk.clock.now(), leases(), job_id=row.id)
    if claimed is None:
        now = jobs.get(row.id)
        who = f" by {now.lease_owner}" if now.lease_owner else ""
        raise SettingsError(
            f"The job {now.id} is {now.state}{who}; assay jobs show {now.id} says more"
        )
    with _ended_by_signal(lambda: jobs.cancel(row.id, desk.clock.now())):
        perform(desk, claimed, Event())
    return jobs.get(row.id)


def do_held(desk: Desk, job_id: str, owner: str, attempt: int) -> JobRow:
    """Do a job that a service claimed for this process, with less right to the processor."""
    lower_priority()
    with _ended_by_signal(lambda: None):
        perform(desk, is_held(desk, job_id, owner, attempt), Event())
    return Jobs(desk.database).get(job_id)


@contextmanager
def _ended_by_signal(first: Any) -> Iterator[None]:  # noqa: ANN401 - called without arguments
    """Raise a Ctrl-C once, for SIGINT and SIGTERM, after `first` was called."""
    heard = Event()

    def end(number: int, frame: FrameType | None) -> None:
        if not heard.is_set():
            heard.set()
            first()
            raise KeyboardInterrupt

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
