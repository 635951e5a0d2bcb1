"""Bars on disk: what was known when, never half-written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote, unquote

import polars as pl

from assay.core.calendars.table import micro
from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError, StoreError
from assay.core.ids import digest
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.open_series import OpenSeries, Stamps
from assay.store.recent import MOST_AT_ONCE
from assay.store.rows import (
    KNOWN_SCHEMA,
    by_year,
    content_hash,
    covers,
    differing,
    refuse_backdating,
    refuse_correction,
    refuse_differences,
    refuse_mixture,
    time_at,
    touches,
    within,
)
from assay.store.series import Change, Manifest, SeriesInfo
from assay.store.stamps import Version, Watched
from assay.store.years import COLUMNS, corrected, grown


def _allowed() -> None:
    """Let a write go on."""


class BarStore:
    """Hive-partitioned Parquet under `root`: `symbol=S/timeframe=T/year=Y/`.

    Every bar carries when it became known here. A correction keeps the version it replaces, so
    `known_at` gives back what a reader would have seen at that time. A write is committed by the
    rename of the series' manifest: a kill, a full disk or Ctrl-C leaves all of it or none. One
    process writes a series at a time; readers need no lock. `before_writing` is called before
    anything is written and stops it by raising.
    """

    def __init__(self, root: Path, *, before_writing: Callable[[], None] = _allowed) -> None:
        self.root = root
        self._before_writing = before_writing
        self._open: dict[tuple[str, Timeframe], OpenSeries] = {}
        self._tails: dict[OpenSeries, tuple[Stamps, int, Bars]] = {}
        self._watched = Watched(root)

    def append(
        self, bars: Bars, *, source: str, known_at: datetime, simulated: bool = False
    ) -> int:
        """Store the bars after the last one stored; return how many were new.

        Bars that are stored already and identical are passed over, so the same call twice is
        harmless. `known_at` (UTC) is when they became known here, normally the clock's now: not
        before the last bar closed, and not before the newest row of the series was stored.
        Stored bars that differ, or bars missing between stored ones, are refused with `DataError`:
        they need `correct`. So is a mix of simulated and real bars in one series.
        """
        moment = utc(known_at, "time at which the bars became known")
        series = self._series(bars.instrument.symbol, bars.timeframe)
        if not len(bars):
            return 0
        self._before_writing()
        with self._watched.writing():
            return _appended(series, bars, source, moment, simulated=simulated)

    def correct(
        self, bars: Bars, *, reason: str, known_at: datetime, without: Sequence[datetime] = ()
    ) -> int:
        """Store a newer version of bars up to the last stored one; return how many changed.

        Stored bars that closed at the times `without` are taken away: they stay readable as they
        were known before, and are a gap from then on.

        Bars equal to the stored ones are passed over; a bar that was missing, between stored ones
        or before the first, is added. The replaced versions stay readable with a `known_at` before
        this one, which must be later (UTC) than every row stored so far. Bars after the last stored
        one belong to `append` and are refused with `DataError`.
        """
        moment = utc(known_at, "time at which the correction became known")
        symbol, timeframe = bars.instrument.symbol, bars.timeframe
        if not reason.strip():
            raise DataError(f"{symbol} {timeframe}: a correction needs a reason; none was given")
        series = self._series(symbol, timeframe)
        self._existing(series, symbol, timeframe)
        self._before_writing()
        with self._watched.writing(), series.folder.writing():
            manifest = series.folded() or self._existing(series, symbol, timeframe)
            refuse_correction(manifest, bars, moment)
            changed = differing(bars.frame, series.rows(manifest, bars.frame))
            gone = _stored_at(series, manifest, without)
            touched = pl.concat([changed, gone]).sort("time")
            if touched.is_empty():
                return 0
            first, last = time_at(touched, 0), time_at(touched, -1)
            change = Change("correct", touched.height, first, last, moment, None, reason)
            years = [
                corrected(series.folder, manifest, year, rows, moment, gone)
                for year, rows in by_year(touched)
            ]
            series.commit(manifest.changed(years, change))
            return touched.height

    def read(
        self,
        instrument: Instrument,
        timeframe: Timeframe,
        start: datetime | None = None,
        end: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Bars:
        """Return the bars that closed from `start` to `end`, both included; UTC.

        By default in their newest version. With `known_at` only rows stored by then, in the
        version of then. No bar in the span is an empty frame; an unknown series is a
        `NotFoundError`; a damaged file a `StoreError`.
        """
        series = self._series(instrument.symbol, timeframe)

        def rows() -> pl.DataFrame:
            manifest = self._existing(series, instrument.symbol, timeframe)
            return series.bars(manifest, start, end, known_at)

        return Bars.again(instrument, timeframe, series.folder.consistent(rows))

    def frame_at(self, symbol: str, timeframe: Timeframe, known_at: datetime) -> pl.DataFrame:
        """Return all bars of a series in the version of `known_at` (UTC), as `BAR_SCHEMA`."""
        series = self._series(symbol, timeframe)

        def rows() -> pl.DataFrame:
            return series.bars(self._existing(series, symbol, timeframe), None, None, known_at)

        return series.folder.consistent(rows)

    def tail(self, instrument: Instrument, timeframe: Timeframe, rows: int) -> Bars:
        """Return the newest `rows` bars, or all there are; reads the ends of the files only.

        What was asked for last is kept, and is the answer until something is stored.
        """
        series = self._series(instrument.symbol, timeframe)
        stamps = series.stamps()
        kept = self._tails.get(series)
        if kept and kept[:2] == (stamps, rows) and kept[2].instrument == instrument:
            return kept[2]

        def last() -> pl.DataFrame:
            return series.tail(self._existing(series, instrument.symbol, timeframe), rows)

        found = Bars.again(instrument, timeframe, series.folder.consistent(last))
        self._tails[series] = (stamps, rows, found)
        return found

    def series(self, problems: list[str] | None = None) -> list[SeriesInfo]:
        """Return every stored series, by symbol and length of bar.

        A series whose manifest is damaged is a `StoreError`; with `problems` given it is left out
        and named there.
        """
        found = []
        for path in sorted(self.root.glob("symbol=*/timeframe=*")):
            if path.name.partition("=")[2] not in set(Timeframe):
                continue
            try:
                info = self._info(path)
            except StoreError as error:
                if problems is None:
                    raise
                problems.append(f"{_shown(path)}: {error}")
            else:
                found += [info] if info else []
        return sorted(found, key=lambda info: (info.symbol, info.timeframe.minutes))

    def version(self) -> Version:
        """Return what changes when anything is stored or corrected; see `Watched`."""
        return self._watched.version()

    def info(self, symbol: str, timeframe: Timeframe) -> SeriesInfo:
        """Return what is stored of one series; unknown is a `NotFoundError`."""
        series = self._series(symbol, timeframe)
        return self._existing(series, symbol, timeframe).info(series.folder.path)

    def changes(self, symbol: str, timeframe: Timeframe) -> tuple[Change, ...]:
        """Return the writes that made a series, oldest first."""
        return self._existing(self._series(symbol, timeframe), symbol, timeframe).all_changes

    def fingerprint(
        self,
        symbol: str,
        timeframe: Timeframe,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> str:
        """Return the SHA-256 of the newest bars that closed from `start` to `end`, included.

        Made from the manifest's hash of each year's values, and of the rows themselves where the
        span cuts a year; so bars added outside the span change nothing, a correction inside does,
        and the same bars have the same fingerprint on every machine.
        """
        series = self._series(symbol, timeframe)
        folder, span = series.folder, within(start, end)

        def hashes() -> list[tuple[int, str]]:
            manifest = self._existing(series, symbol, timeframe)
            new = manifest.recent.rows.filter(span) if manifest.recent else KNOWN_SCHEMA.to_frame()
            recent = dict(by_year(new))
            found = []
            for year in manifest.years:
                more = recent.pop(year.year, None)
                if more is None and not touches(year, start, end):
                    continue
                if more is None and covers(year, start, end):
                    found.append((year.year, year.content))
                    continue
                rows = folder.get(year.current, where=span)
                rows = rows if more is None else rows.vstack(more)
                if rows.height:
                    found.append((year.year, content_hash(rows)))
            return found + [(year, content_hash(rows)) for year, rows in recent.items()]

        return digest([symbol, timeframe, folder.consistent(hashes)])

    def verify(self, symbol: str, timeframe: Timeframe) -> int:
        """Read every file of a series against its hash; return how many; damage is refused."""
        series = self._series(symbol, timeframe)
        folder = series.folder

        def count() -> int:
            manifest = self._existing(series, symbol, timeframe)
            parts = [p for year in manifest.years for p in (year.current, year.history) if p]
            for part in parts:
                folder.checked(part)
            return len(parts) + (1 if manifest.recent else 0)

        return folder.consistent(count)

    def _series(self, symbol: str, timeframe: Timeframe) -> OpenSeries:
        key = (symbol, timeframe)
        if key not in self._open:
            path = self.root / f"symbol={quote(symbol, safe='')}" / f"timeframe={timeframe}"
            self._open[key] = self._opened(
                path, f"restore it from a copy, or move {path} away and import {symbol} again"
            )
        return self._open[key]

    def _opened(self, path: Path, way_out: str) -> OpenSeries:
        return OpenSeries(path, way_out)

    def _info(self, path: Path) -> SeriesInfo | None:
        symbol = unquote(path.parent.name.partition("=")[2])
        series = self._series(symbol, Timeframe(path.name.partition("=")[2]))
        manifest = series.manifest()
        return manifest.info(series.folder.path) if manifest and manifest.rows else None

    def _existing(self, series: OpenSeries, symbol: str, timeframe: Timeframe) -> Manifest:
        manifest = series.manifest()
        if manifest and manifest.rows:
            return manifest
        names = {f"{info.symbol} {info.timeframe}" for info in self.series(problems=[])}
        asked = f"{symbol} {timeframe}"
        near = get_close_matches(asked, sorted(names - {asked}), n=3, cutoff=0.5)
        if near:
            raise NotFoundError(
                f"There are no bars of {asked}; stored are {', '.join(near)} (assay data list "
                "names all)"
            )
        raise NotFoundError(f"There are no bars of {asked}; import some with assay data import")


def _appended(
    series: OpenSeries, bars: Bars, source: str, moment: datetime, *, simulated: bool
) -> int:
    """Append to the log, or to the year's file what is too much for it; return how many are new."""
    if len(bars) <= MOST_AT_ONCE:
        with series.folder.locked():
            added = _logged(series, bars, source, moment, simulated=simulated)
        if added is not None:
            return added
    with series.folder.writing():
        manifest = series.folded()
        is_new = manifest is None
        if manifest is None:
            manifest = Manifest(bars.instrument.symbol, bars.timeframe, simulated)
        elif not manifest.rows:
            manifest = replace(manifest, simulated=simulated)
        fresh = _fresh(series, manifest, bars, moment, simulated=simulated)
        if fresh.is_empty():
            return 0
        if is_new:
            series.folder.commit(manifest.to_json())
        first, last = time_at(fresh, 0), time_at(fresh, -1)
        change = Change("append", fresh.height, first, last, moment, source, None)
        parts = by_year(fresh)
        years = [grown(series.folder, manifest, year, rows) for year, rows in parts]
        series.commit(manifest.changed(years, change))
        return fresh.height


