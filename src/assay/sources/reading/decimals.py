"""Numbers with a comma in them: decimals, thousands, or nobody can say."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.table import listed, shortened

BLANKS = " \u00a0\u202f'’"
"""Between thousands, whatever stands before the decimals."""
POWER = r"(?:[eE][+-]?\d+)?"


def _number(thousands: str, decimal: str) -> str:
    """Return the pattern of numbers whose decimals begin with `decimal`."""
    groups = "|".join(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+" for mark in (thousands, *BLANKS))
    return rf"^[+-]?(?:(?:\d+|{groups})(?:{decimal}\d*)?|{decimal}\d+){POWER}$"


COMMA, POINT = _number(r"\.", ","), _number(",", r"\.")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of numbers in text, and the rows that read only one way, as masks.

    `unclear` are those with a comma that read both ways.
    """

    text: pl.Series
    comma: pl.Series
    point: pl.Series
    unclear: pl.Series


def with_points(
    frame: pl.DataFrame, numbers: pl.Series, name: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the columns of text with decimal points where they had decimal commas or thousands.

    What one column shows holds for the file: 1,2345 in one makes 1,234 in another a decimal too,
    and 1.234 a thousand. `DataError` where both writings stand in the file, or where 1,234 is all
    there is. Fields that are no numbers stay as they are.
    """
    if not any(column.str.contains(",", literal=True).any() for column in frame.iter_columns()):
        return frame, ()
    columns = [found for column in frame.iter_columns() if (found := _column(column)) is not None]
    commas = [column for column in columns if column.comma.any()]
    points = [column for column in columns if column.point.any()]
    unclear = [column for column in columns if column.unclear.any()]
    if commas and points:
        raise _mixed(commas, points, numbers, name)
    if commas:
        return _rewritten(frame, columns, ".", ",")
    if points:
        return _rewritten(frame, columns, ",", ".")
    if unclear:
        raise _ambiguous(unclear[0], numbers, name)
    return frame, ()


def _column(text: pl.Series) -> _Column | None:
    """Return what the fields of a column show, None if most of them are no numbers."""
    text = text.str.strip_chars()
    as_comma = text.str.contains(COMMA).fill_null(value=False)
    as_point = text.str.contains(POINT).fill_null(value=False)
    if (as_comma | as_point).sum() * 2 <= text.len() - text.null_count():
        return None
    unclear = as_comma & as_point & text.str.contains(",", literal=True)
    return _Column(text, as_comma & ~as_point, as_point & ~as_comma, unclear)


def _rewritten(
    frame: pl.DataFrame, columns: Sequence[_Column], thousands: str, decimal: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    grouped, decimals, made = [], [], []
    pattern = COMMA if decimal == "," else POINT
    for column in columns:
        text = column.text
        numbers = text.str.contains(pattern).fill_null(value=False)
        groups = text.str.contains(rf"[{thousands}{BLANKS}]") & numbers
        if not (groups.any() or (decimal == "," and text.str.contains(",", literal=True).any())):
            continue
        if groups.any():
            grouped.append(text.name)
        if decimal == "," and (text.str.contains(",", literal=True) & numbers).any():
            decimals.append(text.name)
        plain = text.str.replace_all(rf"[{thousands}{BLANKS}]", "")
        plain = plain.str.replace(decimal, ".", literal=True)
        made.append(plain.zip_with(numbers, text))
    notes = []
    if decimals:
        said = f"Decimals are written with a comma and were read as such: {_names(decimals)}"
        notes.append(Note("decimal_comma", said))
    if grouped:
        said = f"Thousands are set apart and were put together: {_names(grouped)}"
        notes.append(Note("thousands", said))
    return frame.with_columns(made), tuple(notes)


def _names(columns: Sequence[str]) -> str:
    return listed([repr(column.partition("\x00")[0]) for column in columns], 10)


def _mixed(
    commas: Sequence[_Column], points: Sequence[_Column], numbers: pl.Series, name: str
) -> DataError:
    one = _first(commas[0], commas[0].comma, numbers)
    other = _first(points[0], points[0].point, numbers)
    return DataError(
        f"{name} writes decimals with a comma ({one}) and with a point ({other}); save all numbers "
        "with points"
    )


def _ambiguous(column: _Column, numbers: pl.Series, name: str) -> DataError:
    at = column.unclear.arg_true()[0]
    written = column.text[at]
    one, other = written.replace(",", ""), written.replace(",", ".")
    return DataError(
        f"{name}: {_first(column, column.unclear, numbers)} may mean {one} or {other}, and no "
        "number in the file shows which; save the numbers with points and without thousands "
        "separators"
    )


def _first(column: _Column, where: pl.Series, numbers: pl.Series) -> str:
    at = where.arg_true()[0]
    label = column.text.name.partition("\x00")[0]
    return f"line {numbers[at]}, column {label!r}: {shortened(column.text[at])!r}"
