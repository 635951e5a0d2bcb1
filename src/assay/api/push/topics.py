"""What a client wants to hear: topics by name, or by a pattern."""

from collections.abc import Sequence

from assay.core.errors import SettingsError

HEADS = ("bars", "signals", "alerts", "jobs", "status")
"""What there is to hear; bars go on by symbol and timeframe: `bars:EURUSD:1h`."""
MOST = 500
"""So many names and patterns one client may have."""
LONGEST = 80
REMEMBERED = 2_000
ANY = "*"


class Topics:
    """The names and patterns of one client.

    `*` stands for one part of a name, and at the end of a pattern for all that follow. A pattern
    that ends early has all that follow: `bars` is `bars:*`.
    """

    def __init__(self) -> None:
        self._patterns: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, bool] = {}

    def add(self, patterns: Sequence[str]) -> None:
        """Take in `patterns`; one that can match nothing is a `SettingsError`, and none is kept."""
        parts = {pattern: parsed(pattern) for pattern in patterns}
        if len(self._patterns.keys() | parts.keys()) > MOST:
            raise SettingsError(f"One client can subscribe to {MOST} patterns; use * to have more")
        self._patterns |= parts
        self._known.clear()

    def remove(self, patterns: Sequence[str]) -> None:
        """Let go of `patterns`; what is not there is passed over."""
        for pattern in patterns:
            self._patterns.pop(pattern, None)
        self._known.clear()

    def want(self, topic: str) -> bool:
        """Say whether the client wants to hear of `topic`."""
        found = self._known.get(topic)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[topic] = any(
                fits(parts, topic.split(":")) for parts in self._patterns.values()
            )
        return found


def parsed(pattern: str) -> tuple[str, ...]:
    """Return the parts of a pattern; one that can match nothing is a `SettingsError`.

    >>> parsed("bars:EURUSD:*")
    ('bars', 'EURUSD', '*')
    """
    parts = tuple(pattern.split(":"))
    if parts[0] not in (*HEADS, ANY) or len(pattern) > LONGEST or not all(parts):
        raise SettingsError(
            f"There is no topic {pattern[:LONGEST]!r}; there are {', '.join(HEADS)}, and bars of "
            "one series, as bars:EURUSD:1h"
        )
    return parts


def fits(parts: Sequence[str], topic: Sequence[str]) -> bool:
    """Say whether a topic is one that a pattern stands for.

    >>> fits(("bars", "*", "1h"), ("bars", "EURUSD", "1h")), fits(("bars",), ("signals",))
    (True, False)
    """
    return len(parts) <= len(topic) and all(
        part in (ANY, name) for part, name in zip(parts, topic, strict=False)
    )
