"""The signal of a series when a bar of it has closed, issued beside everything else."""

import contextlib
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import TypeVar

from assay.core.errors import AssayError, NotFoundError
from assay.features.windows import compile_windows
from assay.workflows.desk import Desk, no_secret
from assay.workflows.gather import Series
from assay.workflows.warm import WarmDesk, warm

T = TypeVar("T")
Problem = Callable[[str, str | None], None]
"""Called as (which part, what is wrong with it in a sentence, or None once it is well)."""


class Predicting:
    """Issues signals in `workers` processes, the desk's `jobs` if None; 0 is the asking thread.

    A symbol always goes to the same process, which keeps its models open. A series that is asked
    for again before its turn has come is issued once, as of the bar that is the last by then.
    `done` is called when a signal was issued, `problem` when one could not be.
    """

    def __init__(
        self,
        desk: Desk,
        done: Callable[[], None],
        problem: Problem,
        *,
        workers: int | None = None,
    ) -> None:
        self._desk, self._done, self._problem = desk, done, problem
        self._lanes: list[ProcessPoolExecutor | None] = [None] * (
            desk.jobs if workers is None else workers
        )
        self._lane_of: dict[str, int] = {}
        self._waiting: dict[Series, Future[str | None]] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def ask(self, series: Series) -> None:
        """Have the signal of the last bar of `series` issued; one without models is passed over."""
        if not self._lanes:
            self._told(series, issued(self._desk, series))
            return
        with self._lock:
            before = self._waiting.get(series)
            if before and not (before.running() or before.done()):
                return
        self._ask_apart(series, again=True)

    def _ask_apart(self, series: Series, *, again: bool) -> None:
        """Have it issued in the process of its symbol, `again` if that ends before it is done."""
        with self._lock:
            if self._stopped:
                return
            future = self._submitted(self._lane(series.symbol), _issued_apart, series)
            self._waiting[series] = future
        future.add_done_callback(partial(self._ended, series, again=again))

    def warm(self) -> None:
        """Have everything opened that the next bar of each stored series needs, in the background.

        One series of a process after the other, so that a bar that closes meanwhile waits for one
        at most.
        """
        waiting: dict[int, deque[Series]] = {}
        for info in self._desk.bars.series([]) if self._lanes else ():
            with self._lock:
                lane = self._lane(info.symbol)
            waiting.setdefault(lane, deque()).append(Series(info.symbol, info.timeframe))
        for lane, series in waiting.items():
            self._open_next(lane, series)

    def _open_next(
        self, lane: int, waiting: deque[Series], before: "Future[None] | None" = None
    ) -> None:
        if before and (before.cancelled() or isinstance(before.exception(), BrokenProcessPool)):
            return
        with self._lock:
            if self._stopped or not waiting:
                return
            future = self._submitted(lane, _opened_apart, waiting.popleft())
        future.add_done_callback(partial(self._open_next, lane, waiting))

    def stop(self) -> None:
        """Let the processes end; what has begun is finished, for a signal is whole or not there."""
        with self._lock:
            self._stopped = True
            lanes = [lane for lane in self._lanes if lane is not None]
        for lane in lanes:
            lane.shutdown(wait=True, cancel_futures=True)

    def _lane(self, symbol: str) -> int:
        """Return the process of a symbol: at first the one that has the fewest."""
        if symbol not in self._lane_of:
            load = Counter(self._lane_of.values())
            self._lane_of[symbol] = min(range(len(self._lanes)), key=lambda lane: load[lane])
        return self._lane_of[symbol]

    def _submitted(self, lane: int, work: Callable[[Series], T], series: Series) -> "Future[T]":
        """Have a process do something of a series; another one if it ended since it was asked."""
        try:
            return self._running(lane).submit(work, series)
        except BrokenProcessPool:
            self._lanes[lane] = None
            return self._running(lane).submit(work, series)

    def _running(self, lane: int) -> ProcessPoolExecutor:
        found = self._lanes[lane]
        if found is None:
            found = ProcessPoolExecutor(
                1,
                mp_context=get_context("spawn"),
                initializer=_open,
                initargs=(apart(self._desk),),
            )
            self._lanes[lane] = found
        return found

    def _ended(self, series: Series, future: "Future[str | None]", *, again: bool) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            if again:
                self._ask_apart(series, again=False)
            else:
                self._told(series, "the process that issues it was ended by the system, twice")
        elif error is not None:
            self._told(series, f"a bug ({type(error).__name__}: {error}); the log has more")
        else:
            self._told(series, future.result())

    def _told(self, series: Series, wrong: str | None) -> None:
        part = f"signal {series}"
        self._problem(part, f"The signal of {series} was not issued: {wrong}" if wrong else None)
        if not wrong:
            self._done()


def apart(desk: Desk) -> Desk:
    """Return a desk of the same workspace that another process can be given: it knows no secret."""
    return replace(desk, feeds={}, news=None, terms={}, macro=None, secret=no_secret, _scored={})


def issued(desk: Desk, series: Series) -> str | None:
    """Issue the signal of the last bar of `series`; return why it could not be, if so."""
    from assay.workflows.issue import issue

    try:
        issue(desk, series.symbol, series.timeframe)
    except NotFoundError:
        return None  # nothing was trained on it
    except AssayError as error:
        return str(error)
    return None


_DESKS: list[WarmDesk] = []
"""The desk of this process, where it is one that issues signals."""


def _open(desk: Desk) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service decides when to end
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    compile_windows()
    _DESKS[:] = [warm(desk)]


def _end_with(parent: BaseProcess) -> None:
    """End this process when the service has ended without a word, as by a kill."""
    parent.join()
    os._exit(1)


def _opened_apart(series: Series) -> None:
    from assay.workflows.issue import hear

    with contextlib.suppress(AssayError):  # whoever issues the signal says what is wrong
        hear(_DESKS[0], series.symbol, series.timeframe)


def _issued_apart(series: Series) -> str | None:
    with _DESKS[0].bars.looked_at_once():
        return issued(_DESKS[0], series)
