"""Rows with a first-seen time, added in any order and read as of any time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.clock import utc
from assay.core.ids import digest
from assay.store.parts import Folder, Part

MOST_PARTS = 24
"""When an addition would make more files than this, all are merged into one."""
MOST_VERSIONS = 256
"""So many answers of `version_until` are kept."""
_EMPTY: Mapping[Any, Any] = {pl.String(): "", pl.Boolean(): False}
"""What a column holds for rows that were written before it was added; else null."""


class SeenLog:
    """An append-only set of rows in Parquet; `schema` has a column `seen_at`, UTC.

    Same discipline as bars: the manifest's rename commits, leftovers do not exist.
    """

    def __init__(self, path: Path, schema: pl.Schema, order: list[str], way_out: str) -> None:
        self._folder = Folder(path, way_out)
        self._schema = schema
        self._order = order
        self._versions: dict[tuple[str, datetime], str] = {}

    def add(self, rows: pl.DataFrame, fresh: Callable[[pl.DataFrame], pl.DataFrame]) -> int:
        """Store what `fresh(stored)` leaves of new rows; return how many.

        `fresh` sees everything stored, in order, while nobody else can write; an error in it
        leaves the store as it was.
        """
        if rows.is_empty():
            return 0
        with self._folder.writing():
            manifest = self._folder.manifest()
            if manifest is None:
                manifest = {"parts": []}
                self._folder.commit(manifest)
            stored = self._load(manifest["parts"])
            new = fresh(stored).sort(self._order)
            if new.is_empty():
                return 0
            parts = manifest["parts"]
            if len(parts) >= MOST_PARTS:
                parts, new_part = [], pl.concat([stored, new]).sort(self._order)
            else:
                new_part = new
            added = {
                "first_seen": new_part["seen_at"].min(),
                "last_seen": new_part["seen_at"].max(),
                "part": _as_json(self._folder.put("", "rows", new_part)),
            }
            self._folder.settle(set())
            self._folder.commit({"parts": [*parts, added]})
            return new.height

    def read(self, until: datetime | None = None, since: datetime | None = None) -> pl.DataFrame:
        """Return the rows first seen from `since` to `until`, both included, in order."""

        def rows() -> pl.DataFrame:
            manifest = self._folder.manifest() or {"parts": []}
            return self._load(
                [entry for entry in manifest["parts"] if _touches(entry, since, until)]
            )

        found = self._folder.consistent(rows)
        if until is not None:
            found = found.filter(pl.col("seen_at") <= utc(until, "last first-seen time"))
        if since is not None:
            found = found.filter(pl.col("seen_at") >= utc(since, "earliest first-seen time"))
        return found

    def read_by_parts(
        self, made: Callable[[pl.DataFrame], pl.DataFrame], kept: dict[str, pl.DataFrame]
    ) -> pl.DataFrame:
        """Return what `made` leaves of every part, in order; for questions about single rows.

        What was made of a part is in `kept`, by the part's hash, and not made again; of parts that
        are no more it is let go.
        """

        def rows() -> pl.DataFrame:
            entries = (self._folder.manifest() or {"parts": []})["parts"]
            parts = [Part(**entry["part"]) for entry in entries]
            for gone in kept.keys() - {part.sha256 for part in parts}:
                del kept[gone]
            found = []
            for part in parts:
                if part.sha256 not in kept:
                    kept[part.sha256] = made(self._whole(self._folder.get(part)))
                found.append(kept[part.sha256])
            return pl.concat(found).sort(self._order) if found else made(self._schema.to_frame())

        return self._folder.consistent(rows)

    @property
    def version(self) -> str:
        """Return what changes whenever something is stored."""
        found = self._folder.manifest_and_hash()
        return found[1] if found else digest(None)  # the manifest's own hash is its digest

    def version_until(self, moment: datetime) -> str:
        """Return what changes when a row is stored that was seen by `moment`, and now and then."""
        found = self._folder.manifest_and_hash()
        key = found[1] if found else "", moment
        version = self._versions.get(key)
        if version is None:
            parts = found[0]["parts"] if found else []
            version = digest([part["part"] for part in parts if _touches(part, None, moment)])
            if len(self._versions) >= MOST_VERSIONS:
                self._versions.clear()
            self._versions[key] = version
        return version

    def _load(self, entries: list[dict[str, Any]]) -> pl.DataFrame:
        frames = [self._whole(self._folder.get(Part(**entry["part"]))) for entry in entries]
        if not frames:
            return self._schema.to_frame()
        return frames[0] if len(frames) == 1 else pl.concat(frames).sort(self._order)

    def _whole(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows of an older version with the columns that were added since."""
        lacking = {name: kind for name, kind in self._schema.items() if name not in frame.columns}
        if not lacking:
            return frame
        added = [pl.lit(_EMPTY.get(kind), kind).alias(name) for name, kind in lacking.items()]
        return frame.with_columns(added).select(list(self._schema))


def _as_json(part: Part) -> dict[str, Any]:
    return {"file": part.file, "sha256": part.sha256, "bytes": part.bytes, "rows": part.rows}


def _touches(entry: dict[str, Any], since: datetime | None, until: datetime | None) -> bool:
    first, last = (datetime.fromisoformat(entry[key]) for key in ("first_seen", "last_seen"))
    return (until is None or first <= utc(until)) and (since is None or last >= utc(since))
