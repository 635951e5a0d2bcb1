"""Feeds that a person names: RSS and Atom, from anywhere on the public internet."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cached_property, partial
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import httpx2

from assay.core.errors import AssayError, DataError, NotFoundError, RefusedError, SettingsError
from assay.core.values.instrument import Instrument
from assay.sources.clocks import parse_clock
from assay.sources.contract import Note
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.feed import MOST_ENTRIES, Entry, entries_of, whole, written_at
from assay.sources.wire.http import NOT_MODIFIED, Answer, Http
from assay.sources.wire.public import SCHEMES, PublicTransport
from assay.sources.wire.stories import Asked, page_of, told

LARGEST_FEED = 4 * 2**20
"""Bytes of a feed, unpacked; those of publishers are seldom a tenth of it."""
LONGEST = 500
"""Characters of an address."""
KEPT = timedelta(days=7)
"""So long an entry is known that a feed no longer holds: some come back."""
NEAR = timedelta(minutes=5)
"""Clocks that differ by less are one clock; a server's that is further behind does not count."""
TITLE = "RSS feed"
HOW_TO = 'write places = ["https://…"] under [providers.rss] in assay.toml'


class Rss(NewsProvider):
    """Feeds by their addresses; what they say is nobody's but the publisher's word.

    A feed tells when an entry was published, and not when it came into the feed. So what each feed
    held when it was asked last is remembered: an entry that was not there then, and is of an
    earlier time, was worded now. One without a time that can be read, or of a time to come, was
    published when it was first met. An entry is known by its identifier and its headline; of one
    whose headline was changed the new words are another wording of the same story.

    Feeds are asked whether they have changed since (RFC 9110, conditional requests), a host at
    most once a second on average.
    """

    abilities = NewsAbilities(
        title=TITLE,
        limits=(Limit(60, 60),),
        licence="Each publisher's own terms; most feeds may be read, and not be passed on.",
        document="https://www.rssboard.org/rss-specification",
        a_call=100,
        apart=True,
    )

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: the addresses of the feeds, whatever the subjects."""
        if not self.access.places:
            raise SettingsError(f"{TITLE}s have no address yet: {HOW_TO}")
        return tuple(dict.fromkeys(_checked(place.strip()) for place in self.access.places))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; a feed is one page, and holds its newest entries alone."""
        memory, key = self.access.memory, f"feed {_checked(question)}"
        before = _Held.read(memory.get(key))
        http = self._http(httpx2.URL(question).host)
        answer = http.ask("GET", question, headers=before.conditions)
        now = self.access.clock.now()
        at = min(now, answer.at + _age(answer))
        met = at if now - at < NEAR else now
        notes: list[Note] = []
        if answer.status == NOT_MODIFIED:
            held = replace(before, asked_at=met)
        else:
            stories = self._stories(question, answer, met, notes)
            held = before.with_stories(stories, met).said_by(answer)
        memory.put(key, held.written())
        return page_of(held.stories, Asked(TITLE, question, start, end, at), notes=notes)

    def _stories(
        self, question: str, answer: Answer, now: datetime, notes: list[Note]
    ) -> list[Dispatch]:
        """Return the entries of a feed that are stories; the others are noted."""
        place = urljoin(question, answer.headers.get("content-location", ""))
        try:
            entries = entries_of(answer.content, answer.headers.get("content-type", ""), place)
        except DataError as error:
            raise DataError(f"{TITLE} {question} is {error}") from None
        made = [_dispatch(entry, now, self._zone) for entry in _named_apart(entries)]
        stories = [one for one in made if one is not None]
        if len(stories) < len(made):
            said = f"{len(made) - len(stories):,} of {len(made):,} entries have no words"
            if not stories:
                raise DataError(f"{TITLE} {question} holds no story: {said}")
            notes.append(Note("unreadable_row", f"{TITLE} {question}: {said}; they were left out"))
        return stories

    @cached_property
    def _zone(self) -> tzinfo | None:
        """Return the clock of times that name none, as a person says."""
        if self.access.zone is None:
            return None
        clock = parse_clock(self.access.zone).clocks[-1]
        if clock.zone == "UTC":
            return timezone(timedelta(microseconds=clock.shift))
        if clock.shift:
            raise SettingsError(
                f"{TITLE}s cannot be written in the clock {clock.name}; name a zone"
            )
        return ZoneInfo(clock.zone)

    @cached_property
    def _hosts(self) -> dict[str, Http]:
        return {}

    def _http(self, host: str) -> Http:
        """Return the way to a host, which has an allowance of its own: none makes others wait."""
        if host not in self._hosts:
            title = f"{TITLE} of {host}"
            own = [self.access.address] if self.access.address else []
            self._hosts[host] = self.holding(
                Http(
                    replace(self.access, name=f"{self.access.name}-{host}"),
                    replace(self.abilities, title=title),
                    "",
                    parse=whole,
                    fault=partial(_fault, title),
                    transport=PublicTransport(title, own=own),
                    most=LARGEST_FEED,
                )
            )
        return self._hosts[host]


