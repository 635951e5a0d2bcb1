"""From a text to the table in it: every row with its line, every field as it is written."""

from dataclasses import replace

import polars as pl

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.cells import MOSTLY_DATA
from assay.sources.reading.decimals import with_points
from assay.sources.reading.encoding import Text
from assay.sources.reading.lines import Lines, careful, straight
from assay.sources.reading.shape import Shape, shape_of
from assay.sources.reading.table import Raw


def read_table(text: Text, name: str) -> Raw:
    """Return the only table of a text, whose columns are separated by one character.

    Decimal commas and thousands separators are turned into decimal points where a whole column is
    clear about them, with a note. `DataError` where the text holds no table or no rows.
    """
    shape = shape_of(text.content, name)
    lines = straight(text.content, shape) or careful(text.content, shape, name)
    lines, blank = _without_empty_rows(lines)
    if not lines.rows:
        raise DataError(f"{name} has a header and no rows")
    if text.guessed:
        _refuse_odd_data(lines.frame, lines.numbers, name)
    frame, unused = _without_empty_columns(lines.frame, lines.numbers, shape, name)
    frame, points = with_points(frame, lines.numbers, name)
    return Raw(
        frame,
        lines.numbers,
        "line",
        lines.rows,
        lines.ragged,
        (*text.notes, *shape.notes, *blank, *unused, *points, *_last_line(text.content)),
        shape.metadata,
        name,
        shape.named,
    )


def _without_empty_rows(lines: Lines) -> tuple[Lines, tuple[Note, ...]]:
    """Drop the rows that hold nothing but separators, which spreadsheets write below a table."""
    if not _blank(lines.frame.to_series(0)).any():
        return lines, ()
    empty = lines.frame.select(
        pl.all_horizontal(pl.all().is_null() | (pl.all().str.strip_chars() == ""))
    ).to_series()
    count = int(empty.sum())
    if not count:
        return lines, ()
    first = int(lines.numbers.filter(empty)[0])
    said = f"{count:,} lines that hold nothing but separators were passed over, first line {first}"
    kept = replace(
        lines,
        frame=lines.frame.filter(~empty),
        numbers=lines.numbers.filter(~empty),
        rows=lines.rows - count,
    )
    return kept, (Note("empty_rows", said),)


def _blank(column: pl.Series) -> pl.Series:
    return column.is_null() | (column.str.strip_chars() == "")


def _without_empty_columns(
    frame: pl.DataFrame, numbers: pl.Series, shape: Shape, name: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Drop columns at the end that have neither a name nor a value."""
    kept = frame.width
    while kept > 1 and _nameless(frame.columns[kept - 1], named=shape.named):
        if not _blank(frame.to_series(kept - 1)).all():
            break
        kept -= 1
    filled = ~_blank(frame.to_series(kept - 1))
    if kept > frame.width - shape.spare and filled.any():
        raise DataError(
            f"{name}: line {numbers.filter(filled)[0]} has {kept} fields, the header has "
            f"{frame.width - shape.spare}"
        )
    if kept == frame.width:
        return frame, ()
    said = f"Columns at the end without a name and values were passed over: {frame.width - kept}"
    return frame[:, :kept], (Note("empty_columns", said),)


def _nameless(column: str, *, named: bool) -> bool:
    return not named or not column.partition("\x00")[0].strip()


def _refuse_odd_data(frame: pl.DataFrame, numbers: pl.Series, name: str) -> None:
    """Refuse guessed letters in a column of numbers or times: there a guess may change a value."""
    for column in frame.iter_columns():
        odd = column.str.contains(r"[^\x00-\x7f\u00a0]").fill_null(value=False)
        data = column.str.contains(MOSTLY_DATA).sum()
        if odd.any() and data * 2 > column.len() - column.null_count():
            at = odd.arg_true()[0]
            raise DataError(
                f"{name} is not UTF-8: line {numbers[at]} holds {column[at]!r} in the column "
                f"{column.name!r} of numbers or times; save it as UTF-8"
            )


def _last_line(content: bytes) -> tuple[Note, ...]:
    if content[content.rfind(b"\n") + 1 :].strip():
        number = content.count(b"\n") + 1
        said = f"The last line ({number}) has no line end: if the file was cut off, so is it"
        return (Note("no_line_end", said),)
    return ()
