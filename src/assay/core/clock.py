"""What time it is: handed in, never read from the wall."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from assay.core.errors import DataError


class Clock(Protocol):
    """Gives the time; the one on the wall is built in `app`."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: for tests, replays and history."""

    at: datetime

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.at


def utc(moment: datetime, what: str = "time") -> datetime:
    """Return `moment` in UTC; a naive one is refused, for nobody knows what it means."""
    if moment.tzinfo is None:
        raise DataError(f"The {what} {moment.isoformat()} has no time zone; give it in UTC")
    return moment.astimezone(UTC)
