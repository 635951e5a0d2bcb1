"""Zip archives: which of their members are tables, and what may not be unpacked."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.cells import MOSTLY_DATA
from assay.sources.reading.content import read_content
from assay.sources.reading.size import MOST_BYTES, refuse_bomb, refuse_long_text, unpacked
from assay.sources.reading.table import Raw, listed, shortened

TABLES = frozenset(
    {".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".feather", ".arrow"}
)
DOUBTFUL = frozenset({".txt", ".dat", ".prn", ".asc", ".log", ""})
"""Members so called are tables if they begin as one; a report of gaps does not."""
ARCHIVES = frozenset({".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz"})
MOST_MEMBERS = 10_000
SNIFFED_BYTES = 64 * 1024
ENCRYPTED = 0x1
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
)


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive: its members that are tables, and a note for each of the others."""

    path: Path
    members: tuple[zipfile.ZipInfo, ...]
    skipped: tuple[Note, ...]

    def tables(self) -> Iterator[Raw]:
        """Yield the table of each member; only one is in memory at a time."""
        for member in self.members:
            name = f"{self.path}: {shortened(member.filename, 200)}"
            with _opened(self.path) as archive, archive.open(member) as stream:
                content = unpacked(stream, member.compress_size, name)
            raw = read_content(content, name)
            yield replace(raw, notes=(*self.skipped, *raw.notes))

    def only(self) -> Raw:
        """Return the table of the only member; `DataError` names several."""
        if len(self.members) > 1:
            names = listed([member.filename for member in self.members])
            raise DataError(
                f"{self.path} holds {len(self.members):,} tables ({names}) where one is expected; "
                "unpack it and import them one by one"
            )
        return next(self.tables())


def opened_archive(path: Path) -> Archive:
    """Return what a zip archive holds, after a look at every name and nothing else unpacked.

    `DataError` where it is damaged, encrypted, a spreadsheet, a bomb, holds an archive or no table,
    or a name that leads out of its folder.
    """
    with _opened(path) as archive:
        every = archive.infolist()
        _refuse_documents(archive, every, path)
        files = [member for member in every if not _is_ignored(member)]
    _refuse_unsafe(files, path)
    doubtful = [member for member in files if _suffix(member) in DOUBTFUL]
    tables = [member for member in files if _suffix(member) in TABLES or _is_table(path, member)]
    if not tables and len(doubtful) == 1:
        tables = doubtful  # what is wrong with it is better said than that nothing was found
    if not tables:
        held = listed([member.filename for member in files]) or "nothing"
        raise DataError(f"{path} is a zip archive without a table; it holds {held}")
    notes = tuple(
        Note("skipped_member", f"{shortened(member.filename)} in the archive is no table of bars")
        for member in files
        if member not in tables
    )
    return Archive(path, tuple(tables), notes)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except NotImplementedError as error:
        raise DataError(
            f"{path} is a zip archive packed in a way that is not read: {error}; unpack it"
        ) from None
    except RuntimeError as error:
        raise DataError(f"{path} cannot be unpacked: {error}") from None
    except DAMAGE as error:
        said = shortened(str(error)) or "it ends too early"
        raise DataError(f"{path} is a damaged zip archive: {said}; fetch it again") from None


def _refuse_documents(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], path: Path
) -> None:
    names = {member.filename for member in members}
    office = "[Content_Types].xml" in names
    if "mimetype" in names:
        with archive.open("mimetype") as stream:
            office = office or stream.read(100).startswith(b"application/vnd")
    if office:
        raise DataError(f"{path} is a spreadsheet or another Office file; save it as CSV")


def _is_ignored(member: zipfile.ZipInfo) -> bool:
    """Say whether a member is a folder or what macOS keeps beside the files."""
    parts = PurePosixPath(member.filename).parts
    return member.is_dir() or "__MACOSX" in parts or not parts or parts[-1].startswith("._")


def _refuse_unsafe(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > MOST_MEMBERS:
        raise DataError(f"{path} holds {len(members):,} files; unpack it and import what you need")
    for member in members:
        said = f"{path}: {shortened(member.filename)}"
        if member.flag_bits & ENCRYPTED:
            raise DataError(f"{said} is protected by a password; unpack the archive first")
        plain = PurePosixPath(member.filename.replace("\\", "/"))
        if plain.is_absolute() or ".." in plain.parts or ":" in plain.parts[0]:
            raise DataError(f"{said} is a name that leads out of the archive; fetch it elsewhere")
        if plain.suffix.lower() in ARCHIVES:
            raise DataError(f"{said} is an archive in an archive; unpack the outer one")
        refuse_bomb(said, member.file_size, member.compress_size)
    refuse_long_text(str(path), sum(member.file_size for member in members), MOST_BYTES)


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _is_table(path: Path, member: zipfile.ZipInfo) -> bool:
    """Say whether a doubtful member begins as a table does."""
    if _suffix(member) not in DOUBTFUL:
        return False
    with _opened(path) as archive, archive.open(member) as stream:
        head = stream.read(SNIFFED_BYTES)
    if len(head) == SNIFFED_BYTES and head[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        head = head[: head.rfind(b"\n") + 1]
    if head.lstrip()[:1] in {b"[", b"{"}:
        return True
    try:
        raw = read_content(head, member.filename)
    except DataError:
        return False
    return len(raw.ragged) * 2 <= raw.rows and any(
        _holds_data(column) for column in raw.frame.iter_columns()
    )


def _holds_data(column: pl.Series) -> bool:
    filled = column.len() - column.null_count()
    if column.dtype != pl.String:
        return True
    return filled > 0 and int(column.str.contains(MOSTLY_DATA).sum()) * 2 > filled
