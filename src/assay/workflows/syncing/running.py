"""Ask the questions of a plan, source by source at once, and keep what comes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Any

import polars as pl

from assay.core.errors import AssayError, CredentialError, TransientError
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.provider import Page, Provider
from assay.sources.quality.flaw import Flaw
from assay.workflows.data import resample_series
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.doubt import looks_back
from assay.workflows.flagged import new_flaws
from assay.workflows.syncing.keeping import Gained, Keeper
from assay.workflows.syncing.planning import Part, Question
from assay.workflows.syncing.routes import Route
from assay.workflows.syncing.spans import Span, remember
from assay.workflows.thin import declare

FOR_ALL = (CredentialError, TransientError)
"""Errors that a source will answer every other question with, too."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that was not answered, and the sentence that says why."""

    symbol: str
    timeframe: Timeframe
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of one series: see `Gained`; `made` are longer bars that were made of it.

    `flaws` is what the rules of bad bars find among the bars that were stored. None is left out
    for it: a signal waits while one that misleads is in its ATR.
    """

    symbol: str
    timeframe: Timeframe
    sources: tuple[str, ...]
    added: int
    filled: int
    corrected: int
    disagreed: int
    calls: int
    made: dict[str, int]
    notes: tuple[Note, ...]
    flaws: tuple[Flaw, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        told = ("notes", "flaws")
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__ if n not in told}
        return {
            **plain,
            "notes": [{"code": n.code, "sentence": n.sentence} for n in self.notes],
            "flaws": [flaw.to_json() for flaw in self.flaws],
        }


@dataclass
class _State:
    """What threads share: what was gained, what failed, which sources are out for this run."""

    gained: dict[tuple[str, Timeframe], list[tuple[str, Gained]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    failed: list[Failed] = field(default_factory=list)
    out: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class SyncRun:
    """What a sync did."""

    synced: tuple[Synced, ...]
    failed: tuple[Failed, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "synced": [one.to_json() for one in self.synced],
            "failed": [
                {n: getattr(one, n) for n in one.__dataclass_fields__} for one in self.failed
            ],
        }


def run_questions(
    desk: Desk,
    questions: Sequence[Question],
    providers: Mapping[str, Provider],
    *,
    tick: Tick = silent,
) -> SyncRun:
    """Ask all questions, each source's in a thread of its own, and store what comes.

    A question that is not answered is asked of the next source of the series; a source that is
    busy, down or refuses its key is asked nothing more in this run. What was stored stays stored
    whatever happens: the same sync again goes on from there.
    """
    state, stopped = _State(), desk.reach.stopped
    by_source: dict[str, list[Question]] = defaultdict(list)
    for one in questions:
        by_source[one.source].append(one)
    counter = _counter(sum(one.calls for one in questions), tick)
    with ThreadPoolExecutor(max_workers=max(1, len(by_source))) as pool:
        running = [
            pool.submit(_ask_all, desk, asked, providers, state, counter)
            for asked in by_source.values()
        ]
        try:
            for future in running:
                future.result()
        except BaseException:
            stopped.set()
            raise
    routes = {(q.route.instrument.symbol, q.route.timeframe): q.route for q in questions}
    for key, gained in state.gained.items():
        for source, some in gained:
            if some.added:
                _declare(desk, routes[key], source, providers[source])
    done = [_synced(desk, routes[key], gained) for key, gained in sorted(state.gained.items())]
    return SyncRun(tuple(done), tuple(state.failed))


def _declare(desk: Desk, route: Route, source: str, provider: Provider) -> None:
    """Keep that a source prints a small part of its market's volume, where it says so."""
    share = provider.abilities.volume_share.get(route.instrument.asset_class)
    if share is not None:
        declare(desk, route.instrument.symbol, route.timeframe, source, share)


def _ask_all(
    desk: Desk,
    questions: Sequence[Question],
    providers: Mapping[str, Provider],
    state: _State,
    count: Callable[[str], None],
) -> None:
    for question in questions:
        if desk.reach.stopped.is_set():
            return
        for source in _in_turn(question):
            if _asked(desk, question, source, providers[source], state, count):
                break


def _in_turn(question: Question) -> list[str]:
    """Return who is asked: the source of the question; of new bars the others after it."""
    if question.part in (Part.GAP, Part.OLDER):
        return [question.source]
    return [question.source, *(s for s in question.route.sources if s != question.source)]


def _asked(
    desk: Desk,
    question: Question,
    source: str,
    provider: Provider,
    state: _State,
    count: Callable[[str], None],
) -> bool:
    """Ask one source; say whether it answered."""
    route = question.route
    gained = Gained()
    with state.lock:
        state.gained[route.instrument.symbol, route.timeframe].append((source, gained))
        reason = state.out.get(source)
    if reason is None:
        try:
            _fetch(desk, question, source, provider, gained, count)
        except AssayError as error:
            reason = str(error)
            if isinstance(error, FOR_ALL):
                with state.lock:
                    state.out.setdefault(source, reason)
        else:
            return True
    with state.lock:
        symbol = route.instrument.symbol
        state.failed.append(Failed(symbol, route.timeframe, source, reason))
    return False


