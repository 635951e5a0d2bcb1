"""What an executor is: pieces of work in, their outcomes as they finish, none lost."""

import importlib
import json
import os
import platform
import re
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError
from assay.core.ids import canonical

FUNCTION = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
OWN = ("assay",)
LOST = "WorkerLost"
"""What `Failure.kinds` says of a piece whose workers died; no exception was ever raised."""
BYTES_PER_MB = 2**20
POLL_SECONDS = 0.2
THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS",
)  # fmt: skip
"""What the libraries read once, when they are loaded; torch goes by the first and the third."""
ONE_THREAD = dict.fromkeys(THREAD_VARIABLES, "1")
"""The environment of every worker. The last bits of a sum depend on how many threads share it, and
what is found may not depend on the number of jobs or on the machine."""


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: a function at the top of a module, called with plain keyword arguments.

    `key` is unique in a run. `function` is `package.module:function`; which packages may be named
    is the executor's to say. `arguments` are plain data (`core.ids.plain`; NaN is refused); big
    arrays are handed over as the path of what `workflows.shared_arrays` wrote. The function may
    run again after a worker died, so running it twice must be as good as once. It returns plain
    data, or a mapping whose items are plain data or numpy arrays. `gpus` is the wanted share of
    a GPU, kept by executors that schedule GPUs and have one; elsewhere the piece runs all the same.
    """

    key: str
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    gpus: float = 0.0

    def __post_init__(self) -> None:
        if not FUNCTION.fullmatch(self.function):
            raise SettingsError(
                f"The work {self.key!r} needs a function named as package.module:function; "
                f"found {self.function!r}"
            )
        if self.gpus < 0 or (self.gpus > 1 and self.gpus != int(self.gpus)):
            raise SettingsError(
                f"The work {self.key!r} may want a share of one GPU or a whole number of them; "
                f"found {self.gpus:g}"
            )

    def text(self) -> str:
        """Return the work as JSON; arguments that are not plain data are a `SettingsError`."""
        try:
            return canonical(
                {"key": self.key, "function": self.function, "arguments": self.arguments}
            ).decode()
        except (TypeError, DataError) as error:
            raise SettingsError(
                f"The arguments of the work {self.key!r} must be plain data: {error}"
            ) from error


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a piece has no value: a sentence for people, the traceback for engineers.

    `kinds` are the full names of the exception's class and its parents, nearest first; of a piece
    whose workers died it is `(LOST,)` and `trace` is empty.
    """

    sentence: str
    kinds: tuple[str, ...]
    trace: str = ""

    def is_a(self, kind: type[BaseException]) -> bool:
        """Say whether the work raised an exception of this class or one under it."""
        return _full_name(kind) in self.kinds

    @property
    def lost(self) -> bool:
        """Say whether no exception was raised: the workers died."""
        return self.kinds == (LOST,)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one piece: a value, or a failure.

    `seconds` is how long its last attempt ran (0 where the worker died). `peak_mb` is the most
    memory (MiB, resident) that the worker held during the piece, shared pages included; where the
    system cannot say that (not Linux), since the worker began; NaN where it says nothing.
    `attempts` counts from 1.
    """

    key: str
    value: Any = None
    failure: Failure | None = None
    seconds: float = 0.0
    peak_mb: float = float("nan")
    worker: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Executor(ABC):
    """Runs independent pieces on several workers; its fields are its settings.

    `jobs` pieces run at once. `packages` are those whose functions may be named; a program adds
    its own, as tests do. A piece whose worker dies runs again on a fresh one, `retries` times.
    """

    jobs: int = 1
    packages: tuple[str, ...] = OWN
    retries: int = 2

    def __post_init__(self) -> None:
        if self.jobs < 1 or self.retries < 0:
            raise SettingsError(
                f"An executor needs at least 1 job and no fewer than 0 retries; "
                f"found {self.jobs} and {self.retries}"
            )

    def run(self, works: Sequence[Work], *, stop: Callable[[], bool]) -> Iterator[Outcome]:
        """Yield the outcome of every piece as it finishes, in no order.

        An exception in a piece is its failed outcome; the others go on. Once `stop` says true
        (it is asked a few times a second) what has finished is yielded, what is running is ended
        and the iterator ends: a key without an outcome is still to do. Ctrl-C while waiting for
        an outcome does the same and then raises `KeyboardInterrupt`. Closing the iterator ends
        the workers. Two works of one key, a function outside `packages` and arguments that are
        not plain data are a `SettingsError`, before anything starts.
        """
        twice = [key for key, times in Counter(work.key for work in works).items() if times > 1]
        if twice:
            raise SettingsError(f"Every work needs its own key; found {twice[0]!r} more than once")
        for work in works:
            permit(work.function, self.packages)
            work.text()
        return self._outcomes(works, stop)

    @abstractmethod
    def _outcomes(self, works: Sequence[Work], stop: Callable[[], bool]) -> Iterator[Outcome]:
        """Yield what `run` promises; the works have been checked."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A piece on its way: how its earlier workers died."""

    work: Work
    causes: tuple[str, ...] = ()

    def died(self, cause: str) -> "Attempt":
        """Return the piece with one more death."""
        return replace(self, causes=(*self.causes, cause))

    def lost(self, worker: str) -> Outcome:
        """Return the outcome of a piece that is given up."""
        times = len(self.causes)
        each = " and ".join(dict.fromkeys(self.causes))
        said = f"the worker {each} {times} time{'s' if times > 1 else ''}"
        return Outcome(self.work.key, failure=Failure(said, (LOST,)), worker=worker, attempts=times)


