"""From a table of a file to bars: placed in time, in order, each once, and what was found out."""

import numpy as np
import polars as pl

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.calendars.table import Micros, micros
from assay.core.errors import DataError
from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import DAY
from assay.sources.contract import Fetched, Finding, Note
from assay.sources.file_clock import InUtc, as_times, in_utc
from assay.sources.file_odd import named_otherwise, refuse_broken_joints, refuse_other_sizes
from assay.sources.file_parts import part_notes
from assay.sources.file_rows import LISTED, Rows, refuse_many
from assay.sources.file_seams import seam_notes
from assay.sources.file_stamp import (
    Closes,
    cannot_tell,
    check_step,
    day_closes,
    decide,
    intraday_closes,
    outside_hours,
)
from assay.sources.file_unit import in_prices
from assay.sources.layouts import Layout, Stamp
from assay.sources.reading.raw import Raw
from assay.sources.told import Told

SPLIT = (AssetClass.EQUITY, AssetClass.INDEX)
"""Kinds whose stored prices may be adjusted: they show no unit."""
VALUES = (*PRICES, "volume")


def bars_of(
    raw: Raw,
    layout: Layout,
    rows: Rows,
    instrument: Instrument,
    timeframe: Timeframe,
    told: Told,
    stored: Bars | None = None,
) -> Fetched:
    """Return the bars of one instrument that the table holds; `rows` are its `rows_of`.

    `stored` are bars of the same instrument that are stored already, of any timeframe: they show
    the clock and the unit of prices. Rows that cannot be read are left out and named in the notes
    with their line or row, 1 = first; more than 1 % of them (or 10, if that is more; never more
    than 1,000) refuse the table. Exact copies of a row are dropped with a note; rows that
    contradict each other refuse it. Rows out of order are put in order, with a note. `UserError`
    with one sentence for whatever the table may hold.
    """
    where = raw.name
    market = calendar(instrument.calendar, told.overrides)
    named = named_otherwise(raw, instrument, where)
    local = micros(rows.frame["time"])
    step = check_step(local, timeframe, where)
    refuse_other_sizes(np.sort(local), timeframe, where)
    usual = None if instrument.asset_class in SPLIT else _usual(stored, local)
    rows, units = in_prices(rows, instrument, told.price_unit, usual, where)
    refuse_broken_joints(rows.frame.sort("time"), timeframe, where)
    read = in_utc(rows, layout, timeframe, market, told, stored, where)
    times = read.times
    notes, stamp, stamps = _ends(read, rows, layout, instrument, timeframe, market, told, where)
    if timeframe.is_intraday:
        assert stamp is not None, "an intraday file without a known stamp was refused"
        closes = intraday_closes(times, timeframe, stamp)
        notes += outside_hours(closes.values[closes.known & read.known], timeframe, market)
    else:
        closes = day_closes(times, stamp, instrument, market, are_dates=_names_days(rows, times))
    closes = _known(closes, read)
    placed, marks = _placed(rows, closes, raw, where)
    ordered, sorting = _ordered(placed, raw.unit)
    frame, copies = _without_copies(ordered, raw.unit, where)
    general = (*named, *raw.notes, *layout.notes, *step, *read.notes, *notes, *closes.notes)
    odd = (*part_notes(raw, frame, timeframe, market), *seam_notes(raw, layout, frame))
    every = (*general, *odd, *sorting, *rows.notes, *marks, *copies)
    found = (_layout(layout), *read.findings, *stamps, *units)
    bars = Bars(instrument, timeframe, frame.select(list(BAR_SCHEMA)))
    return Fetched(bars, every, found)


def _usual(stored: Bars | None, local: Micros) -> float | None:
    """Return the median of the stored closes over the span of the file, give or take a day."""
    if stored is None or not len(local):
        return None
    times = micros(stored.frame["time"])
    inside = (times >= local.min() - DAY) & (times <= local.max() + DAY)
    return float(np.median(stored.frame["close"].to_numpy()[inside])) if inside.any() else None


def _layout(layout: Layout) -> Finding:
    return Finding("layout", layout.format, layout.evidence or "columns are known by their names")


