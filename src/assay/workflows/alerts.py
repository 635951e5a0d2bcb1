"""What deserves a person's attention: a small set of rules, each a name and a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assay.core.ids import short_id


class Severity(StrEnum):
    """How soon a person should look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of alert: how grave it is, and its sentence with places for what it is about."""

    severity: Severity
    sentence: str


RULES: Mapping[str, Rule] = {
    "signal_high": Rule(
        Severity.INFO,
        "{symbol} {timeframe} has reached HIGH: {decision} with a conviction of {conviction:.0f}, "
        "evidence {evidence}",
    ),
    "job_failed": Rule(Severity.WARNING, "The job {id} ({kind}) has failed: {error}"),
    "feed_silent": Rule(
        Severity.WARNING,
        "{symbol} {timeframe} is silent: its market is open, and its last bar closed at "
        "{last:%Y-%m-%d %H:%M} UTC, {missing} bars ago",
    ),
    "feed_back": Rule(
        Severity.INFO, "{symbol} {timeframe} is heard again: a bar closed at {last:%H:%M} UTC"
    ),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; the same happening has the same `id`, whichever service notices it."""

    id: str
    kind: str
    severity: Severity
    sentence: str
    at: datetime
    about: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "severity": self.severity.value,
            "sentence": self.sentence,
            "at": self.at,
            "about": self.about,
        }


def alert(kind: str, at: datetime, about: Mapping[str, Any], key: object) -> Alert:
    """Return the alert of a rule; `key` tells this happening from every other of its kind."""
    rule = RULES[kind]
    sentence = rule.sentence.format(**about)
    return Alert(short_id("alert", [kind, key]), kind, rule.severity, sentence, at, about)
