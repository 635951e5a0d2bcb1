"""The rows of a file before they mean anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from assay.sources.contract import Note


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of a file before they mean anything.

    `frame` holds the columns under their own names, text columns for CSV, in which an empty field
    is null; `numbers` (UInt32) is the line of the file, or for Parquet, Arrow and JSON the row, 1 =
    first; `ragged` are rows with a wrong number of fields, already as notes, which are not in
    `frame`; `rows` counts both. `unit` is "line" or "row". `metadata` is what the file says of
    itself beside the table: the metadata of Parquet, what stands around the table in JSON, and
    under "ticker" the instrument if a header or a JSON object names it. `name` is what errors and
    formats call the table: the path, or path and member of an archive. Without `named` the file has
    no header and the columns are called `column_1`, `column_2` …
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


def counted(height: int) -> pl.Series:
    """Return the numbers of `height` rows that stand without a gap, 1 = first."""
    return pl.int_range(1, height + 1, dtype=pl.UInt32, eager=True)


def distinct(header: Sequence[str]) -> list[str]:
    """Return the names of the columns, a repeated one marked so that it can be refused by name."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}\x00{seen[name]}")
    return names


def unnamed(width: int) -> list[str]:
    """Return the names of the columns of a table that has no header."""
    return [f"column_{number}" for number in range(1, width + 1)]


def shortened(text: str, most: int = 60) -> str:
    """Return `text` for a sentence: no line ends or control characters, and not too long."""
    plain = "".join(c if c.isprintable() else " " for c in text[: most + 1])
    return plain if len(plain) <= most else plain[:most] + "…"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return the first names for a sentence, with "…" where there are more."""
    said = ", ".join(shortened(name) for name in names[:most])
    return f"{said} …" if len(names) > most else said
