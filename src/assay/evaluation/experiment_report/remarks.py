"""What a reader must not overlook: a severity, the numbers it rests on, and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much it matters, the worst first.

    CRITICAL: the result cannot be believed, or there is none. WARNING: it hangs on something. NOTE:
    to be known when reading it.
    """

    CRITICAL = "critical"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know of a report; `code` names the rule that made it, for programs.

    `evidence` holds the numbers it follows from, plain data by name; `covers` the gate's checks
    that say the same, which then need no remark of their own.
    """

    severity: Severity
    code: str
    said: str
    remedy: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    covers: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "severity": str(self.severity),
            "code": self.code,
            "said": self.said,
            "evidence": dict(self.evidence),
            "remedy": self.remedy,
        }


def in_order(remarks: Iterable[Remark]) -> list[Remark]:
    """Return the remarks, the worst first, and else as they came."""
    order = list(Severity)
    return sorted(remarks, key=lambda remark: order.index(remark.severity))