@dataclass(frozen=True, slots=True)
class _Held:
    """What a feed held when it was asked last, and how it is asked whether that has changed."""

    asked_at: datetime | None = None
    etag: str = ""
    modified: str = ""
    stories: tuple[Dispatch, ...] = ()

    @classmethod
    def read(cls, content: bytes | None) -> "_Held":
        """Return what `written` made, nothing where it is missing or not to be understood."""
        try:
            found = json.loads(content or b"")
            return cls(
                datetime.fromisoformat(found["asked_at"]),
                str(found["etag"]),
                str(found["modified"]),
                tuple(_read(one) for one in found["stories"]),
            )
        except (ValueError, KeyError, TypeError, DataError):
            return cls()

    def written(self) -> bytes:
        """Return it as bytes."""
        stories = [
            {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "tickers"}
            for one in self.stories
        ]
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps({**plain, "stories": stories}, default=str).encode()

    @property
    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the feed only if it has changed."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in said.items() if value}

    def said_by(self, answer: Answer) -> "_Held":
        """Return it with what an answer says for the next question."""
        etag, modified = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
        return replace(self, etag=_line(etag), modified=_line(modified))

    def with_stories(self, told_now: Sequence[Dispatch], now: datetime) -> "_Held":
        """Return what is held after the feed told some stories: each with its first times."""
        known = {(one.name, one.headline): one for one in self.stories}
        first: dict[str, datetime] = {}
        for one in self.stories:
            first[one.name] = min(one.published_at, first.get(one.name, one.published_at))
        found: dict[tuple[str, str], Dispatch] = {}
        for one in told_now:
            key = one.name, one.headline
            found.setdefault(key, known.get(key) or self._met(one, first.get(one.name), now))
        gone = [one for key, one in known.items() if key not in found]
        late = sorted(gone, key=lambda one: one.worded_at)[-MOST_ENTRIES:]
        recent = [one for one in late if one.worded_at > now - KEPT]
        return replace(self, asked_at=now, stories=(*found.values(), *recent))

    def _met(self, story: Dispatch, first: datetime | None, now: datetime) -> Dispatch:
        """Return a story that was not held before, at the time at which it could be known."""
        published = min(story.published_at, first or story.published_at)
        worded = story.worded_at
        if self.asked_at is not None and worded <= self.asked_at:
            worded = max(now, published)
        return replace(story, published_at=published, worded_at=worded)


def _named_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries; a name that several of a feed have names one with its headline alone."""
    apart = Counter(name for name, _ in {(one.name, one.headline) for one in entries})
    return [
        replace(one, name=f"{one.name} {one.headline}") if apart[one.name] > 1 else one
        for one in entries
    ]


def _dispatch(entry: Entry, now: datetime, zone: tzinfo | None) -> Dispatch | None:
    """Return the story that an entry is; nothing was published or changed later than it was met."""
    published = min(now, written_at(entry.published, zone) or now)
    updated = min(now, written_at(entry.updated, zone) or published)
    return told(
        entry.name,
        published,
        entry.headline,
        worded_at=updated,
        outlet=entry.outlet,
        summary=entry.summary,
        url=entry.url,
    )


def _read(plain: Mapping[str, Any]) -> Dispatch:
    times = {name: datetime.fromisoformat(plain[name]) for name in ("published_at", "worded_at")}
    return Dispatch(**{**plain, **times})


def _checked(place: str) -> str:
    """Return the address of a feed; what is none, or cannot be a question, is refused."""
    try:
        url = httpx2.URL(place)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in SCHEMES or not url.host or len(place) > LONGEST:
        raise SettingsError(f"{TITLE} {place[:80]!r} is no address: {HOW_TO}")
    return place


def _age(answer: Answer) -> timedelta:
    """Return how long an answer has lain in caches since the time that it says (RFC 9111)."""
    said = answer.headers.get("age", "")
    return timedelta(seconds=int(said)) if said.isdecimal() and len(said) < 9 else timedelta()


def _line(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST]


def _fault(title: str, status: int, body: object) -> AssayError | None:
    """Return what a status means where nobody needs a key."""
    if status in (401, 403):
        return RefusedError(
            f"{title} does not let everybody in ({status}), or not us; leave it out"
        )
    if status in (404, 410):
        return NotFoundError(f"{title} has nothing there ({status}); look for its new address")
    return None
