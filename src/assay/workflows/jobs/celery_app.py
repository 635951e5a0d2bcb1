"""The same jobs on many machines: Celery carries the id of a job over Redis, and nothing else."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from urllib.parse import urlsplit

from celery import Celery
from celery.signals import worker_shutting_down
from kombu.exceptions import OperationalError

from assay.core.errors import NotFoundError, TransientError
from assay.core.ids import digest
from assay.store.job_rows import JobRow
from assay.store.jobs import Jobs
from assay.store.leases import Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.beside import Command
from assay.workflows.jobs.catalog import KINDS, leases
from assay.workflows.jobs.contract import Weight
from assay.workflows.jobs.runner import carry_out, own_name

LOG = logging.getLogger("assay.jobs")
TASK = "assay.jobs.run"
VISIBLE_SECONDS = 3_600
"""A message whose worker does not answer for so long is delivered again; the lease decides."""
AGAIN_SECONDS = 30.0


def celery_app(redis_url: str) -> Celery:
    """Return the application that carries ids over Redis; nothing is reached yet."""
    app = Celery("assay", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": VISIBLE_SECONDS,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
        },
    )
    return app


def queue_of(desk: Desk, weight: Weight) -> str:
    """Return the queue of a workspace's jobs of one weight: a Redis may serve several."""
    place = desk.database_url or str(desk.home.resolve())
    return f"assay:{digest(place)[:12]}:{weight}"


@dataclass(frozen=True, slots=True)
class CelerySend:
    """Tells the workers of a job (`asking.Send`)."""

    app: Celery
    desk: Desk

    def __call__(self, row: JobRow) -> None:
        """Send the id; a `TransientError` where Redis cannot be reached."""
        queue = queue_of(self.desk, KINDS.get(row.kind).weight)
        try:
            with self.app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=2)
                self.app.send_task(
                    TASK, args=[row.id], queue=queue, connection=connection, retry=False
                )
        except OperationalError:
            raise TransientError(
                f"Redis at {_shown(self.app)} could not be reached", AGAIN_SECONDS
            ) from None


def work(
    app: Celery, desk: Desk, command: Command, at_once: int, weights: Sequence[Weight]
) -> None:
    """Do jobs until stopped by Ctrl-C or SIGTERM, `at_once` of them, of these `weights`.

    Delivered twice, a job is done once: whoever comes second finds it lent or ended, and leaves it.
    """
    ending, owner = Event(), own_name()

    @app.task(name=TASK)  # type: ignore[untyped-decorator] # celery has no types
    def run(job_id: str) -> None:
        once(desk, job_id, owner, command, ending)

    @worker_shutting_down.connect(weak=False)  # type: ignore[untyped-decorator] # likewise
    def end(**_: object) -> None:
        ending.set()

    worker = app.Worker(
        pool="threads",
        concurrency=at_once,
        queues=[queue_of(desk, weight) for weight in weights],
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        hostname=f"assay@{owner.replace(':', '-')}",
    )
    worker.start()


def once(desk: Desk, job_id: str, owner: str, command: Command, ending: Event) -> bool:
    """Do the job of a message if it is to be done; say whether it was."""
    now = desk.clock.now()
    row = Leases(desk.database).claim(owner, now, leases(), job_id=job_id)
    if row is None:
        LOG.info("%s", _why_not(desk, job_id))
        return False
    carry_out(desk, row, command, ending)
    return True


def _why_not(desk: Desk, job_id: str) -> str:
    try:
        row = Jobs(desk.database).get(job_id)
    except NotFoundError as error:
        return str(error)
    return f"The job {job_id} was delivered again, but is {row.state}; it is left as it is"


def _shown(app: Celery) -> str:
    """Return where Redis is, without a password."""
    parts = urlsplit(str(app.conf.broker_url))
    return f"{parts.hostname}:{parts.port or 6379}"