def _logged(
    series: OpenSeries, bars: Bars, source: str, moment: datetime, *, simulated: bool
) -> int | None:
    """Append to the log and return how many bars were new; None where they do not fit there."""
    manifest = series.manifest()
    if manifest is None or not manifest.years:
        return None
    fresh = _fresh(series, manifest, bars, moment, simulated=simulated)
    if fresh.is_empty():
        return 0
    return fresh.height if series.log(manifest, fresh, source) else None


def _fresh(
    series: OpenSeries, manifest: Manifest, bars: Bars, moment: datetime, *, simulated: bool
) -> pl.DataFrame:
    """Return the bars after the last stored one, with `known_at`; refuse what cannot follow."""
    refuse_mixture(manifest, simulated=simulated)
    fresh = bars.frame
    if manifest.last is not None and bars.first_time <= manifest.last:
        old = bars.frame.filter(pl.col("time") <= manifest.last)
        fresh = bars.frame.filter(pl.col("time") > manifest.last)
        refuse_differences(manifest, old, series.rows(manifest, old))
    if fresh.height:
        refuse_backdating(manifest, moment, bars.last_time)
    known = pl.Series("known_at", [micro(moment)] * fresh.height, dtype=pl.Int64)
    return fresh.with_columns(known.cast(KNOWN_SCHEMA["known_at"]))


def _stored_at(series: OpenSeries, manifest: Manifest, times: Sequence[datetime]) -> pl.DataFrame:
    """Return the stored bars that closed at `times`."""
    asked = pl.DataFrame({"time": sorted(times)}, schema={"time": BAR_SCHEMA["time"]})
    return series.rows(manifest, asked).select(COLUMNS).join(asked, on="time", how="semi")


def _shown(path: Path) -> str:
    """Return symbol and timeframe of a series' folder."""
    return f"{unquote(path.parent.name.partition('=')[2])} {path.name.partition('=')[2]}"