def _fetch(
    desk: Desk,
    question: Question,
    source: str,
    provider: Provider,
    gained: Gained,
    count: Callable[[str], None],
) -> None:
    """Fetch a span, the newest stretch first where it lies before what is stored."""
    keeper = Keeper(desk, question.route, source, gained)
    for span in _stretches(question):
        through = span.start
        try:
            for page in _pages(provider, question.route, span):
                gained.calls += 1
                keeper.take(page)
                through = page.through
                count(f"{question.route} from {source}")
                if desk.reach.stopped.is_set():
                    return
        finally:
            keeper.store()
            remember(desk, question.route, source, Span(span.start, through))


def _stretches(question: Question) -> Iterator[Span]:
    """Yield the span, in stretches from the newest to the oldest if it lies before the stored bars.

    So what is stored has no hole in it, wherever a sync is stopped.
    """
    span = question.span
    if question.part is not Part.OLDER:
        yield span
        return
    length = question.route.timeframe.length * STRETCH
    end = span.end
    while end > span.start:
        start = max(span.start, end - length)
        yield Span(start, end)
        end = start


STRETCH = 50_000
"""Bars that are stored at a time when earlier ones are fetched."""


def _pages(provider: Provider, route: Route, span: Span) -> Iterator[Page]:
    at = span.start
    while at < span.end:
        page = provider.page(route.instrument, route.timeframe, at, span.end)
        yield page
        if page.current or page.through <= at:
            return
        at = page.through


def _counter(total: int, tick: Tick) -> Callable[[str], None]:
    """Return what counts calls of all threads; more than planned make the total grow."""
    lock, done = Lock(), 0

    def count(what: str) -> None:
        nonlocal done
        with lock:
            done += 1
            tick("Asking sources", done, max(total, done))

    return count


def _synced(desk: Desk, route: Route, gained: Sequence[tuple[str, Gained]]) -> Synced:
    symbol, timeframe = route.instrument.symbol, route.timeframe
    made: dict[str, int] = {}
    for longer in route.made:
        if desk.has(symbol, timeframe):
            found = resample_series(desk, symbol, timeframe, longer)
            made[longer.value] = found.added + found.renewed
    every = [one for _, one in gained]
    return Synced(
        symbol=symbol,
        timeframe=timeframe,
        sources=tuple(dict.fromkeys(source for source, one in gained if one.calls)),
        added=sum(one.added for one in every),
        filled=sum(one.filled for one in every),
        corrected=sum(one.corrected for one in every),
        disagreed=sum(one.disagreed for one in every),
        calls=sum(one.calls for one in every),
        made=made,
        notes=tuple(dict.fromkeys(note for one in every for note in one.notes)),
        flaws=_flaws(desk, route, every),
    )


def _flaws(desk: Desk, route: Route, gained: Sequence[Gained]) -> tuple[Flaw, ...]:
    """Return what the rules say of the bars that were stored, a piece at a time; each flaw once."""
    found: dict[Flaw, None] = {}
    for new in _pieces(desk, route, gained):
        start, end = new[0] - looks_back(route.timeframe), new[-1] + KNOWN_WITHIN
        bars = desk.bars.read(route.instrument, route.timeframe, start=start, end=end)
        found |= dict.fromkeys(map(_by_itself, new_flaws(bars, new)))
    return tuple(found)


def _by_itself(flaw: Flaw) -> Flaw:
    """Return a flaw with its rows counted from its own first one, not from that of a piece.

    It is the same in whichever piece it was found, and small: millions of bars have many.
    """
    start, last = flaw.start, flaw.first if flaw.last == flaw.first else flaw.last
    return replace(flaw, start=0, end=flaw.end - start, known=flaw.known - start, last=last)


def _pieces(desk: Desk, route: Route, gained: Sequence[Gained]) -> Iterator[pl.Series]:
    """Yield the closes of stored bars, so many at a time that memory stays flat."""
    instrument, timeframe = route.instrument, route.timeframe
    for one in gained:
        for first, last in one.appended:
            times = desk.bars.read(instrument, timeframe, start=first, end=last).frame["time"]
            yield from (times.slice(at, PIECE) for at in range(0, times.len(), PIECE))
        if one.changed:
            times = pl.concat(one.changed).unique().sort()
            yield from (times.slice(at, PIECE) for at in range(0, times.len(), PIECE))


PIECE = 50_000
"""So many bars are judged at once."""
KNOWN_WITHIN = timedelta(days=8)
"""So long after a bar a flaw of it is known at the latest: a moved week with the next one."""
