"""Read a file as it stands: every row with its number, nothing interpreted."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from assay.core.errors import DataError, NotFoundError
from assay.sources.contract import Note

SEPARATORS = (",", ";", "\t", "|")
MOST_BYTES = 2 * 1024**3
"""Text larger than this (unpacked) is refused: import it as Parquet."""


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of a file before they mean anything.

    `frame` holds the columns under their own names, text columns for CSV; `numbers` (UInt32) is
    the line of the file, or for Parquet the row, 1 = first; `ragged` are rows with a wrong number
    of fields, already as notes, which are not in `frame`; `rows` counts both. `unit` is "line" or
    "row". `metadata` is what a Parquet file says of itself. `name` is what errors and formats call
    the table: the path, or path and member of an archive. Without `named` the file has no header
    and the columns are called `column_1`, `column_2` …
    """

    frame: pl.DataFrame
    numbers: pl.Series
    unit: str
    rows: int
    ragged: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    named: bool = True


def read_raw(path: Path) -> Raw:
    """Return the rows of the Parquet or CSV file at `path`, told apart by their first bytes.

    `NotFoundError` where there is no file, `DataError` where it is not readable as either.
    """
    head = _head(path)
    if not head:
        raise DataError(f"{path} is empty")
    if head.startswith(b"PAR1"):
        return _read_parquet(path)
    if head.startswith(b"PK\x03\x04"):
        raise DataError(f"{path} is a zip archive or a spreadsheet; unpack it, or save it as CSV")
    return _read_text(path, _unpacked(path) if head.startswith(b"\x1f\x8b") else path.read_bytes())


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise NotFoundError(f"{path} is a folder; name one Parquet or CSV file in it")
    try:
        with path.open("rb") as file:
            return file.read(4)
    except FileNotFoundError:
        raise NotFoundError(f"There is no file at {path}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            content = file.read(MOST_BYTES + 1)
    except EOFError:
        raise DataError(f"{path} is cut off: its gzip stream has no end; fetch it again") from None
    except (OSError, zlib.error) as error:
        raise DataError(f"{path} is damaged: {error}; fetch it again") from None
    if len(content) > MOST_BYTES:
        raise DataError(f"{path} unpacks to more than {MOST_BYTES // 1024**3} GB; use Parquet")
    return content


def _read_parquet(path: Path) -> Raw:
    try:
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
        metadata = pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        said = str(error).splitlines()[0]
        raise DataError(f"{path} is a damaged or unfinished Parquet file: {said}") from None
    except pl.exceptions.PanicException:
        raise DataError(f"{path} is a damaged or unfinished Parquet file") from None
    if not frame.height:
        raise DataError(f"{path} has no rows")
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.UInt32, eager=True)
    return Raw(frame, numbers, "row", frame.height, metadata=metadata)


def pandas_index(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns that were the index of the pandas frame a Parquet file was made from."""
    try:
        named = json.loads(metadata.get("pandas", "{}")).get("index_columns", [])
    except (ValueError, AttributeError):
        return ()
    return tuple(name for name in named if isinstance(name, str))


def _read_text(path: Path, content: bytes) -> Raw:
    text = _decoded(path, content)
    if text.lstrip()[:1] in {"[", "{"}:
        raise DataError(f"{path} looks like JSON; a CSV or Parquet file is needed")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((index for index, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise DataError(f"{path} holds nothing but blank lines")
    separator = max(SEPARATORS, key=lines[start].count)
    if not lines[start].count(separator):
        raise DataError(
            f"{path}: line {start + 1} is no header of a table with , ; tab or | between columns"
        )
    table = (_quoted if '"' in text else _plain)(lines, start, separator)
    if not table.rows:
        raise DataError(f"{path} has a header and no rows")
    return table


def _decoded(path: Path, content: bytes) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise DataError(f"{path} is UTF-16 text; save it as UTF-8")
    if b"\x00" in content:
        raise DataError(f"{path} is neither Parquet nor text: byte {content.index(0):,} is zero")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is neither Parquet nor UTF-8 text: byte {error.start:,} cannot be read"
        ) from None


def _plain(lines: list[str], start: int, separator: str) -> Raw:
    header = lines[start].split(separator)
    text = pl.Series("text", lines[start + 1 :], dtype=pl.String)
    every = pl.DataFrame([text]).with_row_index("line", start + 2)
    every = every.filter(pl.col("text").str.strip_chars() != "")
    counted = every.with_columns(
        fields=pl.col("text").str.count_matches(separator, literal=True) + 1
    )
    good = counted.filter(pl.col("fields") == len(header))
    bad = counted.filter(pl.col("fields") != len(header))
    body = lines[start + 1 : None if lines[-1] else -1]
    kept = body if good.height == len(body) else good["text"].to_list()
    frame = pl.DataFrame(schema=dict.fromkeys(_distinct(header), pl.String))
    if kept:
        frame = pl.read_csv(
            "\n".join(kept).encode(),
            has_header=False,
            schema=dict.fromkeys(_distinct(header), pl.String),
            separator=separator,
            quote_char=None,
        )
    assert frame.height == good.height, "one line is one row"
    ragged = _ragged(list(bad.select("line", "fields").iter_rows()), len(header), lines)
    return Raw(frame, good["line"], "line", every.height, ragged, _last_line(lines))


def _quoted(lines: list[str], start: int, separator: str) -> Raw:
    reader = csv.reader(io.StringIO("\n".join(lines[start:])), delimiter=separator)
    header = next(reader)
    numbers: list[int] = []
    rows: list[list[str]] = []
    bad: list[tuple[int, int]] = []
    before = reader.line_num
    try:
        for fields in reader:
            line, before = start + before + 1, reader.line_num
            if len(fields) == len(header):
                numbers.append(line)
                rows.append(fields)
            elif any(part.strip() for part in fields):
                bad.append((line, len(fields)))
    except csv.Error as error:
        raise DataError(f"Line {start + reader.line_num} cannot be read as CSV: {error}") from None
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_distinct(header), pl.String), orient="row")
    return Raw(
        frame,
        pl.Series(numbers, dtype=pl.UInt32),
        "line",
        len(rows) + len(bad),
        _ragged(bad, len(header), lines),
        _last_line(lines),
    )


def _ragged(bad: list[tuple[int, int]], expected: int, lines: list[str]) -> tuple[Note, ...]:
    notes = []
    for line, found in bad:
        cut = line == len(lines) and found < expected
        why = "the file is cut off there" if cut else f"the header has {expected}"
        plural = "" if found == 1 else "s"
        sentence = f"Line {line} was left out: it has {found} field{plural}, {why}"
        notes.append(Note("unreadable_row", sentence, line))
    return tuple(notes)


def _last_line(lines: list[str]) -> tuple[Note, ...]:
    if lines[-1].strip():
        said = f"The last line ({len(lines)}) has no line end: if the file was cut off, so is it"
        return (Note("no_line_end", said),)
    return ()


def _distinct(header: list[str]) -> list[str]:
    """Return the names of the columns, a repeated one marked so that it can be refused by name."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}\x00{seen[name]}")
    return names
