"""A person's own corrections: a sudden closure, other hours, known before any table is redone.

The file is JSON and says when it was written:

    {"written": "2026-11-20",
     "XNYS": {"closed": {"2026-12-24": "snow"},
              "hours": {"2026-12-31": ["09:30", "12:00", "early close"]}}}

`closed` names dates without a session, `hours` gives dates other local hours (open, close, why) or
makes a session where there was none. It counts for the market it names and for no other.
"""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.calendars.frozen import closed_days, with_hours
from assay.core.calendars.table import Days
from assay.core.errors import NotFoundError, SettingsError


def overridden(days: Days, path: Path) -> Days:
    """Return `days` with what the file at `path` says of this market.

    `NotFoundError` where there is no such file, `SettingsError` where it cannot be understood.
    """
    content = _read(path)
    written = _day(content.get("written"), "written", path)
    mine = content.get(days.name, {})
    if not isinstance(mine, dict) or set(mine) - {"closed", "hours"}:
        raise SettingsError(f"{path}: {days.name} may hold 'closed' and 'hours'; found {mine!r}")
    closed, hours = mine.get("closed", {}), mine.get("hours", {})
    open_day = -1 if _opens_the_day_before(days.days) else 0
    _check(closed, hours, days, path)
    for day, (opened, shut, _) in hours.items():
        if shut <= opened and not open_day:
            raise SettingsError(f"{path}: {day} closes before it opens: {opened} to {shut}")
    kept = days.days.filter(~pl.col("date").is_in([date.fromisoformat(day) for day in closed]))
    again = [date.fromisoformat(day) for day in hours]
    return replace(
        days,
        days=with_hours(kept, hours, open_day=open_day),
        closed=pl.concat(
            [
                days.closed.filter(
                    ~pl.col("date").is_in([*again, *map(date.fromisoformat, closed)])
                ),
                closed_days(closed),
            ]
        ),
        rule=f"{days.rule}, with the overrides written {written}",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise NotFoundError(f"There is no file of calendar overrides at {path}") from None
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The calendar overrides {path} are not readable JSON: {error}"
        ) from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: calendar overrides are a JSON object with a 'written' date")
    return content


def _check(closed: Any, hours: Any, days: Days, path: Path) -> None:  # noqa: ANN401 - unknown JSON
    if not isinstance(closed, dict) or not isinstance(hours, dict):
        raise SettingsError(f"{path}: 'closed' and 'hours' of {days.name} are objects by date")
    both = sorted(set(closed) & set(hours))
    if both:
        raise SettingsError(f"{path}: {both[0]} is both closed and open for {days.name}")
    for day in (*closed, *hours):
        found = _day(day, days.name, path)
        if not days.first <= found <= days.last:
            raise SettingsError(f"{path}: {day} lies outside {days.first} to {days.last}")
    for day, entry in hours.items():
        if not (isinstance(entry, list) and len(entry) == 3 and all(map(_is_text, entry))):
            raise SettingsError(f"{path}: hours of {day} are [open, close, why]; found {entry!r}")
        for clock in entry[:2]:
            _clock(clock, day, path)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _day(value: Any, what: str, path: Path) -> date:  # noqa: ANN401 - unknown JSON
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{path}: {what!r} needs a date like 2026-11-20; found {value!r}"
        ) from None


def _clock(value: str, day: str, path: Path) -> None:
    try:
        datetime.strptime(value, "%H:%M")  # noqa: DTZ007 - a wall-clock time has no zone
    except ValueError:
        raise SettingsError(f"{path}: {day} needs hours like 09:30; found {value!r}") from None


def _opens_the_day_before(days: pl.DataFrame) -> bool:
    return bool((days["open"].dt.date() < days["date"]).any())
