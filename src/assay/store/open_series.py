"""One series as this process has it open: its files, its log, its end."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import polars as pl

from assay.core.clock import utc
from assay.core.values.bars import BAR_SCHEMA
from assay.store.parts import MANIFEST, Folder, Stamp, stamp_of
from assay.store.recent import MOST_ROWS, NAME, Recent, begin, extend, forget, read
from assay.store.rows import KNOWN_SCHEMA, by_year, covers, time_at, touches, within
from assay.store.series import Manifest, Year
from assay.store.years import COLUMNS, grown, version

NO_BARS = BAR_SCHEMA.to_frame()

Stamps: TypeAlias = tuple[Stamp | None, Stamp | None]
"""Of the log and of the manifest: what stays as long as nothing was written."""


class OpenSeries:
    """The folder of a series, and what was last read of it, which is read again once it changed."""

    def __init__(self, path: Path, way_out: str) -> None:
        self.folder = Folder(path, way_out)
        self._paths = path / NAME, path / MANIFEST
        self._log: tuple[Stamp, Recent] | None = None
        self._older: tuple[Stamp | None, int, pl.DataFrame] = (None, 0, NO_BARS)

    def stamps(self) -> Stamps:
        """Return what changes when anything is written."""
        return stamp_of(self._paths[0]), stamp_of(self._paths[1])

    def manifest(self) -> Manifest | None:
        """Return what is stored; the log is read first, for a fold moves rows out of it."""
        recent = self._recent()
        found = self.folder.manifest_and_hash()
        if not found:
            return None
        manifest = Manifest.from_json(found[0])
        return replace(manifest, recent=recent) if recent and recent.base == found[1] else manifest

    def _recent(self) -> Recent | None:
        stamp = stamp_of(self._paths[0])
        if stamp is None:
            return None
        if self._log and self._log[0] == stamp:
            return self._log[1]
        before = self._log[1] if self._log else None
        found = read(self.folder.path, self.folder.way_out, before)
        self._log = (stamp, found) if found else None
        return found

    def commit(self, manifest: Manifest) -> None:
        """Make `manifest` and the files it names the truth."""
        self.folder.settle({f"year={year.year}" for year in manifest.years})
        self.folder.commit(manifest.to_json())

    def folded(self) -> Manifest | None:
        """Return what is stored once the log is part of the years' files; needs the lock."""
        manifest = self.manifest()
        if manifest is None or not manifest.recent:
            return manifest
        rows, change = manifest.recent.rows, manifest.recent.as_change()
        plain = replace(manifest, recent=None)
        years = [grown(self.folder, plain, year, part) for year, part in by_year(rows)]
        self.commit(plain.changed(years, change))
        forget(self.folder.path)
        return self.manifest()

    def log(self, manifest: Manifest, fresh: pl.DataFrame, source: str) -> bool:
        """Write `fresh` (of `KNOWN_SCHEMA`) to the log; False where it does not fit there."""
        recent, path = manifest.recent, self.folder.path
        if recent is None:
            found = self.folder.manifest_and_hash()
            assert found is not None
            recent = begin(path, found[1], source, fresh)
        elif recent.source == source and recent.rows.height + fresh.height <= MOST_ROWS:
            recent = extend(path, recent, fresh)
        else:
            return False
        stamp = stamp_of(path / NAME)
        self._log = (stamp, recent) if stamp else None
        return True

    def bars(
        self,
        manifest: Manifest,
        start: datetime | None,
        end: datetime | None,
        known_at: datetime | None,
    ) -> pl.DataFrame:
        """Return the bars of a span, both ends included, the newest or as they were known."""
        span = within(start, end)

        def is_whole(year: Year) -> bool:
            """Say whether nothing can lie outside; versions of before may where bars were taken."""
            return start is end is None or (known_at is None and covers(year, start, end))

        frames = [
            version(self.folder, year, known_at, None if is_whole(year) else span)
            for year in manifest.years
            if touches(year, start, end)
        ]
        if manifest.recent:
            rows = manifest.recent.rows.filter(span)
            if known_at is not None:
                moment = utc(known_at, "time at which something was known")
                rows = rows.filter(pl.col("known_at") <= moment)
            frames.append(rows.select(COLUMNS))
        return pl.concat(frames) if frames else BAR_SCHEMA.to_frame()

    def rows(self, manifest: Manifest, asked: pl.DataFrame) -> pl.DataFrame:
        """Return the stored rows, with `known_at`, over the span of `asked`."""
        if asked.is_empty():
            return KNOWN_SCHEMA.to_frame()
        start, end = time_at(asked, 0), time_at(asked, -1)
        years = [year for year in manifest.years if touches(year, start, end)]
        span = within(start, end)
        frames = [self.folder.get(year.current, where=span) for year in years]
        if manifest.recent:
            frames.append(manifest.recent.rows.filter(span))
        return pl.concat(frames) if frames else KNOWN_SCHEMA.to_frame()

    def tail(self, manifest: Manifest, rows: int) -> pl.DataFrame:
        """Return the newest `rows` bars; of the years' files what is not at hand is read."""
        recent = manifest.recent.rows[COLUMNS].tail(max(rows, 0)) if manifest.recent else NO_BARS
        missing = max(rows - recent.height, 0)
        stamp = self.stamps()[1]
        if self._older[0] != stamp or self._older[1] < missing:
            self._older = (stamp, missing, self._ends(manifest, missing))
        return self._older[2].tail(missing).vstack(recent)

    def _ends(self, manifest: Manifest, rows: int) -> pl.DataFrame:
        frames: list[pl.DataFrame] = []
        for year in reversed(manifest.years):
            if rows <= 0:
                break
            frames.append(self.folder.tail(year.current, rows, COLUMNS))
            rows -= frames[-1].height
        return pl.concat(reversed(frames)) if frames else BAR_SCHEMA.to_frame()
