"""What a method is given, in the words of people: times, timeframes, symbols."""

from collections.abc import Iterable
from datetime import UTC, datetime

from assay.core.clock import utc
from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe

Moment = datetime | str
"""A time: aware, or ISO text, which is UTC where it names no zone."""
Names = str | Iterable[str]
"""One name or several."""


def moment(given: Moment | None, name: str) -> datetime | None:
    """Return the time `given` as `name` in UTC; a naive `datetime` is a `DataError`."""
    if given is None:
        return None
    if isinstance(given, datetime):
        return utc(given, name)
    try:
        found = datetime.fromisoformat(given)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SettingsError(
            f"{name} must be a time such as 2022-06-15T14:00 (UTC); found {given!r}"
        ) from None


def names_of(given: Names) -> tuple[str, ...]:
    """Return the names; one by itself is a tuple of one."""
    return (given,) if isinstance(given, str) else tuple(given)


def lengths_of(given: Names) -> tuple[Timeframe, ...]:
    """Return the timeframes that are named; an unknown one is a `NotFoundError`."""
    return tuple(Timeframe.parse(name) for name in names_of(given))
