"""Notices what has changed in the stores of a workspace, whoever wrote it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError
from assay.core.values.bars import PRICES
from assay.core.values.conviction import Tier
from assay.core.values.timeframe import Timeframe
from assay.store.job_rows import JobRow, JobState
from assay.store.jobs import Jobs
from assay.store.lately import IssuedSignal, Marks, marks, signals_after, tier_before
from assay.store.parts import MANIFEST, Stamp, stamp_of
from assay.store.recent import NAME as LOG
from assay.workflows.alerts import Alert, alert
from assay.workflows.desk import Desk
from assay.workflows.gather import Series

SILENT_BARS = 3
"""A live feed that lacks so many bars while its market is open is silent."""
Stamps = tuple[Stamp | None, Stamp | None]


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened, under the topic that those who want to know have asked for."""

    topic: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BarsCame(News):
    """Bars of a series that closed, or were corrected, since it was looked at before."""

    series: Series
    last: datetime
    has_closed: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A series when it was looked at last."""

    stamps: Stamps
    rows: int
    last: datetime
    corrections: int

    @property
    def says(self) -> tuple[int, datetime, int]:
        """Return what is another when its bars are: files may be written anew with the same."""
        return self.rows, self.last, self.corrections


class Pulse:
    """Looks at the stores and says what is new since the look before; the first one only looks.

    A look reads the status of two files a series and one row of the database: what has not changed
    is not opened.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._folders: dict[Path, Series] = {}
        self._series: dict[Series, _Seen] = {}
        self._marks: Marks | None = None
        self._is_first = True
        self._silent: set[Series] = set()
        self.problems: dict[str, str] = {}

    def look(self) -> list[News]:
        """Return what is new: bars, then signals, jobs and alerts.

        What cannot be read is a sentence in `problems`, by its part, until it can be again; what
        happened meanwhile is told then.
        """
        found: list[News] = []
        for part, ask in (("bars", self._bars), ("database", self._database)):
            try:
                for one in ask():
                    found.append(one)
            except AssayError as error:
                self.problems[part] = str(error)
            else:
                self.problems.pop(part, None)
        self._is_first = False
        return found

    def _bars(self) -> Iterator[News]:
        damage: AssayError | None = None
        for folder, series in self._known():
            try:
                yield from self._bars_of(folder, series)
            except AssayError as error:
                damage = damage or error  # the other series are told of all the same
        if damage:
            raise damage

    def _bars_of(self, folder: Path, series: Series) -> Iterator[News]:
        stamps = stamp_of(folder / LOG), stamp_of(folder / MANIFEST)
        before = self._series.get(series)
        if stamps[1] is None or (before is not None and before.stamps == stamps):
            return
        info = self._desk.bars.info(series.symbol, series.timeframe)
        now = _Seen(stamps, info.rows, info.last, info.corrections)
        self._series[series] = now
        if not self._is_first and (before is None or before.says != now.says):
            yield self._came(series, before, now, simulated=info.simulated)

    def _known(self) -> Iterator[tuple[Path, Series]]:
        """Yield the folder of every series there is."""
        root = self._desk.bars.root
        try:
            with os.scandir(root) as symbols:
                named = [one.path for one in symbols if one.name.startswith("symbol=")]
        except FileNotFoundError:
            return
        for path in named:
            with os.scandir(path) as lengths:
                for one in lengths:
                    folder = Path(one.path)
                    series = self._folders.get(folder) or _series_of(folder)
                    if series is not None:
                        self._folders[folder] = series
                        yield folder, series

    def _came(
        self, series: Series, before: _Seen | None, now: _Seen, *, simulated: bool
    ) -> BarsCame:
        instrument = self._desk.instrument(series.symbol)
        row = self._desk.bars.tail(instrument, series.timeframe, 1).frame.row(0, named=True)
        corrected = before is not None and before.corrections != now.corrections
        data = {
            "symbol": series.symbol,
            "timeframe": series.timeframe.value,
            "bar": {name: row[name] for name in ("time", *PRICES, "volume")},
            "added": now.rows - (before.rows if before else 0),
            "corrected": corrected,
            "simulated": simulated,
        }
        has_closed = before is None or now.last > before.last
        return BarsCame(
            f"bars:{series.symbol}:{series.timeframe}", data, series, now.last, has_closed
        )

    def _database(self) -> Iterator[News]:
        if not self._desk.has_database:
            self._marks = self._marks or Marks(0, 0)
            return
        database = self._desk.database
        now = marks(database)
        before, self._marks = self._marks, now
        if before is None or before == now:
            return
        try:
            if now.signal > before.signal:
                yield from self._signals(before.signal)
            if now.job > before.job:
                yield from self._jobs(before.job)
        except AssayError:
            self._marks = before
            raise

    def _signals(self, after: int) -> Iterator[News]:
        for signal in signals_after(self._desk.database, after):
            yield News("signals", signal_json(signal))
            if signal.tier == Tier.HIGH and self._tier_before(signal) != Tier.HIGH:
                yield _told(alert("signal_high", signal.made_at, signal_json(signal), signal.id))

    def _tier_before(self, signal: IssuedSignal) -> str | None:
        return tier_before(self._desk.database, signal.symbol, signal.timeframe, signal.entry)

    def _jobs(self, after: int) -> Iterator[News]:
        changed, _ = Jobs(self._desk.database).changed_since(after)
        for job in changed:
            yield News("jobs", job_json(job))
            if job.state is JobState.FAILED and job.ended_at is not None:
                about = {"id": job.id, "kind": job.kind, "error": job.error or "no reason is known"}
                yield _told(alert("job_failed", job.ended_at, about, [job.id, job.attempts]))

    def silences(self) -> list[News]:
        """Return an alert for each live feed that fell silent since it was asked before.

        One that is heard again is told too. Simulated series have no clock but their own, and are
        never late. Costs more than a look: once a minute is enough.
        """
        found: list[News] = []
        for series, seen in self._series.items():
            if series.symbol not in self._desk.feeds:
                continue
            if self._desk.is_simulated(series.symbol, series.timeframe):
                continue
            missing = self._missing(series, seen.last)
            about = {**_named(series), "last": seen.last, "missing": missing}
            now = self._desk.clock.now()
            if missing >= SILENT_BARS and series not in self._silent:
                self._silent.add(series)
                found.append(_told(alert("feed_silent", now, about, [str(series), seen.last])))
            elif missing == 0 and series in self._silent:
                self._silent.remove(series)
                found.append(_told(alert("feed_back", now, about, [str(series), seen.last])))
        return found

    def _missing(self, series: Series, last: datetime) -> int:
        """Return how many bars should have closed since the last one, by the market's calendar."""
        hours = calendar(self._desk.instrument(series.symbol).calendar)
        now = self._desk.clock.now()
        if now <= last:
            return 0
        closes = hours.expected_closes(series.timeframe, last, now)
        return int((closes > last).sum())


def _series_of(folder: Path) -> Series | None:
    name = folder.name.partition("=")[2]
    if not folder.name.startswith("timeframe=") or name not in set(Timeframe):
        return None
    return Series(unquote(folder.parent.name.partition("=")[2]), Timeframe(name))


def _named(series: Series) -> dict[str, str]:
    return {"symbol": series.symbol, "timeframe": series.timeframe.value}


def _told(one: Alert) -> News:
    return News("alerts", one.to_json())


def signal_json(signal: IssuedSignal) -> dict[str, Any]:
    """Return what is pushed of a signal; `score` is its conviction, 0..100."""
    return {
        "id": signal.id,
        "symbol": signal.symbol,
        "timeframe": signal.timeframe.value,
        "as_of": signal.as_of,
        "made_at": signal.made_at,
        "score": signal.conviction,
        "conviction": signal.conviction,
        "tier": signal.tier,
        "evidence": signal.evidence,
        "decision": signal.decision,
        "simulated": signal.simulated,
    }


def job_json(job: JobRow) -> dict[str, Any]:
    """Return what is pushed of a job: enough for a list; its lines are asked for."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "outcome": job.outcome,
        "error": job.error,
        "asked_at": job.asked_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
    }
