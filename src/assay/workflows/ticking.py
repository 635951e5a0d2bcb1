"""The simulated market goes on: bar after bar as a live feed brings them, faster than life."""

import json
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import TypeVar

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError, StoreError
from assay.core.resample import resample
from assay.core.values.bars import Bars
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import FIRST_MOMENT
from assay.sources.simulation.grid import EPOCH
from assay.sources.simulation.stretches import Origin, State, Stretch, first_state, stretch
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk
from assay.workflows.simulate import PLAN, SOURCE, plan_text

Document = TypeVar("Document", Story, Release)


@dataclass(frozen=True, slots=True)
class Due:
    """What one step brings: the rows of each series, the longest bars first."""

    at: datetime
    bars: tuple[Bars, ...]


class Ticking:
    """Lets the simulated market of a workspace go on.

    `now` is the close of its last bar: the only time a simulated series knows. `writing` is held
    while a step is written: who looks meanwhile would see half of an hour. `told` is called after
    each.
    """

    def __init__(self, desk: Desk, told: Callable[[], None]) -> None:
        self._desk, self._told = desk, told
        self._stopping = threading.Event()
        self.writing = threading.Lock()
        self.now: datetime | None = None

    def stop(self) -> None:
        """Let it rest after the step under way."""
        self._stopping.set()

    def run(self, every: timedelta) -> None:
        """Take a step every so often until stopped; one that takes longer delays the next.

        The stretches are made in a process of its own, and the market is where it was left. Without
        a simulated market in the workspace it is a `NotFoundError`.
        """
        origin = origin_of(self._desk)
        self.now = self._last()
        state: State | None = None
        due_at = time.monotonic()
        while not self._stopping.is_set():
            part, state = _made_apart(origin, state, self.now)
            for step in steps(self._desk, origin, part):
                due_at = max(due_at + every.total_seconds(), time.monotonic())
                if self._stopping.wait(due_at - time.monotonic()):
                    return
                self.take(origin, step, part)

    def take(self, origin: Origin, step: Due, part: Stretch) -> None:
        """Store what one step brings: first what was read in the hour, then its bars."""
        source = SOURCE.format(seed=origin.seed)
        with self.writing:
            self._documents(part, step.at)
            for bars in step.bars:
                known_at = max(self._desk.clock.now(), bars.last_time)
                self._desk.bars.append(bars, source=source, known_at=known_at, simulated=True)
            self.now = step.at
        self._told()

    def _documents(self, part: Stretch, at: datetime) -> None:
        since = self.now
        stories = list(_seen(part.stories, since, at))
        releases = list(_seen(part.releases, since, at))
        if stories:
            self._desk.documents.add_stories(stories, simulated=True)
        if releases:
            self._desk.documents.add_releases(releases, simulated=True)

    def _last(self) -> datetime:
        return max(info.last for info in simulated_series(self._desk))


def simulated_series(desk: Desk) -> list[SeriesInfo]:
    """Return the simulated series that are stored; none is a `NotFoundError`."""
    found = [info for info in desk.bars.series() if info.simulated]
    if not found:
        raise NotFoundError(
            "There is no simulated market in this workspace that could go on; make one with assay "
            "demo, or leave --simulate-every out"
        )
    return found


def origin_of(desk: Desk) -> Origin:
    """Return what the simulated market of a workspace was made with.

    Where that was not written down, it is the market that `assay demo` makes, as long as it has
    not gone on yet.
    """
    series = simulated_series(desk)
    instruments = tuple(desk.instrument(name) for name in sorted({one.symbol for one in series}))
    shortest = min((one.timeframe for one in series), key=lambda one: one.minutes)
    path = desk.home / PLAN
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        start, seed = datetime.fromisoformat(said["start"]), int(said["seed"])
        return Origin(seed, start, int(said["hours"]), Timeframe(said["timeframe"]), instruments)
    except FileNotFoundError:
        seed = int(series[0].source.removeprefix(SOURCE.format(seed="")))
        hours = (max(one.last for one in series) - FIRST_MOMENT) // timedelta(hours=1)
        origin = Origin(seed, FIRST_MOMENT, hours, shortest, instruments)
        path.write_text(plan_text(seed, FIRST_MOMENT, hours, shortest), encoding="utf-8")
        return origin
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{path} does not say what the simulated market was made with ({error}); restore it "
            "from a copy"
        ) from error


def steps(desk: Desk, origin: Origin, part: Stretch) -> Iterator[Due]:
    """Yield what a stretch brings that is not stored yet, hour by hour, in order of time."""
    due: dict[datetime, list[tuple[Bars, int]]] = {}
    lengths: dict[str, list[Timeframe]] = {}
    for info in simulated_series(desk):
        lengths.setdefault(info.symbol, []).append(info.timeframe)
    for symbol, bars in part.bars.items():
        for timeframe in sorted(lengths.get(symbol, ()), key=lambda one: -one.minutes):
            coming, times = _coming(desk, bars, timeframe)
            for number, at in enumerate(times):
                due.setdefault(at, []).append((coming, number))
    for at in sorted(due):
        longest_first = sorted(due[at], key=lambda one: -one[0].timeframe.minutes)
        yield Due(at, tuple(_one(bars, number) for bars, number in longest_first))


def _one(bars: Bars, number: int) -> Bars:
    return Bars.again(bars.instrument, bars.timeframe, bars.frame[number : number + 1])


def _coming(desk: Desk, bars: Bars, timeframe: Timeframe) -> tuple[Bars, list[datetime]]:
    """Return the bars of one series that are not stored yet, and the time at which each is due.

    A longer bar is due when a shorter one reaches its end: after an outage that is later.
    """
    instrument = bars.instrument
    last = desk.bars.info(instrument.symbol, timeframe).last
    base_last = desk.bars.info(instrument.symbol, bars.timeframe).last
    fresh = bars.frame.filter(pl.col("time") > base_last)
    if timeframe is bars.timeframe:
        return Bars(instrument, timeframe, fresh), fresh["time"].to_list()
    held = desk.bars.read(instrument, bars.timeframe, start=last).frame
    whole = pl.concat([held.filter(pl.col("time") > last), fresh])
    made = resample(
        Bars(instrument, bars.timeframe, whole), timeframe, calendar(instrument.calendar)
    )
    coming, reached = made.frame.filter(pl.col("time") > last), whole["time"].to_list()
    times = [max(reached[bisect_left(reached, end)], base_last) for end in coming["time"].to_list()]
    return Bars(instrument, timeframe, coming), times


def _seen(
    documents: Sequence[Document], since: datetime | None, until: datetime
) -> Iterator[Document]:
    for one in documents:
        if one.seen_at > until:
            return
        if since is None or one.seen_at > since:
            yield one


def _made_apart(origin: Origin, state: State | None, now: datetime) -> tuple[Stretch, State]:
    """Return the stretch that goes on after `now`, made in a process whose memory goes with it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            return process.submit(reach, origin, state, now).result()
        except BrokenProcessPool:
            raise StoreError(
                "The simulated market cannot go on: the process that makes its next weeks was "
                "ended by the system, most likely for want of memory; start the service again"
            ) from None


def reach(origin: Origin, state: State | None, now: datetime) -> tuple[Stretch, State]:
    """Return the first stretch that ends after `now`, and where it ends."""
    begins = state or first_state(origin)
    while True:
        part, ends = stretch(origin, begins)
        if EPOCH + timedelta(microseconds=ends.start_us) > now:
            return part, ends
        begins = ends
