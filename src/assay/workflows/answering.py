"""Signals as other programs ask for them: by ticker, answered again until the next bar closes."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from assay.core.calendars.calendar import calendar
from assay.core.errors import HistoryError, StoreError
from assay.core.ids import canonical, digest, short_id
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.answering import AnswerCache, MemoryAnswers, RedisAnswers
from assay.store.artefacts import ArtefactKind, Artefacts
from assay.workflows.aliases import aliased
from assay.workflows.desk import Desk
from assay.workflows.issue import fusion_of, issue
from assay.workflows.stored_instruments import known

LONGEST = timedelta(minutes=5)
"""An answer is given again for so long at most."""
USUAL = (
    Timeframe.H1, Timeframe.H4, Timeframe.D1, Timeframe.M30, Timeframe.M15, Timeframe.M10,
    Timeframe.M5, Timeframe.M1,
)  # fmt: skip
"""Which timeframe is meant where none is named: the first of these that has trained models."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a ticker: plain data, as `aliases.aliased` makes it.

    `cached` says that it was made for an earlier question, `expires_at` until when it is given
    again if no bar is stored before; `degraded` why the cache could not be used, None if it could.
    """

    said: dict[str, Any]
    cached: bool
    expires_at: datetime
    degraded: str | None


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How the cache of answers does; `hits`, `computed` and `shared` count in this process alone.

    `shared` questions came while the same was being computed and were answered with it. `entries`
    is None where the place cannot be reached, which `degraded` then says.
    """

    place: str
    entries: int | None
    hits: int
    computed: int
    shared: int
    degraded: str | None


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many answers were forgotten, or why they could not be."""

    cleared: int
    degraded: str | None


def cache_of(desk: Desk, redis_url: str | None) -> AnswerCache:
    """Return where answers are kept: in a Redis, under the workspace's own name, or in memory."""
    if redis_url is None:
        return MemoryAnswers()
    place = desk.database.name if desk.database_url else str(desk.home.resolve())
    return RedisAnswers(redis_url, f"assay:answers:{short_id('home', place)}")


class Answers:
    """Answers to questions for signals, each computed once however many ask at the same time.

    An answer is given again for `LONGEST`, or until the series' next bar closes by its calendar,
    and no longer than until a bar of it is stored or a model is trained or judged. A cache that
    cannot be reached makes every answer a computed one, which says so: `told` is called with the
    reason, once until it is back. `counted` is called with hit, computed or shared.
    """

    def __init__(
        self,
        desk: Desk,
        cache: AnswerCache,
        told: Callable[[str], None],
        counted: Callable[[str], None],
    ) -> None:
        self._desk, self._cache = desk, cache
        self._told, self._counted = told, counted
        self._lock = Lock()
        self._under_way: dict[str, Future[Answer]] = {}
        self._counts = {"hit": 0, "computed": 0, "shared": 0}
        self._is_away = False

    def ask(self, ticker: str, timeframe: Timeframe | None = None) -> Answer:
        """Return the signal of `ticker`, issued now if its last bar has none yet.

        A ticker nobody knows, one without bars and one without trained models are `NotFoundError`.
        """
        instrument = known(self._desk, ticker)
        series = timeframe or self._usual(instrument)
        name = f"{instrument.symbol}:{series}"
        with self._lock:
            other = self._under_way.get(name)
            if other is None:
                own = self._under_way[name] = Future()
        if other is not None:
            found = other.result()
            self._count("shared")
            return found
        try:
            found = self._answered(name, instrument, series)
        except BaseException as error:
            own.set_exception(error)
            raise
        else:
            own.set_result(found)
            return found
        finally:
            with self._lock:
                del self._under_way[name]

    def stats(self) -> CacheStats:
        """Return how the cache does."""
        entries, degraded = self._tried(self._cache.count)
        counts = self._counts
        return CacheStats(
            self._cache.place,
            entries,
            counts["hit"],
            counts["computed"],
            counts["shared"],
            degraded,
        )

    def clear(self) -> Cleared:
        """Forget every answer, for all who share the cache."""
        count, degraded = self._tried(self._cache.clear)
        return Cleared(count or 0, degraded)

    def _answered(self, name: str, instrument: Instrument, timeframe: Timeframe) -> Answer:
        version = self._version(instrument, timeframe)
        now = self._desk.clock.now()
        text, degraded = self._tried(lambda: self._cache.get(name))
        kept = _kept(text, version, now)
        if kept is not None:
            self._count("hit")
            return kept
        row = issue(self._desk, instrument.symbol, timeframe)
        answer = Answer(
            aliased(self._desk, row),
            cached=False,
            expires_at=expiry(instrument, timeframe, now),
            degraded=degraded,
        )
        self._count("computed")
        if degraded is None:
            text = _written(answer, version)
            seconds = (answer.expires_at - now).total_seconds()
            _, degraded = self._tried(lambda: self._cache.put(name, text, seconds))
        return replace(answer, degraded=degraded)

    def _version(self, instrument: Instrument, timeframe: Timeframe) -> str:
        """Return what changes when an answer would be another; the same on every machine."""
        info = self._desk.bars.info(instrument.symbol, timeframe)
        bars = [info.last, info.rows, info.corrections, info.known_at]
        return digest([*bars, *Artefacts(self._desk.database).version()])

    def _usual(self, instrument: Instrument) -> Timeframe:
        rows = Artefacts(self._desk.database).list(
            kind=ArtefactKind.FUSION, symbol=instrument.symbol
        )
        there = {row.timeframe for row in rows if row.quarantined is None}
        for timeframe in USUAL:
            if timeframe in there:
                return timeframe
        first = USUAL[0]
        self._desk.bars.info(instrument.symbol, first)
        fusion_of(self._desk, instrument, first)  # says what to run
        return first

    def _tried(self, ask: Callable[[], Any]) -> tuple[Any, str | None]:
        """Return what the cache says, and why it says nothing where it is away."""
        try:
            found = ask()
        except StoreError as error:
            with self._lock:
                is_news, self._is_away = not self._is_away, True
            if is_news:
                self._told(str(error))
            return None, str(error)
        self._is_away = False
        return found, None

    def _count(self, found: str) -> None:
        with self._lock:
            self._counts[found] += 1
        self._counted(found)


def expiry(instrument: Instrument, timeframe: Timeframe, now: datetime) -> datetime:
    """Return until when an answer given `now` (UTC) holds: `LONGEST`, or the next bar's close."""
    latest = now + LONGEST
    try:
        closes = calendar(instrument.calendar).expected_closes(timeframe, now, latest)
    except HistoryError:
        return latest
    coming = closes.filter(closes > now)
    return min(latest, coming[0]) if len(coming) else latest


def _written(answer: Answer, version: str) -> str:
    whole = {"version": version, "expires_at": answer.expires_at, "said": answer.said}
    return canonical(whole).decode()


def _kept(text: str | None, version: str, now: datetime) -> Answer | None:
    """Return the answer that was kept, None where it holds no longer or is none of ours."""
    try:
        found = json.loads(text or "")
        expires_at = datetime.fromisoformat(found["expires_at"])
        if found["version"] != version or expires_at <= now:
            return None
        return Answer(dict(found["said"]), cached=True, expires_at=expires_at, degraded=None)
    except (ValueError, KeyError, TypeError):
        return None
