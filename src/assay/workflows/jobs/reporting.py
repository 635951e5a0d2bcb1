"""Keep where a running job stands, hold on to its lease, and hear that it is to stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

from assay.core.errors import StoreError
from assay.models.contract import Progress
from assay.store.job_rows import JobRow, Loss
from assay.store.leases import LeaseLostError, Leases
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Job, Stopped

EVERY_SECONDS = 1.0
"""How often it is looked whether there is anything to write."""
SHARE = 4
"""A lease is renewed when a quarter of it has passed."""


@dataclass
class Reporter:
    """What a job tells (`Told`), written down at most once a second by a thread of its own.

    The thread renews the lease; where that was lost, the job was cancelled or `ending` is set, the
    next word of the job raises `Stopped`.
    """

    desk: Desk
    row: JobRow
    kind: type[Job]
    ending: Event

    def __post_init__(self) -> None:
        self._leases = Leases(self.desk.database)
        self._lock = Lock()
        self._over = Event()
        self._progress: dict[str, Any] | None = None
        self._begun: dict[str, tuple[datetime, int]] = {}
        self._lines: list[str] = []
        self._losses: dict[tuple[str, int], Loss] = {}
        self._renewed = self.desk.clock.now()
        self._thread = Thread(target=self._beat, name=f"lease of {self.row.id}", daemon=True)
        self.is_cancelled = self.row.cancel_asked
        self.is_lost = False

    @property
    def is_last(self) -> bool:
        """See `Told.is_last`."""
        return self.row.attempts >= self.row.most_attempts

    def tick(self, what: str, done: int, total: int) -> None:
        """See `Told.tick`."""
        self._go_on()
        now = self.desk.clock.now()
        with self._lock:
            begun, first = self._begun.setdefault(what, (now, done))
            passed, gone = (now - begun).total_seconds(), done - first
            left = passed / gone * (total - done) if gone > 0 and total >= done else None
            self._progress = {"what": what, "done": done, "total": total, "seconds_left": left}

    def watch(self, what: str, progress: Progress) -> None:
        """See `Told.watch`."""
        self._go_on()
        held = progress.held_loss
        told = {
            "what": what,
            "done": progress.step,
            "total": progress.steps,
            "seconds_left": progress.seconds_left,
            "epoch": progress.epoch,
            "epochs": progress.epochs,
            "loss": progress.loss,
            "held_loss": held,
        }
        with self._lock:
            self._progress = {name: one if _is_plain(one) else None for name, one in told.items()}
            if _is_plain(progress.loss):
                loss = Loss(
                    what,
                    progress.epoch,
                    progress.epochs,
                    progress.loss,
                    held if _is_plain(held) else None,
                )
                self._losses[what, progress.epoch] = loss

    def say(self, line: str) -> None:
        """See `Told.say`."""
        self._go_on()
        with self._lock:
            self._lines.append(line)

    def __enter__(self) -> "Reporter":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def flush(self) -> None:
        """Write down what was told and is not kept yet."""
        progress, lines, losses = self._taken()
        if progress is not None or lines or losses:
            self._kept(progress, lines, losses)

    def _go_on(self) -> None:
        if self.is_cancelled or self.is_lost or self.ending.is_set():
            raise Stopped

    def _beat(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            told = self._taken()
            due = self.desk.clock.now() - self._renewed >= self.kind.lease / SHARE
            if due or any(told):
                self._kept(*told)
            else:
                self._look()
            if self.is_lost:
                return

    def _taken(self) -> tuple[Mapping[str, Any] | None, list[str], list[Loss]]:
        with self._lock:
            told = self._progress, self._lines, list(self._losses.values())
            self._progress, self._lines, self._losses = None, [], {}
        return told

    def _kept(
        self, progress: Mapping[str, Any] | None, lines: list[str], losses: list[Loss]
    ) -> None:
        now = self.desk.clock.now()
        try:
            row = self._leases.report(
                self.row.lease,
                now,
                until=now + self.kind.lease,
                progress=progress,
                lines=lines,
                losses=losses,
            )
        except LeaseLostError:
            self.is_lost = True
        except StoreError:
            self._give_back(lines, losses)  # the database is away: the lease says for how long
        else:
            self._renewed = now
            self.is_cancelled = row.cancel_asked

    def _give_back(self, lines: list[str], losses: list[Loss]) -> None:
        with self._lock:
            self._lines = [*lines, *self._lines]
            self._losses = {(one.what, one.epoch): one for one in losses} | self._losses

    def _look(self) -> None:
        """See whether it was cancelled, without writing."""
        try:
            row = self._leases.held(self.row.lease)
        except LeaseLostError:
            self.is_lost = True
        except StoreError:
            return
        else:
            self.is_cancelled = row.cancel_asked


def _is_plain(value: object) -> bool:
    """Say whether a number can be stored; NaN cannot."""
    return not isinstance(value, float) or value - value == 0.0
