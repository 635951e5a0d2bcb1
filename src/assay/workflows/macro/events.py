"""Economic events in order of time: what is due, and what came of what was, page by page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from assay.core.clock import utc
from assay.workflows.desk import Desk
from assay.workflows.macro.looking import due_macro
from assay.workflows.pages import Page, page

AHEAD = timedelta(days=7)
_KEY = ["series", "currency", "event_at"]


def events(
    desk: Desk,
    limit: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    currencies: Sequence[str] | None = None,
    after: tuple[datetime, str] | None = None,
) -> Page[dict[str, Any]]:
    """Return a page of the events from `start` to `end`, as they are known now, in order of time.

    From the beginning of today (UTC) for a week by default. Events on the agenda, and figures that
    were told without having been on it; `actual` is the first figure, `consensus` what was expected
    before. `after` is the time and the `name_of` the last event of the page before.
    """
    now = utc(desk.clock.now())
    first = start or now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = end or first + AHEAD
    begin = max(first, after[0]) if after else first
    due = [{**row, "simulated": False} for row in due_macro(desk, begin, last, now, currencies)]
    known = {tuple(row[name] for name in _KEY) for row in due}
    told = [
        row
        for simulated in (False, True)
        for row in _told(desk, begin, last, now, currencies, simulated=simulated)
        if simulated or tuple(row[name] for name in _KEY) not in known
    ]
    every = sorted([*due, *told], key=_place)
    rest = [row for row in every if _place(row) > after] if after else every
    return page(rest, limit)


def name_of(event: dict[str, Any]) -> str:
    """Return what tells an event from the others of its time."""
    world = "simulated" if event["simulated"] else "real"
    return f"{event['currency']} {event['series']} {world}"


def _place(event: dict[str, Any]) -> tuple[datetime, str]:
    return event["event_at"], name_of(event)


def _told(
    desk: Desk,
    start: datetime,
    end: datetime,
    now: datetime,
    currencies: Sequence[str] | None,
    *,
    simulated: bool,
) -> list[dict[str, Any]]:
    """Return the first figure of each event that has one; nobody is told it before its time."""
    found = desk.documents.releases(currencies, now, start, simulated=simulated)
    rows = found.filter(pl.col("event_at").is_between(start, end)).unique(
        _KEY, keep="first", maintain_order=True
    )
    return [
        {
            **{name: row[name] for name in (*_KEY, "seen_at", "actual", "consensus")},
            "title": row["series"].replace("_", " "),
            "impact": "",
            "previous": None,
            "simulated": simulated,
        }
        for row in rows.iter_rows(named=True)
    ]
