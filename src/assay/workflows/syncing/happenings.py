"""What happens while feeds are watched."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """What happened."""

    BARS = "bars"
    CORRECTED = "corrected"
    CONNECTED = "connected"
    DROPPED = "dropped"
    MUTE = "mute"
    GAP = "gap"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened while watching, `at` (UTC) by our clock.

    `bars` are how many were stored; `last` is the close of the newest.
    """

    what: What
    at: datetime
    source: str
    sentence: str
    symbol: str | None = None
    timeframe: str | None = None
    bars: int = 0
    last: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


Report = Callable[[Happened], None]
