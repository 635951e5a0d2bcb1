"""Follow the feeds as long as somebody watches: live bars by stream, the others asked when due."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assay.core.errors import TransientError
from assay.core.symbols import PERPETUAL
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Provider
from assay.workflows.define import remember
from assay.workflows.desk import Desk
from assay.workflows.syncing.feeds import Feed
from assay.workflows.syncing.following import Line, Round
from assay.workflows.syncing.happenings import Happened, Report, What
from assay.workflows.syncing.planning import Part, planned
from assay.workflows.syncing.routes import Route
from assay.workflows.syncing.running import run_questions
from assay.workflows.syncing.sync import reached, routed

FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0
"""Seconds before a source is tried again, which double from failure to failure."""


@dataclass
class Watcher:
    """Watches `feeds` until `desk.reach.stopped` is set; `report` is called from several threads.

    Each source has a thread. Where it has a stream of a series' own bars, they come by it; at the
    start, after every reconnection, and where a bar arrives that does not follow the last stored
    one, what lies between is asked for. A stream that is silent though bars were due is checked
    against the source's answers: only if those hold bars it is mute, and left. Every other series
    is asked for when its bar has closed. A source that fails is tried again, ever later.
    """

    desk: Desk
    feeds: Sequence[Feed]
    report: Report
    check_seconds: float = 1.0
    chance: np.random.Generator = field(default_factory=np.random.default_rng)
    _bugs: list[BaseException] = field(default_factory=list)
    _told: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Watch; returns when stopped, after every thread has ended."""
        stopped = self.desk.reach.stopped
        stopped.clear()
        with reached(self.desk, self.feeds) as providers:
            routes, refused = routed(self.desk, self.feeds, providers)
            for one in refused:
                self.say(What.FAILED, one.name, str(one.error))
            for route in routes:
                remember(self.desk, route.instrument)
            threads = [
                threading.Thread(target=self._guarded, args=(work,), daemon=True)
                for work in self._works(routes, providers)
            ]
            try:
                for thread in threads:
                    thread.start()
                while any(thread.is_alive() for thread in threads):
                    stopped.wait(self.check_seconds)
                    if stopped.is_set():
                        break
            finally:
                stopped.set()
                for thread in threads:
                    thread.join()
            if self._bugs:
                raise self._bugs[0]

    def _works(
        self, routes: Sequence[Route], providers: Mapping[str, Provider]
    ) -> Iterator[Callable[[], None]]:
        """Yield what the threads do: each stream, and the questions to each source, is one."""
        streamed: dict[tuple[str, str], list[Route]] = defaultdict(list)
        asked: dict[str, list[Route]] = defaultdict(list)
        for route in routes:
            source = route.sources[0]
            live = providers[source].abilities.live.get(route.instrument.asset_class, ())
            if route.timeframe in live:
                streamed[source, _market(route)].append(route)
            else:
                asked[source].append(route)
        for (source, _), some in streamed.items():
            yield Line(self, source, providers, some).follow
        for some in asked.values():
            yield Round(self, providers, some).follow

    def _guarded(self, work: Callable[[], None]) -> None:
        """Run one source's thread; a bug in it ends the watch instead of going unseen."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is seen
            self._bugs.append(error)
            self.desk.reach.stopped.set()

    def catch_up(self, routes: Sequence[Route], providers: Mapping[str, Provider]) -> int:
        """Ask for everything since the last stored bars; return how many bars were stored.

        A series that no source answers for is a `TransientError`; the others are stored.
        """
        questions, refused = planned(self.desk, routes, providers, (Part.FIRST, Part.NEWER))
        run = run_questions(self.desk, questions, providers)
        for one in run.synced:
            if one.added + one.filled:
                self.stored(one.sources[-1], one.symbol, one.timeframe, one.added + one.filled)
        for failure in run.failed:
            self._failed(failure.source, failure.reason)
        answered = {(one.symbol, one.timeframe) for one in run.synced if one.calls}
        left = [r for r in routes if (r.instrument.symbol, r.timeframe) not in answered]
        for unplanned in refused:
            self._failed(unplanned.name, str(unplanned.error))
        if left:
            names = ", ".join(str(route) for route in left)
            raise TransientError(f"No source answered for {names}; it is asked again", FIRST_WAIT)
        self._told.clear()
        return sum(one.added + one.filled for one in run.synced)

    def _failed(self, source: str, reason: str) -> None:
        """Report a failure once, however often it is met until all is well again."""
        if self._told.get(source) != reason:
            self._told[source] = reason
            self.say(What.FAILED, source, reason)

    def stored(self, source: str, symbol: str, timeframe: Timeframe, count: int) -> None:
        """Report that bars were stored."""
        last = self.desk.bars.info(symbol, timeframe).last
        sentence = f"{count:,} bars up to {last:%Y-%m-%d %H:%M} UTC"
        self.say(
            What.BARS, source, sentence, symbol=symbol, timeframe=timeframe, bars=count, last=last
        )

    def wait(self, failures: int, least: float = 0.0) -> None:
        """Wait before the next attempt, between half and all of a time that doubles."""
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**failures)
        seconds = max(least, longest * float(self.chance.uniform(0.5, 1.0)))
        self.desk.reach.stopped.wait(seconds)

    @property
    def is_over(self) -> bool:
        """Say whether somebody has stopped it."""
        return self.desk.reach.stopped.is_set()

    def say(self, what: What, source: str, sentence: str, **more: Any) -> None:  # noqa: ANN401 - fields of Happened
        """Report that something happened; `more` are fields of `Happened`."""
        self.report(Happened(what, self.desk.clock.now(), source, sentence, **more))


def _market(route: Route) -> str:
    """Return what goes over one stream: one kind of instrument, futures apart from the spot."""
    future = PERPETUAL if route.instrument.symbol.endswith(PERPETUAL) else ""
    return route.instrument.asset_class + future
