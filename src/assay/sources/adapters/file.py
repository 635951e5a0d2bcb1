"""Bars out of one Parquet or CSV file, and everything that was odd about it."""

from pathlib import Path

import numpy as np
import polars as pl

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.calendars.table import Micros, micros
from assay.core.errors import DataError, SettingsError
from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Note, Source
from assay.sources.file_odd import broken_joints, named_otherwise, refuse_points
from assay.sources.file_raw import Raw, read_raw
from assay.sources.file_rows import LISTED, Rows, refuse_many, rows_of
from assay.sources.file_stamp import (
    Closes,
    cannot_tell,
    check_step,
    day_closes,
    decide,
    intraday_closes,
    outside_hours,
)
from assay.sources.layouts import Layout, Stamp, layout_of

VALUES = (*PRICES, "volume")


class File(Source):
    """One file of bars of one instrument.

    `stamp` says whether the times are the "open" or the "close" of the bars; None leaves it to the
    layout and the market's hours, and is refused where they do not tell. `overrides` is a file of
    calendar corrections. Rows that cannot be read are left out and named in the notes with their
    line (CSV) or row (Parquet), 1 = first; more than 1 % of them (or 10, if that is more; never
    more than 1,000) refuse the file. Exact copies of a row are dropped with a note; rows that
    contradict each other refuse the file, and so do several instruments, or a currency pair's
    prices written as whole points. Rows out of order are put in order, with a note.
    """

    def __init__(
        self, path: Path | str, stamp: str | None = None, overrides: Path | None = None
    ) -> None:
        if stamp is not None and stamp not in set(Stamp):
            raise SettingsError(f"A stamp is open or close; found {stamp!r}")
        self._path = Path(path)
        self._stamp = None if stamp is None else Stamp(stamp)
        self._overrides = overrides

    def bars(self, instrument: Instrument, timeframe: Timeframe) -> Fetched:
        """See `Source.bars`; `UserError` with one sentence for whatever the file may hold."""
        where = str(self._path)
        market = calendar(instrument.calendar, self._overrides)
        raw = read_raw(self._path)
        layout = layout_of(raw, where)
        named = named_otherwise(raw, instrument, where)
        rows = rows_of(raw, layout, where)
        times = micros(rows.frame["time"])
        step = check_step(times, timeframe, where)
        told, stamp = self._ends(rows, layout, instrument, timeframe, market)
        refuse_points(rows, instrument, where)
        if timeframe.is_intraday:
            assert stamp is not None, "an intraday file without a known stamp was refused"
            closes = intraday_closes(times, timeframe, stamp)
            told += outside_hours(closes.values[closes.known], timeframe, market)
        else:
            closes = day_closes(times, stamp, instrument, market, are_dates=rows.are_dates)
        placed, marks = _placed(rows, closes, raw, where)
        ordered, sorting = _ordered(placed, raw.unit)
        frame, copies = _without_copies(ordered, raw.unit, where)
        odd = broken_joints(frame, timeframe)
        general = (*odd, *named, *raw.notes, *layout.notes, *step, *told, *closes.notes, *sorting)
        notes = (*general, *rows.notes, *marks, *copies)
        return Fetched(Bars(instrument, timeframe, frame.select(list(BAR_SCHEMA))), notes)

    def _ends(
        self,
        rows: Rows,
        layout: Layout,
        instrument: Instrument,
        timeframe: Timeframe,
        market: Calendar,
    ) -> tuple[tuple[Note, ...], Stamp | None]:
        times = micros(rows.frame["time"])
        if not timeframe.is_intraday:
            stamp = self._stamp or layout.stamp
            names_days = rows.are_dates or instrument.asset_class is not AssetClass.CRYPTO
            if stamp is None and not (names_days and _at_midnight(times)):
                raise cannot_tell(str(self._path), layout.time[0], market)
            return (), stamp
        stamp, notes = decide(self._stamp, layout.stamp, times, timeframe, market)
        if stamp is None:
            raise cannot_tell(str(self._path), layout.time[0], market)
        return notes, stamp


def _at_midnight(times: Micros) -> bool:
    return bool((times % (24 * 3600 * 1_000_000) == 0).all())


def _placed(
    rows: Rows, closes: Closes, raw: Raw, where: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows whose close is known, as `time`, and a note for each of the others."""
    frame = rows.frame.with_columns(
        time=pl.Series(closes.values).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )
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
