"""Read the tables that `tools/freeze_calendars.py` froze out of exchange_calendars."""

import json
from datetime import date
from importlib.resources import files
from typing import Any

import polars as pl

from assay.core.calendars.table import CLOSED_SCHEMA, DAY_SCHEMA, Days, usual_days, weekdays

EXCHANGES = ("XNYS", "XLON", "XTKS", "CMES")


def frozen_days(name: str) -> Days:
    """Return the days of the exchange called `name`, in its local time."""
    content = json.loads(
        (files("assay.core.calendars") / "tables" / f"{name.lower()}.json").read_text("utf-8")
    )
    first, last = date.fromisoformat(content["first"]), date.fromisoformat(content["last"])
    closed = closed_days(content["closed"])
    days = _usual(content, first, last).join(closed, on="date", how="anti")
    return Days(
        name=name,
        zone=content["zone"],
        first=first,
        last=last,
        days=with_hours(days, content["special"], open_day=content["open_day"]),
        closed=closed,
        rule=f"the table frozen from {content['made_with']}",
    )


def closed_days(named: dict[str, str]) -> pl.DataFrame:
    """Return the days named in ISO form with their names."""
    rows = {"date": [date.fromisoformat(day) for day in named], "name": list(named.values())}
    return pl.DataFrame(rows, schema=CLOSED_SCHEMA)


def with_hours(days: pl.DataFrame, special: dict[str, list[str]], *, open_day: int) -> pl.DataFrame:
    """Return `days` with other hours on the special ones: [open, close, what is special].

    A break of the usual day stays where it ends before the new close. The day's bar is stamped
    with the new close.
    """
    if not special:
        return days
    dates = pl.Series("date", [date.fromisoformat(day) for day in special], dtype=pl.Date)
    opened, closed, said = zip(*special.values(), strict=True)
    changed = pl.DataFrame(
        {"date": dates, "opened": opened, "closed": closed, "note": said}
    ).select(
        "date",
        open=_at("opened") + pl.duration(days=open_day),
        close=_at("closed"),
        day_close=_at("closed"),
        note="note",
    )
    fits = pl.col("break_end") < pl.col("close")
    new = (
        changed.join(days.select("date", "break_start", "break_end"), on="date", how="left")
        .with_columns(pl.when(fits).then(pl.col("break_start", "break_end")))
        .select(list(DAY_SCHEMA))
    )
    return pl.concat([days.join(new, on="date", how="anti"), new])


def _at(clock: str) -> pl.Expr:
    """Return the local time of a date and a column of `HH:MM` texts."""
    text = pl.concat_str(pl.col("date").cast(pl.String), pl.lit(" "), pl.col(clock))
    return text.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us")


def _usual(content: dict[str, Any], first: date, last: date) -> pl.DataFrame:
    entries = content["hours"]
    starts = [date.fromisoformat(entry["from"]) for entry in entries]
    ends = [*starts[1:], None]
    every = weekdays(first, last)
    parts = []
    for entry, start, end in zip(entries, starts, ends, strict=True):
        held = every.filter((every >= start) & (every < end if end else every <= last))
        pause = (entry["break_start"], entry["break_end"]) if "break_start" in entry else ()
        parts.append(
            usual_days(
                held, entry["open"], entry["close"], open_day=content["open_day"], pause=pause
            )
        )
    return pl.concat(parts)