class Crew(Protocol):
    """The workers of one run: what a way of running pieces has to offer to `driven`."""

    finished: deque[Outcome]

    @property
    def busy(self) -> bool:
        """Say whether a piece is waiting or under way."""
        ...

    def hand_out(self) -> None:
        """Give waiting pieces to whoever is free."""

    def take(self, seconds: float) -> None:
        """Receive into `finished` what is done, waiting for the first at most so long."""

    def end(self) -> None:
        """End what is under way and leave nothing behind; safe to repeat."""


def driven(crew: Crew, stop: Callable[[], bool]) -> Iterator[Outcome]:
    """Yield what a crew finishes until nothing is left to do; ends early as `Executor.run` says."""
    try:
        while crew.busy:
            if stop():
                break
            crew.hand_out()
            crew.take(POLL_SECONDS)
            while crew.finished:
                yield crew.finished.popleft()
        crew.take(0.0)
        yield from crew.finished
    except KeyboardInterrupt:
        crew.take(0.0)
        crew.end()
        yield from crew.finished
        raise
    finally:
        crew.end()


def permit(function: str, packages: Sequence[str]) -> None:
    """Refuse a function outside `packages` with a `SettingsError`."""
    if function.partition(":")[0].partition(".")[0] not in packages:
        raise SettingsError(
            f"Only functions of {' and '.join(packages)} can be run as work; found {function!r}"
        )


def carry_out(text: str, packages: Sequence[str]) -> Outcome:
    """Run the work that `Work.text` wrote, in this process; whatever it raises is a failure."""
    asked = json.loads(text)
    key, began = asked["key"], time.perf_counter()
    _forget_peak()
    value, failure = None, None
    try:
        permit(asked["function"], packages)
        module, _, name = asked["function"].partition(":")
        returned = getattr(importlib.import_module(module), name)(**asked["arguments"])
        value = join(*split(returned))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a piece's bug must not end the run
        said = str(error) or type(error).__name__
        kinds = tuple(_full_name(kind) for kind in type(error).__mro__[:-1])
        failure = Failure(said, kinds, traceback.format_exc())
    seconds = time.perf_counter() - began
    worker = f"{platform.node()}-{os.getpid()}"
    return Outcome(key, value, failure, seconds, _peak_mb(), worker)


def split(value: Any) -> tuple[str, dict[str, NDArray[Any]]]:  # noqa: ANN401 - what work returns
    """Return a value as JSON of its plain part and its arrays; anything else is a `DataError`."""
    arrays: dict[str, NDArray[Any]] = {}
    rest = value
    if isinstance(value, Mapping):
        arrays = {str(k): item for k, item in value.items() if isinstance(item, np.ndarray)}
        rest = {name: item for name, item in value.items() if str(name) not in arrays}
    for name, array in arrays.items():
        if array.dtype.hasobject or array.dtype.fields:
            raise DataError(
                f"An array of work must hold numbers, times or text; {name!r} was {array.dtype}"
            )
    try:
        return canonical(rest).decode(), arrays
    except TypeError as error:
        raise DataError(
            f"Work must return plain data, or a mapping of plain data and arrays: {error}"
        ) from error


def join(text: str, arrays: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ANN401 - see `split`
    """Return the value that `split` took apart."""
    rest = json.loads(text)
    return {**rest, **arrays} if arrays else rest


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _forget_peak() -> None:
    """Start the system's record of our peak memory again, where it can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    # Linux keeps getrusage's peak across exec: of a young worker it would be the parent's.
    with suppress(OSError):
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
        if found:
            return int(found[1]) / 1024
    try:
        import resource  # not on Windows
    except ModuleNotFoundError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (BYTES_PER_MB if platform.system() == "Darwin" else 1024)
