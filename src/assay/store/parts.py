"""A folder of Parquet files and the manifest that says which of them count."""

import contextlib
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import polars as pl

from assay.core.errors import StoreError
from assay.core.ids import digest, plain
from assay.store.files import (
    cannot_write,
    locked,
    read_bytes,
    settle_folder,
    size_and_hash,
    write_atomic,
)

FORMAT = 1
MANIFEST = "manifest.json"
ROWS_PER_GROUP = 65_536
"""As many as are read fast; the tail of a long file is read without the rest of it."""
_TRIES = 5
_TRY_AGAIN_SECONDS = 0.002

Stamp: TypeAlias = tuple[int, int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: its path inside the folder, the SHA-256 of its bytes, its size."""

    file: str
    sha256: str
    bytes: int
    rows: int


def stamp_of(path: Path) -> Stamp | None:
    """Return what changes when a file is another or is written to; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - asked hundreds of times for a signal
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


class PartVanishedError(StoreError):
    """A file that the manifest names is not there; a newer manifest may not name it any more."""


class Folder:
    """Parquet parts under one manifest; renaming the manifest is what commits a write.

    A file the manifest does not name does not exist: leftovers of a killed write are never read,
    and the next write removes them. Writers hold `writing`; readers need nothing. `way_out` ends
    the sentences about damage: what a person can do.
    """

    def __init__(self, path: Path, way_out: str) -> None:
        self.path = path
        self.way_out = way_out
        self._verified: dict[str, tuple[str, int, int]] = {}
        self._manifest: tuple[Stamp, dict[str, Any], str] | None = None

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder's lock; at the end remove what the committed manifest does not name."""
        with self.locked():
            try:
                yield
            finally:
                self._sweep()

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Hold the folder's lock, for a write that leaves the files as they are."""
        return locked(self.path / ".lock")

    def manifest(self) -> dict[str, Any] | None:
        """Return the manifest, checked against its own hash; None if nothing was ever written."""
        found = self.manifest_and_hash()
        return found[0] if found else None

    def manifest_and_hash(self) -> tuple[dict[str, Any], str] | None:
        """Return the manifest, not to be altered, and its hash; parsed once while it stays."""
        path = self.path / MANIFEST
        stamp = stamp_of(path)
        if stamp is not None and self._manifest and self._manifest[0] == stamp:
            return self._manifest[1:]
        found = self._read_manifest(path)
        self._manifest = (stamp, *found) if found and stamp else None
        return found

    def _read_manifest(self, path: Path) -> tuple[dict[str, Any], str] | None:
        try:
            content = read_bytes(path)
        except FileNotFoundError:
            if any(self.path.rglob("*.parquet")):
                raise StoreError(
                    f"{path} is missing, but its data are there; {self.way_out}"
                ) from None
            return None
        try:
            found = json.loads(content)
            said = found.pop("sha256")
            format_number = found["format"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"{path} is damaged (no manifest can be read); {self.way_out}"
            ) from error
        if said != digest(found):
            raise StoreError(f"{path} is damaged (its hash does not match); {self.way_out}")
        if format_number != FORMAT:
            raise StoreError(
                f"{path} has the format {format_number}, but this version reads {FORMAT}; "
                "use the version of Assay that wrote it"
            )
        assert isinstance(found, dict)
        return found, str(said)

    def commit(self, manifest: Mapping[str, Any]) -> None:
        """Make `manifest` the truth; the files it names must have been `put` already."""
        whole = plain({"format": FORMAT, **manifest})
        text = json.dumps(
            {**whole, "sha256": digest(whole)}, indent=1, ensure_ascii=False, sort_keys=True
        )
        write_atomic(self.path / MANIFEST, text.encode())

    def put(self, subfolder: str, stem: str, frame: pl.DataFrame) -> Part:
        """Write `frame` as a new file named by its content; it counts once it is committed."""
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="lz4", row_group_size=ROWS_PER_GROUP)
        content = buffer.getvalue()
        sha = hashlib.sha256(content).hexdigest()
        file = (
            f"{subfolder}/{stem}-{sha[:16]}.parquet" if subfolder else f"{stem}-{sha[:16]}.parquet"
        )
        write_atomic(self.path / file, content, settle=False)
        return Part(file, sha, len(content), frame.height)

    def settle(self, subfolders: set[str]) -> None:
        """Make the new files' names durable, before the manifest that names them."""
        try:
            for name in sorted(subfolders):
                settle_folder(self.path / name)
            settle_folder(self.path)
        except OSError as error:
            raise StoreError(cannot_write(self.path, error)) from error

    def get(
        self, part: Part, columns: list[str] | None = None, where: pl.Expr | None = None
    ) -> pl.DataFrame:
        """Return the whole of `part`, or some of its columns, or the rows that fit a condition.

        Its hash is checked the first time this object meets it and again whenever the file's size
        or time of change is another: on the bytes that are parsed, or before rows are looked for.
        Then groups of rows of which none fits are not parsed, and the file is never in memory as a
        whole: a short span of a long file costs little.
        """
        path = self.path / part.file
        known_good = self._known_good(path, part)
        if where is not None:
            if not known_good:
                self._check(path, part)
            lazy = pl.scan_parquet(path).filter(where).select(columns or pl.all())
            return self._parsed(path, lazy.collect)
        if known_good:
            return self._parsed(path, lambda: pl.read_parquet(path, columns=columns))
        found = self.checked(part)
        return found.select(columns) if columns else found

    def checked(self, part: Part) -> pl.DataFrame:
        """Return the whole of `part`, its hash checked now."""
        path = self.path / part.file
        try:
            content = read_bytes(path)
        except FileNotFoundError:
            raise self._vanished(path) from None
        if len(content) != part.bytes or hashlib.sha256(content).hexdigest() != part.sha256:
            raise self._damaged(path)
        self._remember(path, part)
        return self._parsed(path, lambda: pl.read_parquet(content))

    def _check(self, path: Path, part: Part) -> None:
        """Check the hash of `part` now, with little of the file in memory at a time."""
        try:
            size, sha = size_and_hash(path)
        except FileNotFoundError:
            raise self._vanished(path) from None
        if size != part.bytes or sha != part.sha256:
            raise self._damaged(path)
        self._remember(path, part)

    def tail(self, part: Part, rows: int, columns: list[str]) -> pl.DataFrame:
        """Return the last `rows` rows of `part`, reading little of it.

        The hash of the whole file is checked the first time this object meets it, and again
        whenever its size or its time of change is another.
        """
        path = self.path / part.file
        if not self._known_good(path, part):
            return self.get(part).select(columns).tail(rows)
        rows = min(rows, part.rows)
        lazy = pl.scan_parquet(path, parallel="none").select(columns)
        return self._parsed(path, lambda: lazy.slice(part.rows - rows, rows).collect())

    def consistent(self, read: Callable[[], T]) -> T:
        """Return `read()`, which opens the manifest; again where a writer was quicker."""
        for _ in range(_TRIES - 1):
            try:
                return read()
            except PartVanishedError:
                time.sleep(_TRY_AGAIN_SECONDS)
        return read()

    def _sweep(self) -> None:
        """Remove replaced parts and leftovers of killed writes; nothing where in doubt."""
        with contextlib.suppress(StoreError):
            named = set(_named(self.manifest()))
            for pattern in ("*.parquet", ".*.tmp"):
                for path in self.path.rglob(pattern):
                    if path.relative_to(self.path).as_posix() not in named:
                        with contextlib.suppress(OSError):  # a reader may hold it: next time
                            path.unlink()

    def _damaged(self, path: Path) -> StoreError:
        """Return the error for a file whose content is not what was written."""
        return StoreError(f"{path} is damaged (its SHA-256 does not match); {self.way_out}")

    def _vanished(self, path: Path) -> PartVanishedError:
        return PartVanishedError(f"{path} is missing; {self.way_out}")

    def _parsed(self, path: Path, read: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        try:
            return read()
        except FileNotFoundError:
            raise self._vanished(path) from None
        except (pl.exceptions.PolarsError, OSError) as error:
            raise StoreError(f"{path} is damaged (not readable); {self.way_out}") from error

    def _remember(self, path: Path, part: Part) -> None:
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            self._verified[part.file] = (part.sha256, status.st_size, status.st_mtime_ns)

    def _known_good(self, path: Path, part: Part) -> bool:
        try:
            status = path.stat()
        except FileNotFoundError:
            raise self._vanished(path) from None
        return self._verified.get(part.file) == (
            part.sha256,
            status.st_size,
            status.st_mtime_ns,
        )


def _named(manifest: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield every file that a manifest names, wherever it stands in it."""
    if isinstance(manifest, dict):
        if isinstance(manifest.get("file"), str):
            yield manifest["file"]
        manifest = list(manifest.values())
    if isinstance(manifest, list):
        for item in manifest:
            yield from _named(item)
