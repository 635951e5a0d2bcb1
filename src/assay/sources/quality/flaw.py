"""What can be wrong with bars: the classes, how grave each is, and one thing that was found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a flaw means for who reads the bar."""

    BROKEN = "broken"
    """No bar can be so: it is refused, or left out."""
    MISLEADING = "misleading"
    """A bar can be so, and hardly ever is: nothing is decided on it."""


class Code(StrEnum):
    """The classes of bad bars; structural ones first, then statistical ones."""

    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    HIGH_BELOW_LOW = "high_below_low"
    NOT_POSITIVE = "not_positive"
    NOT_A_NUMBER = "not_a_number"
    WRONG_STEP = "wrong_step"
    HALF_BAR = "half_bar"
    WRONG_ZONE = "wrong_zone"
    SPIKE = "spike"
    STALE = "stale"
    SPLIT = "split"
    THIN_VOLUME = "thin_volume"


SEVERITIES = {
    **dict.fromkeys(Code, Severity.BROKEN),
    Code.SPIKE: Severity.MISLEADING,
    Code.STALE: Severity.MISLEADING,
    Code.SPLIT: Severity.MISLEADING,
    Code.THIN_VOLUME: Severity.MISLEADING,
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: in which rows (0 = first, both included), and why.

    `first` and `last` are the closes (UTC) of those rows as they are stamped, None where there is
    no time. `known` is the row with which it can be known at the earliest: a spike is one only once
    the next bar has taken it back. `moved_by` is by how many microseconds a moved week is late.
    """

    code: Code
    start: int
    end: int
    known: int
    first: datetime | None
    last: datetime | None
    sentence: str
    moved_by: int = 0

    @property
    def severity(self) -> Severity:
        """Return how grave it is."""
        return SEVERITIES[self.code]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "first": self.first,
            "last": self.last,
            "rows": self.end - self.start + 1,
            "sentence": self.sentence,
        }
