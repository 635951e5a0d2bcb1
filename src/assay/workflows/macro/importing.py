"""Bring figures and calendars out of anybody's files into the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.core.errors import AssayError, DataError
from assay.sources.contract import Finding, Note
from assay.sources.figures import Figure
from assay.sources.file_calendar import events_of_table, has_events
from assay.sources.file_figures import figures_of_table, has_figures
from assay.sources.reading.raw import Raw, read_tables
from assay.sources.told import Told
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.imported import Refused
from assay.workflows.imports import files_of
from assay.workflows.macro.keeping import Kept, keep


@dataclass(frozen=True, slots=True)
class MacroRead:
    """What one table of figures or events holds, and what was stored of it.

    `kind` is "figures" or "calendar"; `figures` are versions of figures, `events` of events: those
    that were new. `assumed` are figures of which the table does not say when they were known.
    `left_out` rows have no value, `unreadable` ones no time or number; `strangers` are series or
    places nobody knows here. `first` and `last` are first-seen times (UTC), None without any.
    """

    name: str
    kind: str
    rows: int
    found: int
    figures: int
    events: int
    assumed: int
    left_out: int
    unreadable: int
    strangers: tuple[str, ...]
    series: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("notes", "findings")
        }
        found = [{"what": one.what, "value": one.value, "flag": one.flag} for one in self.findings]
        notes = [{"code": one.code, "sentence": one.sentence} for one in self.notes]
        return {**plain, "findings": found, "notes": notes}


@dataclass(frozen=True, slots=True)
class MacroImport:
    """What an import of several files did."""

    read: tuple[MacroRead, ...]
    refused: tuple[Refused, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "read": [one.to_json() for one in self.read],
            "refused": [one.to_json() for one in self.refused],
        }


def import_macro(
    desk: Desk,
    paths: Sequence[Path],
    told: Told,
    series: str | None = None,
    *,
    store: bool = True,
    tick: Tick = silent,
) -> MacroImport:
    """Store the figures and events of files; safe to repeat. With `store` off, look alone.

    `series` is the code of a table that holds one series and does not name it. A table that cannot
    be read is named with the reason beside the others.
    """
    read: list[MacroRead] = []
    refused: list[Refused] = []
    files = files_of(paths)
    for number, file in enumerate(files, 1):
        try:
            for raw in read_tables(file):
                read.append(_table(desk, raw, told, series, store=store))
        except AssayError as error:
            refused.append(Refused(file, str(file), error))
        tick("Reading figures", number, len(files))
    return MacroImport(tuple(read), tuple(refused))


def _table(desk: Desk, raw: Raw, told: Told, series: str | None, *, store: bool) -> MacroRead:
    if has_events(raw):
        return _calendar(desk, raw, told, store=store)
    if has_figures(raw):
        return _figures(desk, raw, told, series, store=store)
    raise DataError(
        f"{raw.name} is neither a table of figures (a date and values, of series of FRED) nor a "
        f"calendar (time, currency or country, event): its columns are "
        f"{', '.join(raw.frame.columns)}"
    )


def _calendar(desk: Desk, raw: Raw, told: Told, *, store: bool) -> MacroRead:
    table = events_of_table(raw, told.clock, told.dates, desk.clock.now())
    kept = keep(desk, table.figures) if store else Kept()
    return MacroRead(
        name=raw.name,
        kind="calendar",
        rows=raw.rows,
        found=len(table.figures),
        figures=kept.figures,
        events=kept.events,
        assumed=0,
        left_out=0,
        unreadable=table.untimed + len(raw.ragged),
        strangers=table.strangers,
        notes=table.notes,
        findings=table.findings,
        **_span(table.figures),
    )


def _figures(desk: Desk, raw: Raw, told: Told, series: str | None, *, store: bool) -> MacroRead:
    table = figures_of_table(raw, series, told.dates)
    kept = keep(desk, table.figures) if store else Kept()
    return MacroRead(
        name=raw.name,
        kind="figures",
        rows=raw.rows,
        found=len(table.figures),
        figures=kept.figures,
        events=kept.events,
        assumed=sum(one.assumed for one in table.figures),
        left_out=table.missing,
        unreadable=table.unreadable + len(raw.ragged),
        strangers=table.strangers,
        notes=(),
        findings=table.findings,
        **_span(table.figures),
    )


def _span(figures: Sequence[Figure]) -> dict[str, Any]:
    """Return the series of figures, and when the first and the last of them were known."""
    seen = [one.seen_at for one in figures]
    return {
        "series": tuple(sorted({f"{one.currency} {one.series}" for one in figures})),
        "first": min(seen, default=None),
        "last": max(seen, default=None),
    }
