"""One story told by many: every telling is kept, and counts for those it brings it to first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assay.core.values.story import Story
from assay.store.circumstances import Circumstances
from assay.store.documents import DocumentStore, story_id
from assay.text.duplicates import WINDOW, Origins
from assay.text.telling import telling_of
from assay.workflows.desk import FOREVER

BEFORE = timedelta(days=30)
"""So much more is read of the store than was asked, for feeds hold older stories, too."""

_READ = ("id", "origin", "event_at", "seen_at", "source", "text", "instruments")

Key = tuple[datetime, str, str]


@dataclass(frozen=True, slots=True)
class Met:
    """A story as it was met."""

    story: Story
    circumstances: Circumstances

    @property
    def key(self) -> Key:
        """Return what tells it from every other telling, whatever it is about."""
        return self.story.event_at, self.story.source, self.story.text

    def copy_of(self, origin: str, instruments: Iterable[str]) -> "Met":
        """Return it as another telling of `origin`, which counts for `instruments` alone."""
        return Met(
            replace(self.story, instruments=tuple(sorted(instruments))),
            replace(self.circumstances, origin=origin),
        )


class Tellings:
    """The stored tellings, and which story each tells.

    A telling of a stored story names it as its origin, and counts for those instruments alone that
    no earlier telling was about: so nobody reads it twice, and nobody misses it. What is stored
    never changes. So of two tellings the one stored first is the origin, and not one that is
    fetched later and was there a little earlier.
    """

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents
        self._since, self._version = FOREVER, ""
        self._forget()

    def add(self, stories: Sequence[Met]) -> list[Met]:
        """Store what is new of `stories`; return it as it was stored."""
        if not stories:
            return []
        self._refresh(min(one.story.event_at for one in stories))
        # of one time the longest comes first: it has all that its copies say
        ordered = sorted(
            stories, key=lambda one: (one.story.seen_at, -len(one.story.text), one.key)
        )
        kept = [new for one in ordered if (new := self._new(one)) is not None]
        self._documents.add_stories(
            [one.story for one in kept],
            simulated=False,
            circumstances=[one.circumstances for one in kept],
        )
        self._version = self._documents.stories_version
        return kept

    def _new(self, one: Met) -> Met | None:
        """Return what is to be stored of a telling, None where nothing is."""
        about = set(one.story.instruments)
        head = self._heads.get(one.key, "")
        is_known = bool(head)
        if not is_known:
            telling = telling_of(one.story.text, one.story.source)
            head, _ = self._origins.likeliest(one.story.seen_at, telling)
            if not head:
                head = story_id(one.story)
                self._origins.add(head, one.story.seen_at, telling)
                self._heads[one.key], self._covered[head] = head, about
                return one
            self._heads[one.key] = head
        left = about - self._covered[head]
        self._covered[head] |= left
        return None if is_known and not left else one.copy_of(head, left)

    def _refresh(self, since: datetime) -> None:
        """Read what is stored since then, unless that is known and nobody else has written."""
        if self._since <= since and self._version == self._documents.stories_version:
            return
        self._forget()
        if since < self._since:
            self._since = since - BEFORE
        held = self._documents.told(FOREVER, self._since - WINDOW, simulated=False)
        for row in held.select(*_READ).iter_rows():
            identity, origin, event_at, seen_at, source, text, instruments = row
            head = origin or identity
            self._heads.setdefault((event_at, source, text), head)
            self._covered.setdefault(head, set()).update(instruments)
            if not origin:
                self._origins.add(identity, seen_at, telling_of(text, source))

    def _forget(self) -> None:
        self._heads: dict[Key, str] = {}
        self._covered: dict[str, set[str]] = {}
        self._origins = Origins(WINDOW)
