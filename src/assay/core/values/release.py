"""Macro-economic figures as they were first published."""

from dataclasses import dataclass
from datetime import datetime

from assay.core.clock import utc
from assay.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Release:
    """One published figure.

    `event_at` is the scheduled time, `seen_at` when it could first be known, both UTC; `actual`
    and `consensus` are in the unit of the series, `consensus` None where nobody asked. A later
    revision is another Release with a later `seen_at`. `currency` is the one it bears on.
    """

    series: str
    currency: str
    event_at: datetime
    seen_at: datetime
    actual: float
    consensus: float | None = None

    def __post_init__(self) -> None:
        utc(self.event_at, "event time of a release")
        utc(self.seen_at, "first-seen time of a release")
        if self.seen_at < self.event_at:
            raise DataError(f"{self.series}: seen at {self.seen_at}, before {self.event_at}")
