"""Rows of answers about figures: read one by one, what cannot be read counted and said."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.wire.rows import FEW, SHARE

NAMED = 3
MOMENT = re.compile(r"(19|20)\d\d-\d\d-\d\d[ T]\d\d:\d\d")
"""A date with a time of day, of our days."""


class Odd:
    """The rows of one answer that cannot be read; many of them refuse the answer."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._rows: list[str] = []

    def add(self, row: object) -> None:
        """Count a row that cannot be read."""
        self._rows.append(repr(row)[:120])

    def notes(self, rows: int) -> tuple[Note, ...]:
        """Return what is to be said of them, out of so many rows; too many are a `DataError`."""
        if not self._rows:
            return ()
        shown = "; ".join(self._rows[:NAMED])
        if len(self._rows) > max(FEW, SHARE * rows) or len(self._rows) == rows:
            raise DataError(
                f"{self._who} answered with {rows:,} rows of figures, of which "
                f"{len(self._rows):,} cannot be read ({shown})"
            )
        said = f"{self._who}: {len(self._rows):,} rows cannot be read and were left out ({shown})"
        return (Note("unreadable_row", said),)


def listed_rows(body: object, field: str | None, who: str) -> list[Any]:
    """Return the rows of an answer, in `field` or the answer itself; null is no rows.

    Anything else is a `DataError`.
    """
    found = body
    if field is not None:
        if not isinstance(body, Mapping) or field not in body:
            raise DataError(f"{who} answered with something else than {field}")
        found = body[field]
    if found is None:
        return []
    if not isinstance(found, list):
        raise DataError(f"{who} answered with something else than a list of {field or 'rows'}")
    return found


def number(value: object) -> float | None:
    """Return a finite number, written as one or as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def day(value: object) -> date | None:
    """Return a date written as YYYY-MM-DD, None for anything else."""
    if not isinstance(value, str) or len(value) != 10:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def optional(value: object) -> bool:
    """Say whether a value is a number, or is not told."""
    return value is None or value == "" or number(value) is not None


def stamp(value: object, zone: tzinfo) -> datetime | None:
    """Return a time written as ISO 8601 in UTC, one without a zone as one of `zone`; else None."""
    if not isinstance(value, str) or not MOMENT.match(value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def some(values: Iterable[object], most: int = NAMED) -> str:
    """Return the first of some values in a row, and how many more there are."""
    every: Sequence[str] = [str(value) for value in values]
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
