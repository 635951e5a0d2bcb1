"""The newest bars of a series, in a log: one more bar is one short write that survives a power cut.

A log extends one manifest, which its head names by its hash; under any other it does not count, for
what it held was folded in. So a reader looks at the log first and at the manifest then: in between
rows may only move from the one to the other.
"""

import contextlib
import json
import os
import struct
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from assay.core.calendars.table import micro
from assay.core.errors import StoreError
from assay.store.files import cannot_write, read_bytes, write_atomic
from assay.store.rows import KNOWN_SCHEMA, time_at
from assay.store.series import Change

NAME = "recent.log"
MOST_ROWS = 1_024
"""When so many are in the log, they are folded into the year's file."""
MOST_PIECES = 16
"""Of a frame that grows bar by bar; then it is put in one piece."""
MOST_AT_ONCE = 64
"""More bars than these in one call are written to the year's file at once."""
_BODY = struct.Struct("<q5dqI")
_TAIL = struct.Struct("<II")
_RECORD = np.dtype(
    [
        ("time", "<i8"),
        *((name, "<f8") for name in list(KNOWN_SCHEMA)[1:-1]),
        ("known_at", "<i8"),
        ("more", "<u4"),  # how many bars of the same write follow
        ("crc", "<u4"),
        ("number", "<u4"),  # from 1 on, so that a record never ends in zeros
    ]
)


@dataclass(frozen=True, slots=True)
class Recent:
    """What a log holds: `rows` of `KNOWN_SCHEMA` after those of the manifest with the hash `base`.

    `source` is where all of them come from; `size` is how many bytes of the file count.
    """

    base: str
    source: str
    rows: pl.DataFrame
    size: int

    @property
    def last(self) -> datetime:
        """Return the close of the last bar."""
        return time_at(self.rows, -1)

    @property
    def known_at(self) -> datetime:
        """Return when the last bar became known."""
        return time_at(self.rows, -1, "known_at")

    def as_change(self) -> Change:
        """Return the write that put them there."""
        first, last = time_at(self.rows, 0), self.last
        return Change("append", self.rows.height, first, last, self.known_at, self.source, None)


def begin(folder: Path, base: str, source: str, rows: pl.DataFrame) -> Recent:
    """Write a log with its first rows, whole or not at all, in place of one that counts no more."""
    head = json.dumps({"format": 1, "base": base, "source": source}).encode() + b"\n"
    content = head + _packed(rows, 0)
    write_atomic(folder / NAME, content)
    return Recent(base, source, rows, len(content))


def extend(folder: Path, recent: Recent, rows: pl.DataFrame) -> Recent:
    """Write more rows behind those that count, and return when they are on the disk.

    What a killed or failed write left behind them is overwritten.
    """
    path = folder / NAME
    content = _packed(rows, recent.rows.height)
    try:
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
        try:
            _written(handle, content, recent.size)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(cannot_write(path, error)) from error
    return replace(recent, rows=_grown(recent.rows, rows), size=recent.size + len(content))


def read(folder: Path, way_out: str, before: Recent | None = None) -> Recent | None:
    """Return what the log holds, None where there is none; damage is a `StoreError`.

    Rows that a kill cut short never counted: they are passed over. `before` is what was read of it
    last: of the same log only what came since is parsed.
    """
    path = folder / NAME
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        return None
    head, line, _ = content.partition(b"\n")
    size = len(head) + len(line)
    try:
        said = json.loads(head)
        base, source = str(said["base"]), str(said["source"])
        if said["format"] != 1:
            raise ValueError(said["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is damaged (no head can be read); {way_out}") from error
    if before and (before.base, before.source) == (base, source) and len(content) >= before.size:
        rows, size = before.rows, before.size
    else:
        rows = KNOWN_SCHEMA.to_frame()
    more, wrong = _parsed(content[size:], rows.height)
    if wrong:
        raise StoreError(f"{path} is damaged (bar {wrong} fails its checksum); {way_out}")
    whole = _grown(rows, more) if more.height else rows
    return Recent(base, source, whole, size + more.height * _RECORD.itemsize)


def _grown(rows: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    whole = rows.vstack(more)
    return whole.rechunk() if whole.n_chunks() > MOST_PIECES else whole


def forget(folder: Path) -> None:
    """Remove the log; where that fails it counts no more all the same."""
    with contextlib.suppress(OSError):
        (folder / NAME).unlink(missing_ok=True)


def _written(handle: int, content: bytes, at: int) -> None:
    if os.fstat(handle).st_size > at:
        os.ftruncate(handle, at)
    os.lseek(handle, at, os.SEEK_SET)
    done = 0
    while done < len(content):
        done += os.write(handle, content[done:])
    getattr(os, "fdatasync", os.fsync)(handle)


def _packed(rows: pl.DataFrame, before: int) -> bytes:
    found = bytearray()
    for place, row in enumerate(rows.iter_rows(), 1):
        body = _BODY.pack(micro(row[0]), *row[1:-1], micro(row[-1]), rows.height - place)
        found += body + _TAIL.pack(zlib.crc32(body, before + place), before + place)
    return bytes(found)


def _parsed(content: bytes, before: int) -> tuple[pl.DataFrame, int]:
    """Return the rows of all whole writes, and the number of a damaged one behind them, or 0.

    A write that was cut short ends early, or in zeros where the file had grown and its bytes had
    not come; anything else that does not match its checksum is damage.
    """
    step = _RECORD.itemsize
    records = np.frombuffer(content[: len(content) // step * step], _RECORD)
    good = whole = 0
    for number, record in enumerate(records, before + 1):
        body = content[good * step : good * step + _BODY.size]
        if record["number"] != number or record["crc"] != zlib.crc32(body, number):
            break
        good += 1
        whole = whole if record["more"] else good
    wrong = good < len(records) and bool(records["number"][good])
    columns = {
        name: pl.Series(records[name][:whole].copy()).cast(kind)
        for name, kind in KNOWN_SCHEMA.items()
    }
    return pl.DataFrame(columns, schema=KNOWN_SCHEMA), before + good + 1 if wrong else 0
