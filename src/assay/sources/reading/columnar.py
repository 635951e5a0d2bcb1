"""Parquet and Arrow files as tables."""

import io
import mmap
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import polars as pl

from assay.core.errors import DataError
from assay.sources.reading.arrow import Bytes, unpacked_bytes
from assay.sources.reading.size import COLUMNS_TIMES, available_memory, refuse_beyond_memory
from assay.sources.reading.table import Raw, counted

CELL_BYTES = 8
LEAST_BYTES = 12
"""A file of columns is larger than its marks and the length of its footer."""


def read_parquet(source: Path | bytes, name: str) -> Raw:
    """Return the rows of a Parquet file."""

    def read() -> Raw:
        _refuse_unfinished(source, b"PAR1", "Parquet", name)
        place = io.BytesIO(source) if isinstance(source, bytes) else source
        metadata = pl.read_parquet_metadata(place)
        _refuse_long(place, name)
        frame = pl.read_parquet(place, glob=False, hive_partitioning=False)
        return _raw(frame, name, metadata)

    return _read("Parquet", read, name)


def read_arrow(source: Path | bytes, name: str) -> Raw:
    """Return the rows of an Arrow IPC file, which Feather is too."""

    def read() -> Raw:
        _refuse_unfinished(source, b"ARROW1", "Arrow", name)
        _refuse_wrong_lengths(source, name)
        place = io.BytesIO(source) if isinstance(source, bytes) else source
        return _raw(pl.read_ipc(place), name, {})

    return _read("Arrow", read, name)


def _bytes(source: Path | bytes) -> AbstractContextManager[Bytes]:
    """Return the bytes of a file without reading them all, or those that are in memory."""
    if isinstance(source, bytes):
        return nullcontext(source)
    with source.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _refuse_unfinished(source: Path | bytes, mark: bytes, kind: str, name: str) -> None:
    """Refuse a file that was cut off: it lacks the `mark` at its end."""
    with _bytes(source) as data:
        if len(data) < LEAST_BYTES or data[-len(mark) :] != mark:
            raise DataError(f"{name} is a damaged or unfinished {kind} file: it has no end")


def _refuse_wrong_lengths(source: Path | bytes, name: str) -> None:
    """Refuse an Arrow file whose lengths cannot be true, or are more than memory holds."""
    try:
        with _bytes(source) as data:
            size = unpacked_bytes(data)
    except ValueError as error:
        raise DataError(f"{name} is a damaged Arrow file: {error}") from None
    refuse_beyond_memory(name, size, COLUMNS_TIMES, available_memory())


def _refuse_long(place: Path | io.BytesIO, name: str) -> None:
    """Refuse more rows than memory holds, as their number stands in the file."""
    lazy = pl.scan_parquet(place, glob=False, hive_partitioning=False)
    rows = int(lazy.select(pl.len()).collect().item())
    size = rows * len(lazy.collect_schema()) * CELL_BYTES
    refuse_beyond_memory(name, size, COLUMNS_TIMES, available_memory())
    if isinstance(place, io.BytesIO):
        place.seek(0)


def _read(kind: str, read: Callable[[], Raw], name: str) -> Raw:
    try:
        return read()
    except pl.exceptions.PanicException:
        raise DataError(f"{name} is a damaged or unfinished {kind} file") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        said = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise DataError(f"{name} is a damaged or unfinished {kind} file: {said}") from None


def _raw(frame: pl.DataFrame, name: str, metadata: dict[str, str]) -> Raw:
    if not frame.height or not frame.width:
        raise DataError(f"{name} has no rows")
    return Raw(frame, counted(frame.height), "row", frame.height, metadata=metadata, name=name)
