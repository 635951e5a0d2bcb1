"""Which clock the times of a file are in, and the UTC that follows: told, written or shown."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros, micros
from assay.core.errors import SettingsError
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.clock_evidence import Verdict, by_hours, by_reference
from assay.sources.clocks import Clocks, parse_clock
from assay.sources.contract import Finding, Note
from assay.sources.file_rows import Rows
from assay.sources.file_stamp import evidence
from assay.sources.layouts import Layout, Stamp
from assay.sources.told import Told

FLAG = "--clock"


@dataclass(frozen=True, slots=True)
class InUtc:
    """Times in UTC where `known`; `reasons` says why a row has none, by its place.

    `stamp` is what the clock's evidence says of it, None if nothing.
    """

    times: Micros
    known: npt.NDArray[np.bool_]
    reasons: dict[int, str]
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    stamp: Stamp | None = None


def in_utc(
    rows: Rows,
    layout: Layout,
    timeframe: Timeframe,
    market: Calendar,
    told: Told,
    stored: Bars | None,
    where: str,
) -> InUtc:
    """Return the times of `rows` in UTC.

    What a person says holds; then what the times or the format say; then, for intraday bars, what
    `stored` bars of the same instrument show, then what the market's hours do. `SettingsError`
    where clocks fit alike, where the clock changes on the way, and where a broker's file shows
    nothing; other files that show nothing are read as UTC, with a note.
    """
    local = micros(rows.frame["time"])
    if told.clock is not None:
        return _read(local, told.clock, "you said so")
    if layout.clock is not None:
        clock = parse_clock(layout.clock)
        said = layout.evidence or f"files of {layout.format} are written so"
        return _read(local, clock, said) if clock.name != "UTC" else _as_it_is(local, "UTC", said)
    if not (rows.naive or layout.server):
        return _as_it_is(local, "UTC", "the times name their zone or count from 1970")
    if rows.are_dates or not timeframe.is_intraday:
        return _as_it_is(local)
    stamps = _stamps(told, layout, local, timeframe, market)
    for stamp in stamps:
        verdict = _verdict(rows, local, timeframe, market, stored, stamp)
        if verdict.clock is not None or verdict.between:
            return _decided(local, verdict, stamp if len(stamps) > 1 else None, where)
    if layout.server:
        raise SettingsError(
            f"{where}: files of {layout.format} are written in the clock of a server, and nothing "
            f"shows which ({verdict.said}): say it, for example with {FLAG} Europe/Athens or "
            f"{FLAG} America/New_York+7h"
        )
    notes = (Note("assumed_utc", "The times name no zone and were taken as UTC"),)
    found = Finding("clock", "UTC", f"assumed: {verdict.said}", FLAG)
    return InUtc(local, _all(local), {}, (found,), notes)


def _stamps(
    told: Told, layout: Layout, local: Micros, timeframe: Timeframe, market: Calendar
) -> tuple[Stamp, ...]:
    """Return the ends of the bar that the times may name, the likelier first."""
    said = told.stamp or layout.stamp
    if said is not None:
        return (said,)
    shown, _ = evidence(local, timeframe, market)
    return (shown,) if shown is not None else (Stamp.OPEN, Stamp.CLOSE)


def _verdict(
    rows: Rows,
    local: Micros,
    timeframe: Timeframe,
    market: Calendar,
    stored: Bars | None,
    stamp: Stamp,
) -> Verdict:
    length = timeframe.minutes * MINUTE
    order = np.argsort(local, kind="stable")
    opens = local[order] - (length if stamp is Stamp.CLOSE else 0)
    frame = rows.frame[order]
    if stored is not None and len(stored) > 1:
        times, prices = micros(stored.frame["time"]), stored.frame["close"].to_numpy()
        found = by_reference(opens, frame["close"].to_numpy(), length, times, prices)
        if found.clock is not None:
            return found
    spread = (frame["high"] / frame["low"]).log().to_numpy()
    return by_hours(opens, spread, length, market)


def _decided(local: Micros, verdict: Verdict, stamp: Stamp | None, where: str) -> InUtc:
    if verdict.changes:
        assert verdict.clock is not None
        raise SettingsError(
            f"{where}: its clock changes on the way ({verdict.said}): if that is so, say "
            f'{FLAG} "{verdict.clock.name}"; else say the one clock'
        )
    if verdict.clock is None:
        names = [clock.name for clock in verdict.between]
        if "UTC" in names:
            notes = (Note("assumed_utc", "The times name no zone and were taken as UTC"),)
            found = Finding("clock", "UTC", f"assumed, {verdict.said}", FLAG)
            return InUtc(local, _all(local), {}, (found,), notes)
        raise SettingsError(
            f"{where}: its times fit {' and '.join(names)} alike ({verdict.said}): say which with "
            f"{FLAG} {names[0]} or {FLAG} {names[1]}"
        )
    read = _read(local, verdict.clock, verdict.said)
    return InUtc(read.times, read.known, read.reasons, read.findings, read.notes, stamp)


def _as_it_is(local: Micros, name: str = "", said: str = "") -> InUtc:
    findings = (Finding("clock", name, said, FLAG),) if name else ()
    return InUtc(local, _all(local), {}, findings, ())


def _read(local: Micros, clock: Clocks, said: str) -> InUtc:
    times, known = clock.utc(local)
    reasons = {
        int(place): f"its time does not exist in {clock.name}" for place in np.flatnonzero(~known)
    }
    found = Finding("clock", clock.name, said, FLAG)
    return InUtc(times, known, reasons, (found,), ())


def _all(local: Micros) -> npt.NDArray[np.bool_]:
    return np.ones(len(local), dtype=np.bool_)


def as_times(values: Micros) -> pl.Series:
    """Return microseconds since 1970 as UTC times."""
    return pl.Series("time", values).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
