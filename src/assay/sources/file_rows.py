"""From the columns of a file to rows that can be bars, and a reason for every row that cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from assay.core.errors import DataError
from assay.core.values.bars import PRICES
from assay.sources.contract import Note
from assay.sources.file_times import DateOrder, parsed_times
from assay.sources.layouts import Layout
from assay.sources.reading.raw import Raw

NOISE = 1e-9
"""How far, relative to the price, open or close may lie outside low..high as rounding noise."""
FEW_ROWS, SHARE, MOST_ROWS = 10, 0.01, 1000
"""Up to 10 unreadable rows, or 1 % of the rows, but never more than 1,000, are left out."""
LISTED = 1000
"""Rows left out are named one by one up to here; the rest are counted in one note."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Readable rows: `number` (UInt32, line or row), `time` (UTC, as stamped), prices and volume.

    `notes` name the rows that were left out; `are_dates` says the times name days, not moments, and
    `naive` that no zone is written beside them: they are read as if they were UTC.
    """

    frame: pl.DataFrame
    are_dates: bool
    naive: bool
    notes: tuple[Note, ...]


def rows_of(raw: Raw, layout: Layout, where: str, dates: DateOrder | None = None) -> Rows:
    """Return the rows of `raw` that can be bars; `where` names the file in an error.

    A row is unreadable when its time or a price cannot be read, a price is empty, NaN, infinite,
    zero or negative, high is below or low above another price, or volume is empty, not a number or
    negative. Each is left out with a note of its line and reason. `DataError` where more than
    `most_left_out` are.
    """
    times = parsed_times(_time_text(raw.frame, layout), dates or layout.order, layout.days_in)
    values, written, notes = _numbers(raw, layout)
    frame = values.with_columns(number=raw.numbers, time=times.values)
    good = _good()
    fine = frame.filter(good)
    bad = frame.with_row_index("at").filter(~good)
    marks = [*raw.ragged]
    for row in bad.head(LISTED).iter_rows(named=True):
        said = _reason(row, {name: column[row["at"]] for name, column in written.items()})
        marks.append(_left_out(raw.unit, row["number"], said))
    refuse_many(len(raw.ragged) + bad.height, raw, marks, where)
    fine, widened = _without_noise(fine)
    told = (*times.notes, *notes, *widened)
    kept = fine.select("number", "time", *PRICES, "volume")
    marks.sort(key=lambda note: note.line or 0)
    return Rows(kept, times.are_dates, times.naive, (*told, *marks))


def most_left_out(rows: int) -> int:
    """Return how many of `rows` may be unreadable: 10 or 1 %, the larger, at most 1,000."""
    return min(max(FEW_ROWS, int(rows * SHARE)), MOST_ROWS)


def refuse_many(count: int, raw: Raw, notes: Sequence[Note], where: str) -> None:
    """Refuse a file of which too many rows, or all, are unreadable; the message names the first."""
    if not count or (count <= most_left_out(raw.rows) and count < raw.rows):
        return
    first = min(notes, key=lambda note: note.line or 0).sentence
    share = "None" if count == raw.rows else f"Only {raw.rows - count:,}"
    raise DataError(
        f"{where}: {share} of {raw.rows:,} rows can be read (at most "
        f"{most_left_out(raw.rows):,} may be left out); the first: {first}"
    )


def _left_out(unit: str, number: int, reason: str) -> Note:
    sentence = f"{unit.capitalize()} {number} was left out: {reason}"
    return Note("unreadable_row", sentence, number)


def _time_text(frame: pl.DataFrame, layout: Layout) -> pl.Series:
    if len(layout.time) == 1:
        return frame[layout.time[0]]
    day, clock = (frame[name].cast(pl.String).str.strip_chars() for name in layout.time)
    return (day + " " + clock).alias("time")


def _numbers(
    raw: Raw, layout: Layout
) -> tuple[pl.DataFrame, dict[str, pl.Series], tuple[Note, ...]]:
    """Return prices and volume as Float64 (null: not a number), and the columns as written."""
    written = {"time": _time_text(raw.frame, layout)}
    made: dict[str, pl.Series] = {}
    notes: list[Note] = []
    for role, name in layout.columns.items():
        column = raw.frame[name]
        if column.dtype == pl.String:
            column = column.str.strip_chars()
        elif not column.dtype.is_numeric() and column.dtype != pl.Null:
            raise DataError(f"The column {name!r} holds {column.dtype}, which are no numbers")
        written[role] = column
        made[role] = column.cast(pl.Float64, strict=False)
    if "volume" in made and _nothing(written["volume"]):
        notes.append(Note("no_volume", "The volume column is empty: volume is 0 in every bar"))
        del made["volume"]
    frame = pl.DataFrame([made[role].alias(role) for role in made])
    if "volume" not in made:
        frame = frame.with_columns(volume=pl.lit(0.0))
    return frame, written, tuple(notes)


def _nothing(column: pl.Series) -> bool:
    if column.dtype == pl.String:
        return bool(column.is_in(["", "NaN", "nan", "null"]).fill_null(value=True).all())
    return bool((column.is_null() | column.cast(pl.Float64).is_nan()).all())


def _good() -> pl.Expr:
    prices = [pl.col(name) for name in PRICES]
    fair = pl.all_horizontal(*(price.is_finite() & (price > 0) for price in prices))
    high = pl.col("high") * (1 + NOISE) >= pl.max_horizontal(*prices)
    low = pl.col("low") * (1 - NOISE) <= pl.min_horizontal(*prices)
    volume = pl.col("volume").is_finite() & (pl.col("volume") >= 0)
    return (pl.col("time").is_not_null() & fair & high & low & volume).fill_null(value=False)


def _reason(row: dict[str, float | None], written: dict[str, object]) -> str:
    if row["time"] is None:
        return _unread("time", written["time"], "a time, year first")
    for name in (*PRICES, "volume"):
        value = row[name]
        if value is None or value != value:  # NaN is the number that is not itself
            return _unread(name, written.get(name), "a number")
        if value in (float("inf"), float("-inf")):
            return f"{name} is infinite"
        if value < 0 or (value == 0 and name != "volume"):
            return f"{name} is {value:g}, which no {'volume' if name == 'volume' else 'price'} is"
    prices = {name: row[name] for name in PRICES}
    return f"high is not the highest or low not the lowest of {prices}"


def _unread(name: str, written: object, wanted: str) -> str:
    text = "" if written is None else str(written)
    if not text:
        return f"{name} is empty"
    shown = text if len(text) <= 40 else text[:40] + "…"
    return f"{name} is {shown!r}, not {wanted}"


def _without_noise(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Widen high and low where rounding put open or close outside them by at most `NOISE`."""
    high, low = pl.max_horizontal(*PRICES), pl.min_horizontal(*PRICES)
    count = frame.filter((pl.col("high") < high) | (pl.col("low") > low)).height
    if not count:
        return frame, ()
    said = (
        f"In {count:,} rows open or close lay outside low..high by rounding noise (at most 1e-9 of "
        "the price); high and low were widened to hold them"
    )
    return frame.with_columns(high=high, low=low), (Note("rounding_noise", said),)