def _ends(
    read: InUtc,
    rows: Rows,
    layout: Layout,
    instrument: Instrument,
    timeframe: Timeframe,
    market: Calendar,
    told: Told,
    where: str,
) -> tuple[tuple[Note, ...], Stamp | None, tuple[Finding, ...]]:
    """Return notes, the end of the bar that times name, and by what that was found."""
    times = read.times[read.known]
    if not timeframe.is_intraday:
        stamp = told.stamp or layout.stamp
        names_days = rows.are_dates or instrument.asset_class is not AssetClass.CRYPTO
        if stamp is None and not (names_days and _at_midnight(times)):
            raise cannot_tell(where, layout.time[0], market)
        return (), stamp, ()
    asked = told.stamp or (read.stamp if layout.stamp is None else None)
    stamp, notes = decide(asked, layout.stamp, times, timeframe, market)
    if stamp is None:
        raise cannot_tell(where, layout.time[0], market)
    if told.stamp is not None:
        said = "you said so"
    else:
        said = next((n.sentence for n in notes if n.code == "stamp"), "the market's hours show it")
    return notes, stamp, (Finding("stamp", f"bar {stamp}s", said, "--stamp"),)


def _names_days(rows: Rows, times: Micros) -> bool:
    return rows.are_dates and _at_midnight(times)


def _known(closes: Closes, read: InUtc) -> Closes:
    """Return the closes without those of times that do not exist."""
    if not read.reasons:
        return closes
    return Closes(
        closes.values, closes.known & read.known, closes.reasons | read.reasons, closes.notes
    )


def _at_midnight(times: Micros) -> bool:
    return bool((times % DAY == 0).all())


def _placed(
    rows: Rows, closes: Closes, raw: Raw, where: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows whose close is known, as `time`, and a note for each of the others."""
    frame = rows.frame.with_columns(time=as_times(closes.values))
    numbers = rows.frame["number"]
    unit = raw.unit.capitalize()
    marks = [
        Note("unreadable_row", f"{unit} {numbers[at]} was left out: {why}", int(numbers[at]))
        for at, why in list(closes.reasons.items())[:LISTED]
    ]
    earlier = [note for note in rows.notes if note.code == "unreadable_row"]
    refuse_many(len(earlier) + len(closes.reasons), raw, [*earlier, *marks], where)
    return frame.filter(pl.Series(closes.known)), tuple(marks)


def _ordered(frame: pl.DataFrame, unit: str) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows in order of time; the note says how many stood after a later one."""
    back = np.flatnonzero(np.diff(micros(frame["time"])) < 0)
    if not len(back):
        return frame, ()
    ordered = frame.sort("time", maintain_order=True)
    if len(back) == frame.height - 1:
        said = f"The rows ran from the newest to the oldest and were turned round: {frame.height:,}"
        return ordered, (Note("reordered", said),)
    number = int(frame["number"][int(back[0]) + 1])
    said = (
        f"The rows were not in order of time and were sorted: {len(back):,} times a row stood "
        f"after a later one, first in {unit} {number}"
    )
    return ordered, (Note("reordered", said, number),)


def _without_copies(
    frame: pl.DataFrame, unit: str, where: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Drop exact copies with a note each; refuse rows of one time that say different things."""
    copies = frame.is_duplicated() if not frame.height else frame["time"].is_duplicated()
    if not copies.any():
        return frame, ()
    twice = frame.filter(copies)
    first = twice.unique("time", keep="first", maintain_order=True)
    pairs = twice.join(first, on="time", how="left", suffix="_first", maintain_order="left")
    same = pl.all_horizontal(*(pl.col(name) == pl.col(f"{name}_first") for name in VALUES))
    conflicts = pairs.filter(~same)
    if conflicts.height:
        said = "; ".join(
            f"{unit}s {row['number_first']} and {row['number']} at {row['time']:%Y-%m-%d %H:%M}"
            for row in conflicts.head(3).iter_rows(named=True)
        )
        raise DataError(
            f"{where}: {conflicts.height:,} rows contradict an earlier one of the same bar "
            f"({said}): keep one of each (a clock change in local times can do this)"
        )
    dropped = pairs.filter(pl.col("number") != pl.col("number_first"))
    notes = [
        Note(
            "copy",
            f"{unit.capitalize()} {number} was left out: it is an exact copy of {unit} {before}",
            int(number),
        )
        for number, before in dropped.select("number", "number_first").head(LISTED).iter_rows()
    ]
    if dropped.height > LISTED:
        notes.append(Note("copies", f"And {dropped.height - LISTED:,} more exact copies"))
    return frame.unique("time", keep="first", maintain_order=True), tuple(notes)
