"""Fetched stories into the store: made harmless, linked, copies known as copies, each told once."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from assay.core.errors import DataError
from assay.core.symbols import plain_symbol
from assay.core.values.instrument import Instrument
from assay.core.values.story import Story
from assay.sources.contract import Note
from assay.sources.newsroom import Dispatch, NewsAbilities
from assay.store.circumstances import Circumstances
from assay.text.linking import Linker
from assay.text.normalise import plain_text
from assay.text.sanitise import SUSPECT, Clean, sanitise
from assay.workflows.desk import Desk
from assay.workflows.news.retelling import Met, Tellings
from assay.workflows.news.seeing import first_seen

SURE_ENOUGH = 0.5
"""A link that is less sure is none: that a text speaks of coins makes it no story of each."""
LONGEST_OUTLET = 80
MOST_STRANGERS = 20
"""Tickers of one story that no instrument here has, and that are kept all the same."""


@dataclass
class NewsGained:
    """What became of the stories of one source.

    `added` are new; of these `assumed` were fetched long after they came, `suspect` hold what an
    honest publisher has no use for. `copies` tell again what was stored, and are stored beside it.
    `known` were stored already; `without_words` have none that can be seen. `unlinked` are posts
    that name no instrument of the workspace: they are not kept.
    """

    calls: int = 0
    told: int = 0
    added: int = 0
    assumed: int = 0
    suspect: int = 0
    copies: int = 0
    known: int = 0
    without_words: int = 0
    unlinked: int = 0
    notes: list[Note] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__ if n != "notes"}
        return {**plain, "notes": [{"code": n.code, "sentence": n.sentence} for n in self.notes]}


class NewsKeeper:
    """Stores the stories of all sources, from any thread; see `Tellings` for those told twice."""

    def __init__(self, desk: Desk, subjects: Iterable[Instrument]) -> None:
        names = {name: feed.symbol for feed in desk.feeds.values() for name in feed.names}
        self._desk, self._linker = desk, Linker(subjects, names)
        self._tellings = Tellings(desk.documents)
        self._lock = Lock()

    def take(
        self,
        source: str,
        dispatches: Sequence[Dispatch],
        abilities: NewsAbilities,
        answered: tuple[datetime, datetime] | None,
        gained: NewsGained,
    ) -> None:
        """Store what a source told now, and count it; `answered` as in `first_seen`."""
        now, late = self._desk.clock.now(), abilities.late
        met = [
            self._met(source, one, first_seen(one.worded_at, late, now, answered), gained)
            for one in dispatches
        ]
        stories = [one for one in met if one is not None]
        gained.told += len(dispatches)
        if abilities.posts:
            linked = [one for one in stories if one.story.instruments]
            gained.unlinked += len(stories) - len(linked)
            stories = linked
        if not stories:
            return
        with self._lock:
            kept = self._tellings.add(stories)
        gained.known += len(stories) - len(kept)
        new = [one.circumstances for one in kept if not one.circumstances.origin]
        gained.added += len(new)
        gained.copies += len(kept) - len(new)
        gained.assumed += sum(one.assumed for one in new)
        gained.suspect += sum(bool(one.suspect) for one in new)

    def _met(
        self, source: str, told: Dispatch, seen: tuple[datetime, bool], gained: NewsGained
    ) -> Met | None:
        """Return a story made harmless and linked, None where no words are left."""
        headline, summary = sanitise(told.headline), sanitise(told.summary)
        text = headline.text or summary.text
        if not text:
            gained.without_words += 1
            return None
        seen_at, is_assumed = seen
        outlet = plain_text(told.outlet, LONGEST_OUTLET) or source
        story = Story(
            event_at=min(told.published_at, seen_at),
            seen_at=seen_at,
            source=outlet,
            text=text,
            instruments=self._about(text, summary.text, told.tickers),
        )
        found = Circumstances(
            provider=source,
            url=plain_text(told.url),
            summary="" if summary.text == text else summary.text,
            assumed=is_assumed,
            suspect=_suspicion(headline, summary),
        )
        return Met(story, found)

    def _about(self, text: str, summary: str, tickers: Sequence[str]) -> tuple[str, ...]:
        """Return the symbols a story is about; a ticker that nobody has here stands for itself."""
        found = {link.symbol for link in self._sure(text, tickers)}
        if not found and not tickers:
            found = {link.symbol for link in self._sure(summary, ())}
        for ticker in tickers[:MOST_STRANGERS]:
            if not self._linker.links("", (ticker,)):
                with suppress(DataError):  # what holds no letter names nothing
                    found.add(plain_symbol(ticker))
        return tuple(sorted(found))

    def _sure(self, text: str, tickers: Sequence[str]) -> list[Any]:
        found = self._linker.links(text, tickers)
        return [link for link in found if link.confidence >= SURE_ENOUGH]


def _suspicion(*cleans: Clean) -> str:
    """Return what was found that an honest publisher has no use for, "" for nothing."""
    kinds = (finding.kind for clean in cleans for finding in clean.findings)
    return "; ".join(dict.fromkeys(kind.value for kind in kinds if kind in SUSPECT))
