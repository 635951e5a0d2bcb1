"""A Ray cluster, of this machine or of many; a worker or node that dies costs one attempt."""

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from assay.core.errors import SettingsError
from assay.workflows.executors.contract import (
    ONE_THREAD,
    Attempt,
    Executor,
    Outcome,
    Work,
    carry_out,
    driven,
    join,
    split,
)

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a notice of what will change some day
    # Our outcomes say it; Ray would print it among what a program writes to its output.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "worker died or was killed|killed due to|marked dead because",
}
for _name, _value in QUIET.items():  # Ray reads them when it is imported
    os.environ.setdefault(_name, _value)

import ray  # noqa: E402 - see above
from ray import exceptions  # noqa: E402 - see above

CLIENT = "ray://"
REACH_SECONDS = 5.0
CAUSES: dict[type[Exception], str] = {
    exceptions.OutOfMemoryError: "was ended by Ray because its node ran out of memory",
    exceptions.NodeDiedError: "was lost with its node",
    exceptions.LocalRayletDiedError: "was lost with its node",
    exceptions.ObjectLostError: "was lost with its result",
    exceptions.WorkerCrashedError: "was killed or crashed (out of memory?)",
}


@dataclass(frozen=True, slots=True)
class Ray(Executor):
    """Tasks of Ray, one processor each (and the GPU that a piece wants, where the cluster has one).

    Without `address` a cluster of this machine is started for the run, with `jobs` workers, and
    ended with it; `auto` is the cluster already running here, `host:port` and `ray://host:port`
    others, which need the same Assay installed on every node (the last also `ray[client]`). Where
    this process is connected to Ray already, that connection is used and kept. What
    `workflows.shared_arrays` wrote is handed over as a path: its folder must be one that every
    node reaches under the same name. Ray guards a cluster that it starts with a token in the
    person's home.
    """

    address: str | None = None

    def _outcomes(self, works: Sequence[Work], stop: Callable[[], bool]) -> Iterator[Outcome]:
        """See `Executor._outcomes`."""
        with self._connected():
            yield from driven(_Flight(self, deque(Attempt(work) for work in works)), stop)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Be connected to the cluster for as long as the run lasts."""
        if ray.is_initialized():
            yield
            return
        logging.getLogger("ray").setLevel(logging.ERROR)
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if self.address is None:
            quiet |= {"num_cpus": self.jobs, "include_dashboard": False}
        elif self.address.startswith(CLIENT):
            quiet = {"log_to_driver": False}
        try:
            _knock(self.address)
            ray.init(address=self.address or "local", **quiet)
        except (OSError, ImportError, ValueError, exceptions.RayError) as error:
            raise SettingsError(
                f"No Ray cluster could be reached at {self.address or 'this machine'} "
                f"({_first_line(error)}); start it with `ray start --head` or mend the address"
            ) from error
        try:
            yield
        finally:
            ray.shutdown()


@dataclass(slots=True)
class _Flight:
    """The pieces of one run: what waits, what runs where, and what has finished."""

    settings: Ray
    waiting: deque[Attempt]
    running: dict[Any, Attempt] = field(default_factory=dict)
    finished: deque[Outcome] = field(default_factory=deque)

    @property
    def busy(self) -> bool:
        """See `Crew.busy`."""
        return bool(self.waiting or self.running)

    def hand_out(self) -> None:
        """Hand pieces to Ray until `jobs` of them are there."""
        while self.waiting and len(self.running) < self.settings.jobs:
            attempt = self.waiting[0]
            self.running[self._sent(attempt.work)] = attempt
            self.waiting.popleft()

    def _sent(self, work: Work) -> Any:  # noqa: ANN401 - Ray's reference
        there = _gpus_there() if work.gpus else 0.0
        gpus = work.gpus if there >= work.gpus else 0.0
        # Ray's own retries would not tell us how often, and for want of memory never end.
        task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=0)(_carry)
        return task.remote(work.text(), self.settings.packages)

    def take(self, seconds: float) -> None:
        """Receive what has been finished, waiting for the first at most so long."""
        if not self.running:
            return
        ready, _ = ray.wait(list(self.running), num_returns=1, timeout=seconds)
        more, _ = ray.wait(list(self.running), num_returns=len(self.running), timeout=0)
        for reference in dict.fromkeys([*ready, *more]):
            attempt = self.running.pop(reference)  # first: a Ctrl-C must not report it twice
            try:
                outcome, text, arrays = ray.get(reference)
            except tuple(CAUSES) as error:
                self._lose(attempt.died(_cause(error)))
            else:
                # Copies: what Ray hands out cannot be written and keeps its store full.
                value = join(text, {name: array.copy() for name, array in arrays.items()})
                attempts = len(attempt.causes) + 1
                self.finished.append(replace(outcome, value=value, attempts=attempts))

    def _lose(self, attempt: Attempt) -> None:
        if len(attempt.causes) > self.settings.retries:
            self.finished.append(attempt.lost(""))
        else:
            self.waiting.append(attempt)

    def end(self) -> None:
        """End what is running."""
        for reference in self.running:
            with suppress(exceptions.RayError):
                ray.cancel(reference, force=True)
        self.running.clear()


def _knock(address: str | None) -> None:
    """Fail at once where nobody answers at `host:port`; Ray itself would try for minutes."""
    host, _, port = (address or "").removeprefix(CLIENT).rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=REACH_SECONDS).close()


def _carry(text: str, packages: tuple[str, ...]) -> tuple[Outcome, str, Any]:
    """Carry out one piece in Ray's worker; its arrays travel beside the outcome, uncopied."""
    os.environ.update(ONE_THREAD)  # before the work's module brings its libraries
    outcome = carry_out(text, packages)
    plain, arrays = split(outcome.value)
    return replace(outcome, value=None), plain, arrays


def _gpus_there() -> float:
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return resources.get("GPU", 0.0)


def _cause(error: Exception) -> str:
    return next(said for kind, said in CAUSES.items() if isinstance(error, kind))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
