"""Queue what is due, when it is due; APScheduler keeps the time, the database the work."""

import logging
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from assay.core.errors import AssayError
from assay.store.jobs import Jobs
from assay.workflows.desk import Desk
from assay.workflows.jobs.asking import Send, schedule_one, tell, unsent
from assay.workflows.jobs.catalog import KINDS
from assay.workflows.jobs.contract import BAR_CLOSE
from assay.workflows.jobs.markets import closed_days, newest_closes, next_close
from assay.workflows.jobs.planning import Entry, Schedule, cron, key_of, last_due

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

LOG = logging.getLogger("assay.jobs")
SETTLE = timedelta(seconds=1)
"""So long after its close a bar is asked for."""
IDLE = timedelta(minutes=5)
"""So often it is looked for the next close, at least: models may be new by then."""
SWEEP_SECONDS = 30
SEND_AGAIN = timedelta(minutes=5)
"""A queue that forgot a job is told of it again after so long."""
PRUNE_SECONDS = 3_600
GRACE_SECONDS = 120
"""What could not be queued at its time is queued if no more has passed."""


class Planner:
    """Queues what is due.

    Two of them, in two services, queue everything once: what falls due has a key of its own. One
    that `sweeps` tells a queue again of what waits in the database.
    """

    def __init__(
        self, desk: Desk, schedule: Schedule, send: Send = unsent, *, sweeps: bool = False
    ) -> None:
        self._desk, self._schedule, self._send, self._sweeps = desk, schedule, send, sweeps
        self._clockwork: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begin; what was missed while nobody kept the time is queued now."""
        from apscheduler.schedulers.background import BackgroundScheduler

        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        works = BackgroundScheduler(
            timezone=UTC,
            daemon=True,
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": GRACE_SECONDS,
            },
        )
        for one in self._schedule.entries:
            if one.when != BAR_CLOSE:
                works.add_job(self._calm(self.fall_due), _cron_of(one), args=[one])
            else:
                works.add_job(self._calm(self.bar_closed), self._at_closes(), args=[one])
        if self._sweeps:
            works.add_job(self._calm(self.sweep), "interval", seconds=SWEEP_SECONDS)
        works.add_job(self._calm(self.prune), "interval", seconds=PRUNE_SECONDS)
        works.add_job(self._calm(self.catch_up))
        works.start()
        self._clockwork = works

    def stop(self) -> None:
        """End; what is being queued is queued first."""
        if self._clockwork is not None:
            self._clockwork.shutdown(wait=True)
            self._clockwork = None

    def fall_due(self, one: Entry) -> None:
        """Queue a kind that is due by the clock now."""
        kind, now = KINDS.get(one.kind), self._desk.clock.now()
        due = last_due(one, now, timedelta(seconds=2 * GRACE_SECONDS)) or now
        if kind.is_of_use(self._desk):
            key = key_of(one, due)
            schedule_one(self._desk, one.kind, one.arguments, key, self._send)

    def bar_closed(self, one: Entry) -> None:
        """Queue the signals of every bar that has closed, and say which markets had none today."""
        now = self._desk.clock.now()
        for timeframe, at in sorted(newest_closes(self._desk, now).items()):
            arguments = {**one.arguments, "timeframe": timeframe.value, "at": at.isoformat()}
            key = f"{one.kind}:{timeframe}:{at:%Y-%m-%dT%H:%MZ}"
            schedule_one(self._desk, one.kind, arguments, key, self._send)
        for market, noon in closed_days(self._desk, now):
            arguments = {"market": market, "at": noon.isoformat()}
            key = f"{one.kind}:{market}:{noon:%Y-%m-%d}"
            schedule_one(self._desk, one.kind, arguments, key, self._send)

    def catch_up(self) -> None:
        """Queue the daily jobs that were missed, of kinds that have run here before."""
        jobs, now = Jobs(self._desk.database), self._desk.clock.now()
        for one in self._schedule.entries:
            kind = KINDS.get(one.kind)
            if not kind.is_daily or one.when == BAR_CLOSE or not kind.is_of_use(self._desk):
                continue
            due, earlier = last_due(one, now), jobs.list(kind=one.kind, limit=1)
            if due is not None and earlier and earlier[0].asked_at < due:
                key = key_of(one, due)
                schedule_one(self._desk, one.kind, one.arguments, key, self._send)

    def sweep(self) -> int:
        """Tell those who work of what waits and nobody was told of, or forgot; return how many."""
        found = Jobs(self._desk.database).unsent(self._desk.clock.now(), SEND_AGAIN)
        told = 0
        for row in found:
            if tell(self._desk, row, self._send) is not None:
                break  # the queue is away: the next sweep tries again
            told += 1
        return told

    def prune(self) -> int:
        """Forget the jobs that ended long ago; return how many."""
        return Jobs(self._desk.database).prune(self._desk.clock.now() - self._schedule.kept)

    def next_look(self, now: datetime) -> datetime:
        """Return when to look for closed bars again: after the next close, or soon."""
        try:
            found = next_close(self._desk, now - SETTLE)
        except AssayError:
            found = None  # the stores are away; look again soon
        return min(found + SETTLE, now + IDLE) if found else now + IDLE

    def _at_closes(self) -> object:
        from apscheduler.triggers.base import BaseTrigger

        planner = self

        class AtCloses(BaseTrigger):  # type: ignore[misc] # it has no types
            """Fires after the next close of a bar of any live series."""

            def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
                later = max(now, previous + timedelta(milliseconds=1)) if previous else now
                return planner.next_look(later.astimezone(UTC))

        return AtCloses()

    def _calm(self, work: Callable[..., object]) -> Callable[..., None]:
        """Return `work` that logs what keeps it from working now; it is tried again at its time."""

        def calm(*given: object) -> None:
            try:
                work(*given)
            except AssayError as error:
                LOG.warning("jobs could not be queued: %s", error)

        return calm


def _cron_of(one: Entry) -> object:
    return cron(one.kind, one.when)


def keep_time(planner: Planner) -> None:
    """Let a planner work until Ctrl-C or SIGTERM."""
    stopped = Event()
    before = {
        one: signal.signal(one, lambda *_: stopped.set()) for one in (signal.SIGINT, signal.SIGTERM)
    }
    planner.start()
    try:
        stopped.wait()
    finally:
        planner.stop()
        for one, handler in before.items():
            signal.signal(one, handler)
