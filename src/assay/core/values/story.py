"""News and posts."""

from dataclasses import dataclass
from datetime import datetime

from assay.core.clock import utc
from assay.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Story:
    """A headline or post.

    `event_at` is when it says it was published, `seen_at` when it could first be known here; only
    the second may ever be joined on. Both UTC. `instruments` are the symbols it is about; empty
    means the whole market.
    """

    event_at: datetime
    seen_at: datetime
    source: str
    text: str
    instruments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        utc(self.event_at, "event time of a story")
        utc(self.seen_at, "first-seen time of a story")
        if self.seen_at < self.event_at:
            raise DataError(f"A story was seen at {self.seen_at}, before it happened: {self.text}")
        if not self.text.strip():
            raise DataError(f"A story from {self.source} at {self.event_at} has no text")
