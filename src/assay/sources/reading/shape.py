"""Where a table begins in a text, what separates its columns, and what its header says."""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.cells import is_data_line
from assay.sources.reading.header import Header, joined_header, numbered_columns
from assay.sources.reading.table import distinct, shortened, unnamed

SEPARATORS = ("\t", ";", "|", ",")
"""In the order in which they are believed: decimals may bring a comma into every line."""
BELIEVED = 0.9
"""A separator is believed before a later one if it is about as regular, by this factor."""
SAMPLE_BYTES, SAMPLE_LINES = 256 * 1024, 100
SAID = re.compile(r'(?i)"?sep=(\\t|[^\w\s"]|\t)"?[;,\t|]*')
"""What Excel writes and obeys as the first line of a CSV file."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How to read a table: `columns` are its names, `first` is the line (1 = first) of its rows.

    `spare` columns at the end were added for fields that all rows have and the header has not;
    they may hold nothing.
    """

    separator: str
    columns: tuple[str, ...]
    first: int
    named: bool = True
    spare: int = 0
    notes: tuple[Note, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """One row of the sample, from line `start` to line `end`."""

    start: int
    end: int
    fields: list[str]

    @property
    def filled(self) -> int:
        return sum(1 for text in self.fields if text.strip())


def shape_of(content: bytes, name: str) -> Shape:
    """Return the shape of the table in `content` (UTF-8, lines end with a line feed).

    A first line `sep=;` is obeyed. Lines above the header that are no part of the table are passed
    over with a note. A first line that is data is no header. `DataError` where there is no table.
    """
    lines, number = _sample(content, name)
    told = SAID.fullmatch(lines[0].strip())
    if told:
        separator = told[1].replace("\\t", "\t")
        lines, number = lines[1:], number + 1
    else:
        separator = _separator(lines)
    records = _records(lines, separator, number)
    if not records or max(len(record.fields) for record in records) < 2:
        raise DataError(
            f"{name}: line {number} is no header of a table with , ; tab or | between columns"
        )
    start = _start(records)
    titles = tuple(_passed_over(record) for record in records[:start] if record.filled)
    return _shaped(records[start:], separator, titles, name)


def _sample(content: bytes, name: str) -> tuple[list[str], int]:
    """Return the first lines from the first that is not blank, and its number."""
    blank = re.match(rb"\s*", content)
    assert blank is not None, "the pattern matches nothing too"
    if blank.end() == len(content):
        raise DataError(f"{name} holds nothing but blank lines")
    start = content.rfind(b"\n", 0, blank.end()) + 1
    number = content.count(b"\n", 0, start) + 1
    lines = content[start : start + SAMPLE_BYTES].decode(errors="replace").split("\n")
    if len(content) - start > SAMPLE_BYTES:
        lines.pop()
    if not lines:
        raise DataError(f"{name}: line {number} is longer than any line of a table of bars")
    return lines[:SAMPLE_LINES], number


def _separator(lines: list[str]) -> str:
    found = {separator: _regularity(lines, separator) for separator in SEPARATORS}
    best = max(found.values())
    return next(s for s in SEPARATORS if found[s] >= BELIEVED * best)


def _regularity(lines: list[str], separator: str) -> float:
    """Return the share of lines that have the usual number of fields, 0 if that is one."""
    widths = [len(record.fields) for record in _records(lines, separator, 1)]
    wide = Counter(width for width in widths if width > 1)
    return wide.most_common(1)[0][1] / len(widths) if wide else 0.0


def _records(lines: list[str], separator: str, number: int) -> list[_Record]:
    """Return the rows of the sample that are not blank; an unreadable rest is left away."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    records: list[_Record] = []
    before = 0
    try:
        for fields in reader:
            record = _Record(number + before, number + reader.line_num - 1, fields)
            before = reader.line_num
            if len(fields) > 1 or record.filled:
                records.append(record)
    except csv.Error:
        return records
    return records


def _start(records: list[_Record]) -> int:
    """Return which record the table begins with.

    Those above hold one field, or fewer than the rows below a line that can be their header.
    """
    table = next((at for at, record in enumerate(records) if record.filled > 1), 0)
    width = _usual(records[table:])
    wide = next((at for at in range(table, len(records)) if len(records[at].fields) == width), None)
    if wide is None or width is None or wide == table:
        return table
    narrow = all(len(record.fields) < width for record in records[table:wide])
    header = records[wide].filled == width and not is_data_line(
        records[wide].fields, _below(records, wide)
    )
    return wide if narrow and header else table


def _usual(records: Sequence[_Record]) -> int | None:
    widths = Counter(len(record.fields) for record in records if len(record.fields) > 1)
    return widths.most_common(1)[0][0] if widths else None


def _below(records: Sequence[_Record], at: int) -> list[str]:
    return records[at + 1].fields if at + 1 < len(records) else []


def _passed_over(record: _Record) -> Note:
    said = shortened(" ".join(text for text in record.fields if text.strip()))
    sentence = f"Line {record.start} was passed over: it stands above the table ({said!r})"
    return Note("title", sentence, record.start)


def _shaped(records: list[_Record], separator: str, titles: tuple[Note, ...], name: str) -> Shape:
    fields = [record.fields for record in records[:3]]
    first, below = records[0], _below(records, 0)
    if numbered_columns(first.fields, below):
        width = _usual(records[1:]) or len(first.fields)
        note = Note("title", f"Line {first.start} was passed over: it only numbers the columns")
        columns = tuple(unnamed(width))
        return Shape(separator, columns, first.end + 1, named=False, notes=(*titles, note))
    if is_data_line(first.fields, below):
        columns = tuple(unnamed(_usual(records) or len(first.fields)))
        return Shape(separator, columns, first.start, named=False, notes=titles)
    header = joined_header(fields, name) or Header(first.fields)
    rows = records[header.lines :]
    names, spare = _fitted(header.names, [record.fields for record in rows])
    cut = len(header.names) - len(names)
    said = f"Columns at the end without a name and values were passed over: {cut}"
    unused = (Note("empty_columns", said),) if cut > 0 else ()
    last = records[header.lines - 1].end
    return Shape(
        separator,
        tuple(distinct(names)),
        last + 1,
        spare=spare,
        notes=(*titles, *header.notes, *unused),
        metadata=header.metadata,
    )


def _fitted(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """Return the names with nameless ones added or taken away at the end, as the rows have them.

    A spreadsheet may end its rows, or its header alone, with separators and nothing between.
    """
    names = list(header)
    widths = Counter(len(fields) for fields in rows)
    width = widths.most_common(1)[0][0] if widths else len(names)
    if width < len(names) and not any(text.strip() for text in names[width:]) and width > 1:
        return names[:width], 0
    extra = [text for fields in rows for text in fields[len(names) :]]
    if width > len(names) and not any(text.strip() for text in extra):
        return names + [""] * (width - len(names)), width - len(names)
    return names, 0
