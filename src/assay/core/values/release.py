"""Macro-economic figures as they were published, and what is on the calendar."""

from dataclasses import dataclass
from datetime import datetime

from assay.core.clock import utc
from assay.core.errors import DataError

LEVELS = frozenset(
    {
        "yield_3m_percent",
        "yield_2y_percent",
        "yield_10y_percent",
        "overnight_rate_percent",
        "policy_rate_lower_percent",
        "breakeven_10y_percent",
        "dollar_index",
        "oil_wti_dollars",
        "vix_index",
    }
)
"""Series that are quoted day by day and carried on: a new value of one is no announcement."""
_WEAKENING = ("unemploy", "jobless", "claimant", "initial_claims", "continuing_claims", "layoff")


@dataclass(frozen=True, slots=True)
class Release:
    """One published figure.

    `event_at` is the scheduled time, `seen_at` when it could first be known, both UTC; `actual`
    and `consensus` are in the unit of the series, `consensus` None where nobody asked. A later
    revision is another Release with a later `seen_at`. `currency` is the one it bears on. `period`
    says what the figure is about ("2026-10"), where that is known. `assumed` says that nobody told
    when it was first known: `seen_at` is a rule's answer, and the figure may be a later version.
    """

    series: str
    currency: str
    event_at: datetime
    seen_at: datetime
    actual: float
    consensus: float | None = None
    period: str = ""
    assumed: bool = False

    def __post_init__(self) -> None:
        utc(self.event_at, "event time of a release")
        utc(self.seen_at, "first-seen time of a release")
        if self.seen_at < self.event_at:
            raise DataError(f"{self.series}: seen at {self.seen_at}, before {self.event_at}")


@dataclass(frozen=True, slots=True)
class Event:
    """What was known at one time of something that is due: a figure, a decision, a speech.

    `event_at` is when it is due, `seen_at` when this was known of it, both UTC. `title` is what
    its source calls it, `impact` how much it is said to move: "high", "medium", "low" or "".
    """

    series: str
    currency: str
    event_at: datetime
    seen_at: datetime
    title: str
    impact: str = ""
    consensus: float | None = None
    previous: float | None = None

    def __post_init__(self) -> None:
        utc(self.event_at, "time of an event")
        utc(self.seen_at, "first-seen time of an event")


def direction(series: str) -> int:
    """Return -1 for a figure that is the worse for its currency the higher it is, else 1.

    >>> direction("unemployment_rate_percent"), direction("employment_change_thousands")
    (-1, 1)
    """
    return -1 if any(word in series for word in _WEAKENING) else 1
