"""A backfill through the keeper: how quick it is, and whether its memory stays flat.

    python bench/backfill.py [--bars 3000000] [--folder DIR]

Minute bars of one coin come in pages of a thousand from a provider of this process, which makes
them from numpy, and go through `run_questions` and the keeper into a workspace under DIR, as in a
sync, after a short backfill of another coin, so that everything is imported and warm. The memory
(resident set, from `/proc`, so on Linux alone) is looked at every few milliseconds.

*Flat* is judged by peaks, in two ways, and each may grow by `MOST_GROWTH`: the highest while pages
come against the highest while the first quarter of them came; and the highest of the backfill, what
follows its last page with it, against that of one of a quarter of the bars in another process. A
calendar year is one file, and the memory is highest where a year ends, so that a run of which a
quarter is no year is not judged.

The processes allocate as the command line's own do (`assay.app`): threads share one arena, and
polars gives freed pages back soon. A process without that keeps pages which nothing uses, more of
them the longer it runs, and the resident set counts them: it tells how much was freed, not how much
is held. A setting that stands in the environment beats ours, so that other allocators can be tried:
with `_RJEM_MALLOC_CONF=dirty_decay_ms:0,muzzy_decay_ms:0 MALLOC_MMAP_THRESHOLD_=131072` what is
freed goes back at once, slowly, and what is left is what the backfill holds.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread

import numpy as np
import polars as pl

from assay.app import ARENAS, ONE_THREAD_A_JOB
from assay.core.clock import FixedClock
from assay.core.instruments import defined
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Access, Page, Provider
from assay.workflows.desk import Desk
from assay.workflows.syncing.planning import Part, Question
from assay.workflows.syncing.routes import Route
from assay.workflows.syncing.running import run_questions
from assay.workflows.syncing.spans import Span
from figures import Figure, keep

START = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOURCE = "made"
A_PAGE, WARM, A_YEAR = 1_000, 20_000, 366 * 24 * 60
MOST_GROWTH = 5.0
"""Percent."""
EVERY_SECONDS = 0.005
MEMORY = Path("/proc/self/statm")
AS_THE_COMMAND_LINE = {**ONE_THREAD_A_JOB, "MALLOC_ARENA_MAX": str(ARENAS)}
"""Read by the allocators when a process begins."""


class Made(Provider):
    """A provider that makes a walk of minutes from numpy; `seconds` is how long that took it."""

    abilities = Abilities(
        title="Made",
        bars={AssetClass.CRYPTO: frozenset({Timeframe.M1})},
        bars_a_call=A_PAGE,
        limits=(),
        licence="Made here.",
        document="",
    )

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._chance = np.random.default_rng(1)
        self._close = 100.0
        self.seconds = 0.0

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        begin = time.perf_counter()
        through = min(end, start + A_PAGE * MINUTE)
        times = pl.datetime_range(start + MINUTE, through, "1m", time_unit="us", eager=True)
        chance, rows = self._chance, times.len()
        close = np.round(self._close * np.exp(np.cumsum(chance.normal(0, 5e-4, rows))), 4)
        opened = np.concatenate([[self._close], close[:-1]])
        self._close = float(close[-1])
        wick = np.round(np.abs(chance.normal(0, 0.02, (2, rows))), 4)
        high, low = np.maximum(opened, close) + wick[0], np.minimum(opened, close) * (1 - 1e-4)
        columns = (times, opened, high, np.round(low, 4), close, chance.integers(0, 900, rows))
        frame = pl.DataFrame(dict(zip(BAR_SCHEMA, columns, strict=True))).cast(BAR_SCHEMA)
        page = Page(Bars(instrument, timeframe, frame), (), through)
        self.seconds += time.perf_counter() - begin
        return page


@dataclass
class Watched:
    """The memory of this process in MB, beside how many pages had come when it was looked at."""

    pages: int = 0
    seen: list[tuple[int, float]] = field(default_factory=list)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look every few milliseconds until the block ends, where the system can tell."""
        if not MEMORY.exists():
            yield
            return
        done = Event()

        def look() -> None:
            while not done.wait(EVERY_SECONDS):
                self.seen.append((self.pages, _resident()))

        thread = Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def peak(self, pages: int) -> float:
        """Return the most that was seen until so many pages had come."""
        return max(size for came, size in self.seen if came <= pages)

    def tick(self, what: str, done: int, total: int) -> None:
        """See `Tick`."""
        self.pages = done


