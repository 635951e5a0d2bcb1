"""Bars on disk: what was known when, never half-written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote, unquote

import polars as pl

from assay.core.clock import utc
from assay.core.errors import DataError, NotFoundError, StoreError
from assay.core.ids import digest
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.parts import Folder, Part
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
from assay.store.series import Change, Manifest, SeriesInfo, Year

COLUMNS = list(BAR_SCHEMA)


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
        self._folders: dict[tuple[str, Timeframe], Folder] = {}

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
        folder = self._folder(bars.instrument.symbol, bars.timeframe)
        if not len(bars):
            return 0
        self._before_writing()
        with folder.writing():
            manifest = self._manifest(folder)
            is_new = manifest is None
            if manifest is None:
                manifest = Manifest(bars.instrument.symbol, bars.timeframe, simulated)
            elif not manifest.rows:
                manifest = replace(manifest, simulated=simulated)
            refuse_mixture(manifest, simulated=simulated)
            fresh = bars.frame
            if manifest.last is not None:
                old = bars.frame.filter(pl.col("time") <= manifest.last)
                fresh = bars.frame.filter(pl.col("time") > manifest.last)
                refuse_differences(manifest, old, self._rows(folder, manifest, old))
            if fresh.is_empty():
                return 0
            refuse_backdating(manifest, moment, bars.last_time)
            if is_new:
                folder.commit(manifest.to_json())
            first, last = time_at(fresh, 0), time_at(fresh, -1)
            change = Change("append", fresh.height, first, last, moment, source, None)
            fresh = fresh.with_columns(known_at=pl.lit(moment, KNOWN_SCHEMA["known_at"]))
            years = [self._grown(folder, manifest, year, rows) for year, rows in by_year(fresh)]
            self._commit(folder, manifest.changed(years, change))
            return fresh.height

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
        folder = self._folder(symbol, timeframe)
        self._existing(folder, symbol, timeframe)
        self._before_writing()
        with folder.writing():
            manifest = self._existing(folder, symbol, timeframe)
            refuse_correction(manifest, bars, moment)
            changed = differing(bars.frame, self._rows(folder, manifest, bars.frame))
            gone = self._stored_at(folder, manifest, without)
            touched = pl.concat([changed, gone]).sort("time")
            if touched.is_empty():
                return 0
            first, last = time_at(touched, 0), time_at(touched, -1)
            change = Change("correct", touched.height, first, last, moment, None, reason)
            years = [
                self._corrected(folder, manifest, year, rows, moment, gone)
                for year, rows in by_year(touched)
            ]
            self._commit(folder, manifest.changed(years, change))
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
        folder = self._folder(instrument.symbol, timeframe)
        span = within(start, end)

        def rows() -> pl.DataFrame:
            manifest = self._existing(folder, instrument.symbol, timeframe)
            years = [y for y in manifest.years if touches(y, start, end)]
            frames = [self._version(folder, year, known_at).filter(span) for year in years]
            return pl.concat(frames) if frames else BAR_SCHEMA.to_frame()

        return Bars(instrument, timeframe, folder.consistent(rows))

    def tail(self, instrument: Instrument, timeframe: Timeframe, rows: int) -> Bars:
        """Return the newest `rows` bars, or all there are; reads the ends of the files only."""
        folder = self._folder(instrument.symbol, timeframe)

        def last() -> pl.DataFrame:
            manifest = self._existing(folder, instrument.symbol, timeframe)
            frames: list[pl.DataFrame] = []
            missing = rows
            for year in reversed(manifest.years):
                if missing <= 0:
                    break
                frames.append(folder.tail(year.current, missing, COLUMNS))
                missing -= frames[-1].height
            return pl.concat(reversed(frames)) if frames else BAR_SCHEMA.to_frame()

        return Bars(instrument, timeframe, folder.consistent(last))

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

    def info(self, symbol: str, timeframe: Timeframe) -> SeriesInfo:
        """Return what is stored of one series; unknown is a `NotFoundError`."""
        folder = self._folder(symbol, timeframe)
        return self._existing(folder, symbol, timeframe).info(folder.path)

    def changes(self, symbol: str, timeframe: Timeframe) -> tuple[Change, ...]:
        """Return the writes that made a series, oldest first."""
        return self._existing(self._folder(symbol, timeframe), symbol, timeframe).changes

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
        folder = self._folder(symbol, timeframe)
        span = within(start, end)

        def hashes() -> list[tuple[int, str]]:
            manifest = self._existing(folder, symbol, timeframe)
            found = []
            for year in manifest.years:
                if not touches(year, start, end):
                    continue
                if covers(year, start, end):
                    found.append((year.year, year.content))
                    continue
                rows = folder.get(year.current).filter(span)
                if rows.height:
                    found.append((year.year, content_hash(rows)))
            return found

        return digest([symbol, timeframe, folder.consistent(hashes)])

    def verify(self, symbol: str, timeframe: Timeframe) -> int:
        """Read every file of a series against its hash; return how many; damage is refused."""
        folder = self._folder(symbol, timeframe)

        def count() -> int:
            manifest = self._existing(folder, symbol, timeframe)
            parts = [p for year in manifest.years for p in (year.current, year.history) if p]
            for part in parts:
                folder.get(part)
            return len(parts)

        return folder.consistent(count)

    def _folder(self, symbol: str, timeframe: Timeframe) -> Folder:
        key = (symbol, timeframe)
        if key not in self._folders:
            path = self.root / f"symbol={quote(symbol, safe='')}" / f"timeframe={timeframe}"
            self._folders[key] = Folder(
                path, f"restore it from a copy, or move {path} away and import {symbol} again"
            )
        return self._folders[key]

    def _manifest(self, folder: Folder) -> Manifest | None:
        found = folder.manifest()
        return Manifest.from_json(found) if found else None

    def _info(self, path: Path) -> SeriesInfo | None:
        symbol = unquote(path.parent.name.partition("=")[2])
        folder = self._folder(symbol, Timeframe(path.name.partition("=")[2]))
        manifest = self._manifest(folder)
        return manifest.info(folder.path) if manifest and manifest.rows else None

    def _existing(self, folder: Folder, symbol: str, timeframe: Timeframe) -> Manifest:
        manifest = self._manifest(folder)
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

    def _rows(self, folder: Folder, manifest: Manifest, asked: pl.DataFrame) -> pl.DataFrame:
        """Return the stored rows, with `known_at`, over the span of `asked`."""
        if asked.is_empty():
            return KNOWN_SCHEMA.to_frame()
        start, end = time_at(asked, 0), time_at(asked, -1)
        frames = [
            folder.get(year.current).filter(within(start, end))
            for year in manifest.years
            if touches(year, start, end)
        ]
        return pl.concat(frames) if frames else KNOWN_SCHEMA.to_frame()

    def _version(self, folder: Folder, year: Year, known_at: datetime | None) -> pl.DataFrame:
        current = folder.get(year.current)
        if known_at is None:
            return current.select(COLUMNS)
        moment = utc(known_at, "time at which something was known")
        seen = current.filter(pl.col("known_at") <= moment).select(COLUMNS)
        if not year.history:
            return seen
        then = folder.get(year.history).filter(
            pl.col("known_at") <= moment, pl.col("replaced_at") > moment
        )
        return pl.concat([seen, then.select(COLUMNS)]).sort("time")

    def _grown(self, folder: Folder, manifest: Manifest, year: int, rows: pl.DataFrame) -> Year:
        before = manifest.year(year)
        whole = pl.concat([folder.get(before.current), rows]) if before else rows
        return _written(folder, year, whole, before.history if before else None)

    def _stored_at(
        self, folder: Folder, manifest: Manifest, times: Sequence[datetime]
    ) -> pl.DataFrame:
        """Return the stored bars that closed at `times`."""
        asked = pl.DataFrame({"time": sorted(times)}, schema={"time": BAR_SCHEMA["time"]})
        return (
            self._rows(folder, manifest, asked).select(COLUMNS).join(asked, on="time", how="semi")
        )

    def _corrected(
        self,
        folder: Folder,
        manifest: Manifest,
        year: int,
        rows: pl.DataFrame,
        moment: datetime,
        gone: pl.DataFrame,
    ) -> Year:
        before = manifest.year(year)
        history = before.history if before else None
        current = folder.get(before.current) if before else KNOWN_SCHEMA.to_frame()
        at = pl.lit(moment, KNOWN_SCHEMA["known_at"])
        older = current.join(rows, on="time", how="semi").with_columns(replaced_at=at)
        kept = current.join(rows, on="time", how="anti")
        if older.height:
            if history:
                older = pl.concat([folder.get(history), older]).sort("time", "known_at")
            history = folder.put(f"year={year}", "history", older)
        rows = rows.join(gone, on="time", how="anti")
        if kept.is_empty() and rows.is_empty():
            raise DataError(
                f"{manifest.name}: no bar of {year} would be left; correct fewer at a time"
            )
        whole = pl.concat([kept, rows.with_columns(known_at=at)]).sort("time")
        return _written(folder, year, whole, history)

    def _commit(self, folder: Folder, manifest: Manifest) -> None:
        folder.settle({f"year={year.year}" for year in manifest.years})
        folder.commit(manifest.to_json())


def _shown(path: Path) -> str:
    """Return symbol and timeframe of a series' folder."""
    return f"{unquote(path.parent.name.partition('=')[2])} {path.name.partition('=')[2]}"


def _written(folder: Folder, year: int, rows: pl.DataFrame, history: Part | None) -> Year:
    return Year(
        year=year,
        first=time_at(rows, 0),
        last=time_at(rows, -1),
        content=content_hash(rows),
        current=folder.put(f"year={year}", "bars", rows),
        history=history,
    )
