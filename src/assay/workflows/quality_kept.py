"""What is known of the quality of every stored series, looked at again behind the answers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

import polars as pl

from assay.core.errors import AssayError
from assay.core.values.timeframe import Timeframe
from assay.store.series import SeriesInfo
from assay.workflows.check import Checked, check_series
from assay.workflows.covered import Gap, covered
from assay.workflows.desk import Desk
from assay.workflows.quality import Quality, bars_behind, quality_of

PATIENCE = 0.25
"""So many seconds the answer that begins a first look waits for it."""
PAUSE = timedelta(minutes=1)
"""A live series changes all the time: what is known of it stays for so long."""
OLD = timedelta(hours=1)
"""After so long a series is looked at again, since what others say of it may be new."""
MOST_CHECKED = 64

Name = tuple[str, Timeframe]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found of one series `looked_at` (UTC); age and bars behind are as of now.

    `current` says whether its bars are still those that were looked at. `months` has the columns of
    `Quality.months`.
    """

    quality: Quality
    months: pl.DataFrame
    looked_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known `at` (UTC) of all series, in the order of their names.

    `unseen` were never looked at, `problems` say which cannot be; `looking` while somebody looks.
    """

    at: datetime
    kept: tuple[Kept, ...]
    unseen: tuple[str, ...]
    problems: tuple[str, ...]
    looking: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of one series whole: `checked` and all its gaps, the newest first.

    `checked` is None until it was looked at, and where it cannot be: `problem` says why.
    """

    info: SeriesInfo
    looked_at: datetime | None
    checked: Checked | None
    gaps: tuple[Gap, ...]
    problem: str | None
    current: bool
    looking: bool


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a whole look at one version of a series found."""

    version: tuple[object, ...]
    at: datetime
    checked: Checked | None
    gaps: tuple[Gap, ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a look at one version of a series found: a quality, or why there is none."""

    version: tuple[object, ...]
    at: datetime
    found: Quality | str
    months: pl.DataFrame | None


class KeptQuality:
    """Answers at once with what is known; a thread of its own looks at what has changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._looked: dict[Name, _Looked] = {}
        self._checked: dict[Name, _Checked] = {}
        self._checking: dict[Name, Event] = {}
        self._one_at_a_time = Lock()
        self._done = Event()
        self._done.set()

    def overview(self, patience: float = PATIENCE) -> Overview:
        """Return what is known of every stored series; see `Overview`.

        What was never looked at, or has changed since, is looked at meanwhile: ask again.
        """
        now = self._desk.clock.now()
        problems: list[str] = []
        infos = self._desk.bars.series(problems)
        unseen = any(_name(info) not in self._looked for info in infos)
        if self._begin(infos, now) and unseen:
            self._done.wait(patience)
        known = {_name(info): self._looked.get(_name(info)) for info in infos}
        told = [one.found for one in known.values() if one and isinstance(one.found, str)]
        return Overview(
            at=now,
            kept=tuple(self._kept(infos, now)),
            unseen=tuple(
                f"{name} {timeframe}" for (name, timeframe), one in known.items() if not one
            ),
            problems=(*problems, *told),
            looking=not self._done.is_set(),
        )

    def check(self, symbol: str, timeframe: Timeframe, patience: float = PATIENCE) -> Look:
        """Return what is known of one series whole; a `NotFoundError` where it is not stored.

        What was never looked at, or has changed since, is looked at meanwhile: ask again.
        """
        info = self._desk.bars.info(symbol, timeframe)
        now, name = self._desk.clock.now(), _name(info)
        kept = self._checked.get(name)
        if kept is None or (kept.version != _version(info) and now - kept.at >= PAUSE):
            begun = self._begin_check(info)
            if begun and kept is None:
                begun.wait(patience)
            kept = self._checked.get(name)
        return Look(
            info=info,
            looked_at=kept.at if kept else None,
            checked=kept.checked if kept else None,
            gaps=kept.gaps if kept else (),
            problem=kept.problem if kept else None,
            current=kept is not None and kept.version == _version(info),
            looking=name in self._checking,
        )

    def _begin_check(self, info: SeriesInfo) -> Event | None:
        """Let a thread look at one series whole; None if one does already, else what it sets."""
        with self._lock:
            if _name(info) in self._checking:
                return None
            done = self._checking[_name(info)] = Event()
        Thread(target=self._check, args=(info, done), name="check", daemon=True).start()
        return done

    def _check(self, info: SeriesInfo, done: Event) -> None:
        desk, name = self._desk, _name(info)
        try:
            with self._one_at_a_time:
                checked: Checked | None = None
                gaps: tuple[Gap, ...] = ()
                problem: str | None = None
                try:
                    checked = check_series(desk, *name)
                    gaps = tuple(reversed(_gaps(desk, *name)))
                except AssayError as error:
                    problem = str(error)
            with self._lock:
                self._checked.pop(name, None)
                found = _Checked(_version(info), desk.clock.now(), checked, gaps, problem)
                self._checked[name] = found
                while len(self._checked) > MOST_CHECKED:
                    del self._checked[next(iter(self._checked))]
        finally:
            del self._checking[name]
            done.set()

    def _begin(self, infos: list[SeriesInfo], now: datetime) -> bool:
        """Let a thread look at what is due, unless one does already; return whether it began."""
        with self._lock:
            wanted = [info for info in infos if self._is_due(info, now)]
            if not wanted or not self._done.is_set():
                return False
            self._done.clear()
        Thread(target=self._look, args=(wanted,), name="quality", daemon=True).start()
        return True

    def _is_due(self, info: SeriesInfo, now: datetime) -> bool:
        known = self._looked.get(_name(info))
        if known is None:
            return True
        age = now - known.at
        return age >= OLD or (age >= PAUSE and known.version != _version(info))

    def _look(self, infos: list[SeriesInfo]) -> None:
        try:
            for info in infos:
                found: Quality | str
                months = None
                try:
                    with self._one_at_a_time:
                        found = quality_of(self._desk, info)
                    months = found.months
                except AssayError as error:
                    found = f"{info.symbol} {info.timeframe}: {error}"
                at = self._desk.clock.now()
                self._looked[_name(info)] = _Looked(_version(info), at, found, months)
        finally:
            self._done.set()

    def _kept(self, infos: list[SeriesInfo], now: datetime) -> Iterator[Kept]:
        for info in infos:
            known = self._looked.get(_name(info))
            if known is None or known.months is None or isinstance(known.found, str):
                continue
            late = None
            if not info.simulated:
                late = bars_behind(known.found.calendar, info.timeframe, info.last, now)
            yield Kept(
                quality=replace(known.found, at=now, behind=late),
                months=known.months,
                looked_at=known.at,
                current=known.version == _version(info),
            )


def _gaps(desk: Desk, symbol: str, timeframe: Timeframe) -> list[Gap]:
    return covered(desk.bars.read(desk.instrument(symbol), timeframe)).gaps()


def _name(info: SeriesInfo) -> Name:
    return info.symbol, info.timeframe


def _version(info: SeriesInfo) -> tuple[object, ...]:
    """Return what changes whenever bars of a series are stored or corrected."""
    return info.rows, info.last, info.known_at, info.corrections, info.superseded, info.source
