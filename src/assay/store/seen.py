"""Rows with a first-seen time, added in any order and read as of any time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from assay.core.calendars.table import micro, micros
from assay.core.clock import utc
from assay.core.ids import digest
from assay.store.parts import Folder, Part

MOST_PARTS = 24
"""When there are so many files, the newest are merged into one before another is added: half of
them and on, up to one that is larger than all after it, so that it is not written ever again."""
_EMPTY: Mapping[Any, Any] = {pl.String(): "", pl.Boolean(): False}
"""What a column holds for rows that were written before it was added; else null."""

Apart: TypeAlias = Callable[[pl.DataFrame], Mapping[str | None, pl.DataFrame]]
"""Gives rows by what they are about, in their order; under None what is about everything."""
Mark: TypeAlias = tuple[object, int]
"""What rows are known by: with the same first and more of the second they only went on."""
_NO_VERSION = digest(None)
_ANEW = -1


class SeenLog:
    """An append-only set of rows in Parquet; `schema` has a column `seen_at`, UTC.

    Same discipline as bars: the manifest's rename commits, leftovers do not exist.
    """

    def __init__(self, path: Path, schema: pl.Schema, order: list[str], way_out: str) -> None:
        self._folder = Folder(path, way_out)
        self._schema = schema
        self._order = order

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
            parts = manifest["parts"]
            new = fresh(self._load(parts)).sort(self._order)
            if new.is_empty():
                return 0
            if len(parts) >= MOST_PARTS:
                parts = self._merged(parts)
            parts = [*parts, self._put(new)]
            self._folder.settle(set())
            self._folder.commit({"parts": parts})
            return new.height

    def _merged(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the entries with the newest in one, which says `of` which parts it is made."""
        taken, rows = 0, 0
        for entry in reversed(entries):
            size = entry["part"]["rows"]
            if taken >= max(2, len(entries) // 2) and size > rows:
                break
            taken, rows = taken + 1, rows + size
        kept, newest = entries[:-taken], entries[-taken:]
        whole = self._put(self._load(newest))
        return [*kept, {**whole, "of": [entry["part"]["sha256"] for entry in newest]}]

    def _put(self, rows: pl.DataFrame) -> dict[str, Any]:
        """Write a part and return its entry of the manifest."""
        return {
            "first_seen": rows["seen_at"].min(),
            "last_seen": rows["seen_at"].max(),
            "part": _as_json(self._folder.put("", "rows", rows)),
        }

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

    def parts(self, known: Collection[str]) -> tuple[str, list["Read"]]:
        """Return the version, and every part; those `known`, by their hashes, are not read."""

        def rows() -> tuple[str, list[Read]]:
            manifest, version = self._folder.manifest_and_hash() or ({"parts": []}, _NO_VERSION)
            return version, [self._read(entry, known) for entry in manifest["parts"]]

        return self._folder.consistent(rows)

    def _read(self, entry: dict[str, Any], known: Collection[str]) -> "Read":
        part = Part(**entry["part"])
        of = [part.sha256] if part.sha256 in known else entry.get("of", [])
        if of and all(one in known for one in of):
            return Read(part.sha256, tuple(of), None)
        return Read(part.sha256, (), self._whole(self._folder.get(part)))

    def in_order(self, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Return the rows of frames, each of them in order, as one that is."""
        filled = [frame for frame in frames if len(frame)] or frames[:1]
        if len(filled) == 1:
            return filled[0]
        whole = pl.concat(filled, rechunk=True)
        is_sorted = all(_follows(one, other) for one, other in pairwise(filled))
        return whole if is_sorted else whole.sort(self._order)

    @property
    def version(self) -> str:
        """Return what changes whenever something is stored."""
        found = self._folder.manifest_and_hash()
        return found[1] if found else _NO_VERSION  # the manifest's own hash is its digest

    def _load(self, entries: list[dict[str, Any]]) -> pl.DataFrame:
        frames = [self._whole(self._folder.get(Part(**entry["part"]))) for entry in entries]
        return self.in_order(frames) if frames else self._schema.to_frame()

    def _whole(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows of an older version with the columns that were added since."""
        lacking = {name: kind for name, kind in self._schema.items() if name not in frame.columns}
        if not lacking:
            return frame
        added = [pl.lit(_EMPTY.get(kind), kind).alias(name) for name, kind in lacking.items()]
        return frame.with_columns(added).select(list(self._schema))


@dataclass(frozen=True, slots=True)
class Read:
    """A part of a log by its hash: its `rows`, or `of` which parts that are known it is made."""

    sha256: str
    of: tuple[str, ...]
    rows: pl.DataFrame | None


@dataclass(slots=True)
class _Known:
    """The rows about a subject, made of so many pieces, and those of them that count.

    `root` is another object once rows that counted are no longer there, or others stand among them.
    """

    rows: pl.DataFrame
    counting: pl.DataFrame
    pieces: int = _ANEW
    root: object = field(default_factory=object)

    def mark(self, moment: datetime | None) -> Mark:
        """Return what is another once the rows that count and were seen by `moment` are."""
        if moment is None:
            return self.root, len(self.counting)
        seen = micros(self.counting["seen_at"])
        return self.root, int(seen.searchsorted(micro(moment), "right"))


class BySubject:
    """The rows of a log by what they are about, kept in memory: a part of it is read once.

    What is known of a subject stays the very same frame until something about it is stored. `none`
    is a frame without rows; `counting` leaves of all rows about a subject those that count.
    """

    def __init__(
        self,
        log: SeenLog,
        apart: Apart,
        none: pl.DataFrame,
        counting: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    ) -> None:
        self._log, self._apart, self._none, self._counting = log, apart, none, counting
        self._version = ""
        self._parts: list[str] = []
        self._pieces: list[dict[str | None, pl.DataFrame]] = []
        self._known: dict[str, _Known] = {}

    def about(self, subject: str) -> pl.DataFrame:
        """Return the rows about a subject, those about everything too, in order."""
        self._read_on()
        return self._now(subject).counting

    def marks(self, subjects: Iterable[str], moment: datetime | None = None) -> list[Mark]:
        """Return for each subject what is another once its rows that were seen by `moment` are."""
        self._read_on()
        return [self._now(subject).mark(moment) for subject in subjects]

    def _now(self, subject: str) -> _Known:
        known = self._known.get(subject)
        if known is None:
            known = self._known[subject] = _Known(self._none, self._none)
        if known.pieces != len(self._pieces):
            self._bring_up(known, subject)
        return known

    def _bring_up(self, known: _Known, subject: str) -> None:
        fresh = self._taken(subject, max(known.pieces, 0))
        if known.pieces == _ANEW:
            rows = _with_own_texts(self._log.in_order([self._none, *fresh]))
            is_kept = _goes_on(known.rows, rows)
        else:
            rows = self._log.in_order([known.rows, *fresh])
            is_kept = all(_follows(known.rows, one) for one in fresh)
        known.pieces = len(self._pieces)
        if is_kept and len(rows) == len(known.rows):
            return
        counted, known.rows = known.counting, rows
        known.counting = self._counting(rows) if self._counting else rows
        if not is_kept or (self._counting and not _goes_on(counted, known.counting)):
            known.root = object()

    def _taken(self, subject: str, start: int) -> list[pl.DataFrame]:
        """Return the pieces about a subject; those about it alone are let go, nobody else asks."""
        found = []
        for pieces in self._pieces[start:]:
            if subject in pieces:
                found.append(pieces.pop(subject))
            if None in pieces:
                found.append(pieces[None])
        return found

    def _read_on(self) -> None:
        """Read the parts that are new; where others are no more, all are gone through again."""
        if self._log.version == self._version:
            return
        version, parts = self._log.parts(self._parts)
        if [one for part in parts for one in part.of] != self._parts:
            version, parts = self._log.parts(())
            self._pieces = []
            for known in self._known.values():
                known.pieces = _ANEW
        elif any(len(part.of) > 1 for part in parts):
            self._put_together()
        self._parts = [part.sha256 for part in parts]
        self._pieces += [dict(self._apart(part.rows)) for part in parts if part.rows is not None]
        self._version = version

    def _put_together(self) -> None:
        """Make one of the pieces that are left, when the log did so, for they would be ever more.

        What is known has taken its own out of them.
        """
        for subject, known in self._known.items():
            if known.pieces not in (_ANEW, len(self._pieces)):
                self._bring_up(known, subject)
        found: dict[str | None, list[pl.DataFrame]] = {}
        for pieces in self._pieces:
            for about, rows in pieces.items():
                found.setdefault(about, []).append(rows)
        self._pieces = [{about: self._log.in_order(rows) for about, rows in found.items()}]
        for known in self._known.values():
            known.pieces = 1 if known.pieces != _ANEW else _ANEW


def seen_between(
    rows: pl.DataFrame, since: datetime | None, until: datetime | None
) -> pl.DataFrame:
    """Return those of rows in order that were seen from `since` to `until`, both included.

    Where these are all it is the same frame.
    """
    seen = micros(rows["seen_at"])
    first = 0 if since is None else int(seen.searchsorted(micro(since), "left"))
    last = seen.size if until is None else int(seen.searchsorted(micro(until), "right"))
    return rows if last - first == seen.size else rows.slice(first, max(last - first, 0))


def _with_own_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with copies of their texts, which else hold on to those of the whole part."""
    return rows.with_columns(pl.col(pl.String) + "")


def _goes_on(before: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Say whether `now` is `before` with later rows behind it."""
    known = len(before)
    return now.head(known).equals(before) and _follows(before, now[known:])


def _follows(before: pl.DataFrame, later: pl.DataFrame) -> bool:
    """Say whether all of `later` was seen after all of `before`; both are in order."""
    if not (len(before) and len(later)):
        return True
    return bool(later["seen_at"][0] > before["seen_at"][-1])


def _as_json(part: Part) -> dict[str, Any]:
    return {"file": part.file, "sha256": part.sha256, "bytes": part.bytes, "rows": part.rows}


def _touches(entry: dict[str, Any], since: datetime | None, until: datetime | None) -> bool:
    first, last = (datetime.fromisoformat(entry[key]) for key in ("first_seen", "last_seen"))
    return (until is None or first <= utc(until)) and (since is None or last >= utc(since))