def _resident() -> float:
    pages = int(MEMORY.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a backfill took: seconds, those of making its pages in it, and the memory meanwhile."""

    bars: int
    seconds: float
    making: float
    memory: Watched

    @property
    def pages(self) -> int:
        """Return how many pages came."""
        return -(-self.bars // A_PAGE)


def main() -> int:
    """Measure; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bars", type=int, default=3_000_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        return keep("backfill", measured(Path(place), asked.bars))


def measured(folder: Path, bars: int) -> list[Figure]:
    """Return the figures of a backfill of so many bars, beside one of a quarter of them."""
    quarter, whole = (alone(folder, count) for count in (bars // 4, bars))
    made = f"{whole.making:.1f} of {whole.seconds:.1f} s are the making of the pages"
    return [
        Figure("stored through the keeper", bars / whole.seconds, "bars/s", better="higher",
               note=f"{bars:,} minute bars in pages of {A_PAGE:,}; {made}"),
        Figure("of the time in our code", 100 * (1 - whole.making / whole.seconds), "%"),
        *(_memory(quarter, whole) if whole.memory.seen else ()),
    ]  # fmt: skip


def alone(folder: Path, bars: int) -> Backfill:
    """Return a backfill in a process of its own, so that its memory is its own."""
    for name, value in AS_THE_COMMAND_LINE.items():
        os.environ.setdefault(name, value)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(backfilled, folder / str(bars), bars).result()


def backfilled(folder: Path, bars: int) -> Backfill:
    """Backfill so many minutes of one coin, after a few of another so that all is warm."""
    desk = Desk(folder, FixedClock(START + bars * MINUTE + timedelta(days=3)))
    provider, memory = Made(_access(desk)), Watched()
    _fill(desk, provider, "WARMUSDT", WARM, Watched())
    provider.seconds = 0.0
    with memory.looking():
        begin = time.perf_counter()
        _fill(desk, provider, "COINUSDT", bars, memory)
        taken = time.perf_counter() - begin
    desk.close()
    return Backfill(bars, taken, provider.seconds, memory)


def _access(desk: Desk) -> Access:
    return Access(SOURCE, desk.clock, desk.reach.budgets, desk.reach.sleep)


def _fill(desk: Desk, provider: Made, symbol: str, bars: int, memory: Watched) -> None:
    coin, span = defined(symbol, AssetClass.CRYPTO), Span(START, START + bars * MINUTE)
    route = Route(coin, Timeframe.M1, (SOURCE,), START, ())
    question = Question(route, SOURCE, Part.FIRST, span, -(-bars // A_PAGE))
    run = run_questions(desk, [question], {SOURCE: provider}, tick=memory.tick)
    assert not run.failed, run.failed
    assert run.synced[0].added == bars == desk.bars.info(symbol, Timeframe.M1).rows


def _memory(quarter: Backfill, whole: Backfill) -> Iterator[Figure]:
    seen, part = whole.memory.seen, whole.pages // 4
    early, late = whole.memory.peak(part), whole.memory.peak(whole.pages - 1)
    less, most = quarter.memory.peak(quarter.pages), whole.memory.peak(whole.pages)
    at_quarter = next(size for came, size in seen if came >= part)
    yield Figure("memory before the first page", seen[0][1], "MB")
    yield Figure("memory after 25 % of the bars", at_quarter, "MB")
    yield Figure("memory at the end", seen[-1][1], "MB", note="after what follows the last page")
    yield Figure("highest memory by 25 % of the bars", early, "MB")
    yield Figure("highest memory while pages come", late, "MB")
    yield Figure("highest memory, a quarter of the bars", less, "MB", note="a backfill of its own")
    yield Figure("highest memory", most, "MB", note=f"of {len(seen):,} looks")
    if quarter.bars >= A_YEAR:
        yield Figure("growth while pages come", _percent(late, early), "%", MOST_GROWTH)
        yield Figure("growth from a quarter to the whole", _percent(most, less), "%", MOST_GROWTH)


def _percent(size: float, first: float) -> float:
    return 100 * (size / first - 1)


if __name__ == "__main__":
    sys.exit(main())
