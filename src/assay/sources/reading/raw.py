"""Read a file as it stands: every row with its number, nothing interpreted."""

import bz2
import gzip
import json
import lzma
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path

from assay.core.errors import DataError, NotFoundError
from assay.sources.reading.archive import opened_archive
from assay.sources.reading.columnar import read_arrow, read_parquet
from assay.sources.reading.content import read_content, read_text
from assay.sources.reading.kinds import HEAD_BYTES, Kind, kind_of
from assay.sources.reading.size import (
    COLUMNS_TIMES,
    TEXT_TIMES,
    available_memory,
    refuse_beyond_memory,
    refuse_long_text,
    unpacked,
)
from assay.sources.reading.table import Raw

__all__ = ["Raw", "pandas_index", "read_raw", "read_tables"]

OPENERS: Mapping[Kind, Callable[[Path], BufferedIOBase]] = {
    Kind.GZIP: gzip.GzipFile,
    Kind.BZIP2: bz2.BZ2File,
    Kind.XZ: lzma.LZMAFile,
}


def read_tables(path: Path) -> Iterator[Raw]:
    """Yield every table of the file at `path`, one at a time: a zip archive may hold several.

    Parquet, Arrow (Feather), CSV and JSON, the last two also packed with gzip, bzip2 or xz, or in
    a zip archive; told apart by their first bytes. `NotFoundError` where there is no file,
    `DataError` where it is not readable as any of them, or too large to be.
    """
    kind, size = _kind(path)
    if kind is Kind.ZIP:
        yield from opened_archive(path).tables()
    else:
        yield _only(path, kind, size)


def read_raw(path: Path) -> Raw:
    """Return the only table of the file at `path`; see `read_tables`. Several are refused."""
    kind, size = _kind(path)
    return opened_archive(path).only() if kind is Kind.ZIP else _only(path, kind, size)


def _kind(path: Path) -> tuple[Kind, int]:
    """Return what the file is and its size in bytes."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise NotFoundError(f"{path} is a folder; name one file in it")
        if not stat.S_ISREG(found.st_mode):
            raise DataError(f"{path} is a device or a pipe; save what it says as a file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (FileNotFoundError, ValueError):
        raise NotFoundError(f"There is no file at {path}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    if not head:
        raise DataError(f"{path} is empty")
    return kind_of(head, str(path), path.suffix), found.st_size


def _only(path: Path, kind: Kind, size: int) -> Raw:
    name = str(path)
    if kind in OPENERS:
        return read_content(_unpacked(path, kind, size), name)
    if kind is Kind.TEXT:
        refuse_long_text(name, size)
        refuse_beyond_memory(name, size, TEXT_TIMES, available_memory())
        return read_text(_content(path), name)
    refuse_beyond_memory(name, size, COLUMNS_TIMES, available_memory())
    return read_parquet(path, name) if kind is Kind.PARQUET else read_arrow(path, name)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None


def _unpacked(path: Path, kind: Kind, size: int) -> bytes:
    try:
        with OPENERS[kind](path) as stream:
            return unpacked(stream, size, str(path))
    except EOFError:
        raise DataError(
            f"{path} is cut off: its {kind.value} stream has no end; fetch it again"
        ) from None
    except (OSError, zlib.error, lzma.LZMAError) as error:
        raise DataError(f"{path} is damaged: {error}; fetch it again") from None


def pandas_index(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns that were the index of the pandas frame a Parquet file was made from."""
    try:
        named = json.loads(metadata.get("pandas", "{}")).get("index_columns", [])
    except (ValueError, AttributeError, RecursionError):
        return ()
    return tuple(name for name in named if isinstance(name, str))
