"""Several processes of this machine; a worker that is killed costs one attempt of one piece."""

import contextlib
import json
import multiprocessing
import os
import platform
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import numpy as np

from assay.workflows.executors.contract import (
    ONE_THREAD,
    Attempt,
    Executor,
    Failure,
    Outcome,
    Work,
    carry_out,
    driven,
    join,
    split,
)

PATIENCE_SECONDS = 2.0
"""So long a worker that was asked to end may take before it is killed."""
SPAWN = multiprocessing.get_context("spawn")
"""A fork would copy the threads' locks of polars and torch, but not the threads that hold them."""
_ENVIRONMENT = threading.Lock()


@dataclass(frozen=True, slots=True)
class Local(Executor):
    """Worker processes, each used for many pieces, with one thread each.

    Also one job runs in a process of its own: a kill for want of memory then ends a piece and not
    the run. The processes are spawned, so the file of the main program is read by each of them:
    a script must start its work under `if __name__ == "__main__"`. A GPU is not scheduled: every
    worker sees all of them.
    """

    def _outcomes(self, works: Sequence[Work], stop: Callable[[], bool]) -> Iterator[Outcome]:
        """See `Executor._outcomes`."""
        return driven(_Crew(self, deque(Attempt(work) for work in works)), stop)


@dataclass(slots=True, eq=False)
class _Worker:
    """A process and our end of its pipe; `receiving` marks an answer that is half read."""

    process: SpawnProcess
    connection: Connection
    attempt: Attempt | None = None
    receiving: bool = False

    @property
    def name(self) -> str:
        return f"{platform.node()}-{self.process.pid}"


@dataclass(slots=True)
class _Crew:
    """The workers of one run, what waits for them, and what they have finished."""

    settings: Local
    waiting: deque[Attempt]
    workers: list[_Worker] = field(default_factory=list)
    finished: deque[Outcome] = field(default_factory=deque)

    @property
    def busy(self) -> bool:
        """See `Crew.busy`."""
        return bool(self.waiting) or any(worker.attempt for worker in self.workers)

    def hand_out(self) -> None:
        """Give every free worker a piece, and start workers while there are pieces for them."""
        for worker in [worker for worker in self.workers if worker.attempt is None]:
            if not worker.process.is_alive():  # it died while it had nothing to do
                self.workers.remove(worker)
            elif self.waiting:
                self._give(worker)
        while self.waiting and len(self.workers) < self.settings.jobs:
            worker = _start(self.settings)
            self.workers.append(worker)
            self._give(worker)

    def _give(self, worker: _Worker) -> None:
        worker.attempt = self.waiting.popleft()
        with contextlib.suppress(OSError):  # it has just died: `take` finds its pipe closed
            worker.connection.send_bytes(worker.attempt.work.text().encode())

    def take(self, seconds: float) -> None:
        """Receive what has been finished, waiting for the first at most so long."""
        busy = {w.connection: w for w in self.workers if w.attempt and not w.receiving}
        for connection in wait(list(busy), seconds) if busy else []:
            worker = busy[connection]  # type: ignore[index]  # it is one of those handed in
            attempt = worker.attempt
            assert attempt is not None
            worker.receiving = True
            try:
                outcome = _receive(worker.connection)
            except (EOFError, OSError):
                self._bury(worker, attempt)
            else:
                self.finished.append(replace(outcome, attempts=len(attempt.causes) + 1))
                worker.attempt = None
            worker.receiving = False

    def _bury(self, worker: _Worker, attempt: Attempt) -> None:
        name = worker.name
        self.workers.remove(worker)
        worker.process.join(PATIENCE_SECONDS)  # its pipe closes a moment before it has ended
        _end([worker])
        cause = _cause(worker.process.exitcode)
        attempt = attempt.died(cause)
        if len(attempt.causes) > self.settings.retries:
            self.finished.append(attempt.lost(name))
        else:
            self.waiting.append(attempt)  # last, when there may be more memory to spare

    def end(self) -> None:
        """End all workers; none is left behind."""
        _end(self.workers)
        self.workers.clear()


def _start(settings: Local) -> _Worker:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(theirs, settings.packages), daemon=True)
    with _environment(ONE_THREAD), _no_interrupt():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextlib.contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    """Have these variables in what a process that starts now inherits."""
    with _ENVIRONMENT:
        before = {name: os.environ.get(name) for name in more}
        os.environ.update(more)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back here, and in a process that starts now until it can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(workers: Sequence[_Worker]) -> None:
    """End processes and wait for them, so that none stays as a zombie; safe to repeat."""
    for worker in workers:
        worker.connection.close()
        worker.process.terminate()
    for worker in workers:
        worker.process.join(PATIENCE_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


def _cause(code: int | None) -> str:
    """Return how a worker ended, in words."""
    if code is None or code >= 0:
        return f"ended by itself with exit code {code}"
    if code == -signal.SIGKILL:
        return f"was killed by signal {-code} (out of memory?)"
    return f"was killed by signal {-code} ({signal.strsignal(-code)})"


def _serve(connection: Connection, packages: tuple[str, ...]) -> None:
    """Be a worker: carry out one piece after the other until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what a Ctrl-C ends
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            _send(connection, carry_out(connection.recv_bytes().decode(), packages))


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, whatever it is computing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _send(connection: Connection, outcome: Outcome) -> None:
    """Send an outcome: its JSON, then the bytes of each array; no code is ever sent."""
    text, arrays = split(outcome.value)
    head = asdict(replace(outcome, value=None))
    shapes = {k: (array.dtype.str, array.shape) for k, array in arrays.items()}
    connection.send_bytes(json.dumps([head, text, shapes]).encode())
    for array in arrays.values():
        if array.nbytes:
            connection.send_bytes(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def _receive(connection: Connection) -> Outcome:
    """Return the outcome that `_send` sent; its arrays are our own and can be written."""
    head, text, shapes = json.loads(connection.recv_bytes())
    arrays = {}
    for name, (kind, shape) in shapes.items():
        array = np.empty(shape, np.dtype(kind))
        if array.nbytes:
            connection.recv_bytes_into(array.reshape(-1).view(np.uint8))
        arrays[name] = array
    if head["failure"]:
        said = head["failure"]
        head["failure"] = Failure(said["sentence"], tuple(said["kinds"]), said["trace"])
    return Outcome(**{**head, "value": join(text, arrays)})
