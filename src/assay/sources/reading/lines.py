"""From the lines of a text to columns: straight where every line is regular, else with care."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.shape import Shape

UNPACKED_BY_POLARS = (b"x\x01", b"\xef\xbb\xbf")
"""Beginnings by which polars would take a text for something else."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of text, null where a field is empty, with the line each stands in.

    `rows` counts the `ragged` ones too, which are not in `frame`.
    """

    frame: pl.DataFrame
    numbers: pl.Series
    rows: int
    ragged: tuple[Note, ...] = ()


def straight(content: bytes, shape: Shape) -> Lines | None:
    """Return the rows where every line has all its fields, else None: `careful` can read them.

    Where the last column is filled no line has too few fields, and then the number of separators
    is right only if none has too many. (Polars fills the first in silence, and refuses the second
    only if what is too much is not empty.)
    """
    body = content[_place(content, shape.first) :].rstrip(b"\n")
    separator = shape.separator.encode()
    if not body or len(separator) > 1:
        return None
    count = _count(body, b"\n") + 1
    if _count(body, separator) != count * (len(shape.columns) - 1):
        return None
    if body.startswith(UNPACKED_BY_POLARS):
        return None
    try:
        frame = pl.read_csv(
            body,
            has_header=False,
            schema=dict.fromkeys(shape.columns, pl.String),
            separator=shape.separator,
            quote_char=None,
        )
    except (pl.exceptions.PolarsError, OSError):
        return None
    if frame.height != count or frame.to_series(-1).null_count():
        return None
    if b'"' in body:
        unquoted = _unquoted(frame)
        if unquoted is None:
            return None
        frame = unquoted
    numbers = pl.int_range(shape.first, shape.first + count, dtype=pl.UInt32, eager=True)
    return Lines(frame, numbers, count)


def _count(body: bytes, mark: bytes) -> int:
    """Return how often a byte occurs; where it is frequent, far quicker than `bytes.count`."""
    return int(np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == mark[0]))


def _place(content: bytes, line: int) -> int:
    """Return where the line with this number begins."""
    place = 0
    for _ in range(line - 1):
        place = content.find(b"\n", place) + 1
        if not place:
            return len(content)
    return place


def _unquoted(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Return the fields without the quotes around them, None where a quote is anything else."""
    columns = {}
    for column in frame.iter_columns():
        marks = column.str.count_matches('"', literal=True).fill_null(0)
        around = column.str.starts_with('"') & column.str.ends_with('"')
        if not ((marks == 0) | ((marks == 2) & around.fill_null(value=False))).all():
            return None
        if (marks > 0).any():
            column = column.str.strip_chars('"')
        columns[column.name] = column
    return _emptied(pl.DataFrame(columns))


def _emptied(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def careful(content: bytes, shape: Shape, name: str) -> Lines:
    """Return the rows whatever stands between them; each line that is no row is named."""
    lines = content.decode().split("\n")
    if b'"' in content:
        return _quoted(lines, shape, name)
    return _plain(lines, shape)


def _plain(lines: list[str], shape: Shape) -> Lines:
    width = len(shape.columns)
    text = pl.Series("text", lines[shape.first - 1 :], dtype=pl.String)
    every = pl.DataFrame([text]).with_row_index("line", shape.first)
    marks = pl.col("text").str.count_matches(shape.separator, literal=True)
    every = every.with_columns(fields=marks + 1)
    nothing = pl.col("text").str.replace_all(shape.separator, "", literal=True).str.strip_chars()
    regular = pl.col("fields") == width
    every = every.filter(regular | (nothing != ""))
    good = every.filter(regular)
    parts = good["text"].str.split_exact(shape.separator, width - 1).struct.unnest()
    parts.columns = list(shape.columns)
    bad = every.filter(~regular).select("line", "fields").iter_rows()
    ragged = tuple(_ragged(line, found, shape, len(lines)) for line, found in bad)
    return Lines(_emptied(parts), good["line"], every.height, ragged)


def _quoted(lines: list[str], shape: Shape, name: str) -> Lines:
    width = len(shape.columns)
    numbers: list[int] = []
    rows: list[list[str]] = []
    ragged: list[Note] = []
    for start, end, fields in _read(lines, shape, name):
        if len(fields) == width:
            numbers.append(start)
            rows.append(fields)
        elif start < end:
            ragged += _swallowed(lines, start, end)
        elif any(part.strip() for part in fields):
            ragged.append(_ragged(start, len(fields), shape, len(lines)))
    columns = list(zip(*rows, strict=True)) or [()] * width
    frame = pl.DataFrame(
        {
            column: pl.Series(values, dtype=pl.String)
            for column, values in zip(shape.columns, columns, strict=True)
        }
    )
    lined = pl.Series(numbers, dtype=pl.UInt32)
    return Lines(_emptied(frame), lined, len(rows) + len(ragged), tuple(ragged))


def _read(lines: list[str], shape: Shape, name: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the first and the last line of each record, and its fields."""
    before = shape.first - 1
    body = (f"{line}\n" for line in lines[before:])
    reader = csv.reader(body, delimiter=shape.separator)
    try:
        for fields in reader:
            start, before = before + 1, shape.first - 1 + reader.line_num
            yield start, before, fields
    except csv.Error as error:
        raise DataError(f"{name}: line {before + 1} cannot be read as CSV: {error}") from None


def _swallowed(lines: list[str], start: int, end: int) -> list[Note]:
    """Return a note for every line that a quotation mark without its fellow has swallowed."""
    why = f"a quotation mark that line {start} opens is not closed there"
    return [
        Note("unreadable_row", f"Line {line} was left out: {why}", line)
        for line in range(start, end + 1)
        if lines[line - 1].strip()
    ]


def _ragged(line: int, found: int, shape: Shape, last: int) -> Note:
    expected = len(shape.columns) - shape.spare
    cut = line == last and found < expected
    has = "the header has" if shape.named else "the others have"
    why = "the file is cut off there" if cut else f"{has} {expected}"
    plural = "" if found == 1 else "s"
    sentence = f"Line {line} was left out: it has {found} field{plural}, {why}"
    return Note("unreadable_row", sentence, line)
