"""From a table as JSON writes it to columns: whole numbers stay whole, the rest as it stands."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.cells import is_data_line
from assay.sources.reading.json_shapes import Found
from assay.sources.reading.table import counted, distinct, unnamed

MOST_COLUMNS = 1000
NAMED_BY_INSTRUMENT = "bars"
"""The key under which a table stands below the name of its instrument, even if it is the only."""
WHOLE = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one or several tables, as in `Raw`."""

    frame: pl.DataFrame
    rows: int
    numbers: pl.Series
    ragged: tuple[Note, ...] = ()
    named: bool = True


def frame_of(tables: Sequence[Found], name: str) -> Table:
    """Return the tables as one: several, and those below "bars", with the column `symbol`."""
    if len(tables) == 1 and tables[0].path[-2:-1] != (NAMED_BY_INSTRUMENT,):
        return _table(tables[0], name)
    parts = [(_table(table, name), table.path[-1]) for table in tables]
    if len(parts) == 1:
        return replace(parts[0][0], frame=_with_symbol(*parts[0]))
    if any(part.ragged or not part.named for part, _ in parts):
        raise DataError(f"{name} is JSON with {len(parts)} tables that are not alike; keep one")
    try:
        frame = pl.concat([_with_symbol(*part) for part in parts], how="diagonal_relaxed")
    except pl.exceptions.PolarsError:
        raise DataError(
            f"{name} is JSON with {len(parts)} tables that are not alike; keep one"
        ) from None
    return Table(frame, frame.height, counted(frame.height))


def _with_symbol(table: Table, symbol: str) -> pl.DataFrame:
    return table.frame.with_columns(symbol=pl.lit(symbol))


def _table(found: Found, name: str) -> Table:
    if found.columns is not None:
        height = len(next(iter(found.columns.values())))
        return Table(_frame(found.columns, found.index, name), height, counted(height))
    rows = found.rows or ()
    kinds = Counter(type(row) for row in rows)
    if kinds[dict] >= kinds[list]:
        return _of_objects(rows, found, name)
    return _of_lists(rows, found, name)


def _frame(
    columns: Mapping[str, Sequence[Any]], index: Sequence[Any] | None, name: str
) -> pl.DataFrame:
    if len(columns) > MOST_COLUMNS:
        raise DataError(f"{name} is JSON with {len(columns):,} columns, which no bars have")
    every = dict(columns)
    if index is not None and "index" not in every:
        every = {"index": index, **every}
    return pl.DataFrame({key: _column(values) for key, values in every.items()})


def _of_objects(rows: Sequence[Any], found: Found, name: str) -> Table:
    good = [(number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]
    keys: dict[str, None] = {}
    for _, row in good:
        keys.update(dict.fromkeys(row))
        if len(keys) > MOST_COLUMNS:
            raise DataError(f"{name} is JSON with more than {MOST_COLUMNS:,} columns")
    columns = {key: [row.get(key) for _, row in good] for key in keys}
    return _numbered(_frame(columns, found.index, name), rows, good, "no object as the others are")


def _of_lists(rows: Sequence[Any], found: Found, name: str) -> Table:
    widths = Counter(len(row) for row in rows if isinstance(row, list))
    names = found.names
    width = len(names) if names is not None else widths.most_common(1)[0][0]
    good = [
        (number, row)
        for number, row in enumerate(rows, 1)
        if isinstance(row, list) and len(row) == width
    ]
    head = good[0][1] if names is None and good else []
    if head and all(isinstance(text, str) for text in head) and not is_data_line(head, []):
        names, good, rows = head, good[1:], [*rows[1:]]
        good = [(number - 1, row) for number, row in good]
    named = names is not None
    columns = list(zip(*(row for _, row in good), strict=True)) or [()] * width
    labels = distinct(names) if names is not None else unnamed(width)
    whole = found.index if len(good) == len(rows) else None
    frame = _frame(dict(zip(labels, columns, strict=True)), whole, name)
    return _numbered(frame, rows, good, f"no list of {width} values", named=named)


def _numbered(
    frame: pl.DataFrame,
    rows: Sequence[Any],
    good: Sequence[tuple[int, Any]],
    otherwise: str,
    *,
    named: bool = True,
) -> Table:
    numbers = pl.Series([number for number, _ in good], dtype=pl.UInt32)
    right = {number for number, _ in good}
    ragged = tuple(
        Note("unreadable_row", f"Row {number} was left out: it is {otherwise}", number)
        for number in range(1, len(rows) + 1)
        if number not in right
    )
    return Table(frame, len(rows), numbers, ragged, named)


def _column(values: Sequence[Any]) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if kinds == {int} and all(value is None or value in WHOLE for value in values):
        return pl.Series(values, dtype=pl.Int64)
    if kinds and kinds <= {int, float} and float in kinds and _as_floats(values):
        return pl.Series([None if v is None else float(v) for v in values], dtype=pl.Float64)
    if not kinds:
        return pl.Series(values, dtype=pl.Null)
    return pl.Series([_text(value) for value in values], dtype=pl.String)


def _as_floats(values: Sequence[Any]) -> bool:
    return all(not isinstance(value, int) or abs(value) < 10**300 for value in values)


def _text(value: Any) -> str | None:  # noqa: ANN401  # JSON is anything
    return value if value is None or isinstance(value, str) else json.dumps(value)
