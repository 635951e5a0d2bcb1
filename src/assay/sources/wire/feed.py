"""RSS, RDF and Atom, as they are and not as they should be: from bytes to entries, nothing run."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import feedparser  # type: ignore[import-untyped]  # it has no types

from assay.core.errors import DataError
from assay.sources.provider import EARLIEST

HEAD = 16_384
"""Bytes in which a feed shows that it is one."""
MOST_ENTRIES = 2_000
"""Of one feed; the first ones count, for feeds put the newest first."""
WESTERNMOST = timezone(timedelta(hours=-12))
"""A time without a zone came at the latest when it was so late there."""
_BEGINS = re.compile(rb"<((?:[A-Za-z][\w.-]{0,30}:)?(?:rss|feed|RDF))[\s>]")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_WRITTEN = re.compile(
    r"utf.?(8|16|32)|iso.?8859|windows|cp\d|latin|l\d|koi8|gb|big5|euc|s(hift)?.?jis|iso.?2022|ascii"
    r"|us.?ascii|mac|ks|tis",
    re.IGNORECASE,
)
"""Encodings that feeds are written in; Python knows others, some of which are slow to decode."""
_ENTITY = re.compile(r"<!\s*ENTITY", re.IGNORECASE)
_ENDLESS = re.compile(r"<[A-Za-z][^<>]{4096,}>?")
"""A tag that no reader needs; the time for its attributes grows with the square of their number."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, all of it as it is written there; empty where it says nothing.

    `name` is its own identifier, else its address, else its words; `url` is absolute. `published`
    and `updated` are times as texts.
    """

    name: str
    headline: str
    summary: str
    url: str
    outlet: str
    published: str
    updated: str


def whole(content: bytes) -> bytes:
    """Return `content`; a feed whose end is missing is a `ValueError`."""
    begins = _BEGINS.search(content[:HEAD].replace(b"\0", b""))
    if begins and b"</" + begins[1] not in content[-HEAD:].replace(b"\0", b""):
        raise ValueError("The end of the feed is missing")
    return content


def entries_of(content: bytes, kind: str, address: str) -> list[Entry]:
    """Return the entries of a feed that came from `address` as the content type `kind`.

    What is no feed, or declares entities (which may be made to grow without end), is a
    `DataError`; what is only written badly is read as far as it goes.
    """
    if not _BEGINS.search(content[:HEAD].replace(b"\0", b"")):
        said = kind.partition(";")[0].strip().lower()[:80] or "something without a content type"
        raise DataError(f"no feed but {said}; name the address of the feed itself")
    text = _ENDLESS.sub(" ", _decoded(content, kind))
    if _ENTITY.search(text):
        raise DataError("a feed that declares entities, which no news needs; it is not read")
    found = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),  # bytes it might take for a file's name
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    title = _text(found["feed"], "title")
    return [_entry(one, title, address) for one in found["entries"][:MOST_ENTRIES]]


def written_at(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Return when a time of a feed was at the latest, in UTC; None where it cannot be read.

    RFC 822 with its odd forms, and ISO 8601. A time without a zone is of `zone`, else of the
    westernmost one, where it came last; a date alone is its end.

    >>> str(written_at("Sat, 7 Sep 2002 9:42 EST")), str(written_at("2026-11-20T10:00:00"))
    ('2002-09-07 14:42:00+00:00', '2026-11-20 22:00:00+00:00')
    """
    for read in (_iso, _rfc822):
        try:
            found = _zoned(read(text.strip()), zone or WESTERNMOST)
        except (ValueError, OverflowError):
            continue
        return found if found >= EARLIEST else None
    return None


def _iso(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found + timedelta(days=1) if _DATE.fullmatch(text) else found


def _rfc822(text: str) -> datetime:
    found = parsedate_to_datetime(text)
    # RFC 5322: the time is UTC, and where it was written is not said
    return found.replace(tzinfo=UTC) if text.endswith("-0000") else found


def _zoned(found: datetime, zone: tzinfo) -> datetime:
    """Return a time in UTC; what a clock shows twice or skips is the later."""
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return max(found.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _decoded(content: bytes, kind: str) -> str:
    """Return a document as text: as UTF-8 if it is that, else as its server or it itself says.

    Both err often. What is written with escape sequences passes for UTF-8 and is none.
    """
    for name in _encodings(content, kind):
        try:
            return content.decode(name).removeprefix("\ufeff")
        except (UnicodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")


def _encodings(content: bytes, kind: str) -> Iterator[str]:
    yield from (name for mark, name in _MARKS if content.startswith(mark))
    if b"\x1b" not in content:
        yield "utf-8"
    charset, declared = _CHARSET.search(kind), _DECLARED.match(content)
    said = [charset[1] if charset else "", declared[1].decode("ascii") if declared else ""]
    yield from (name for name in said if _WRITTEN.match(name))
    yield "windows-1252"


def _entry(one: dict[str, Any], title: str, address: str) -> Entry:
    url, headline = _text(one, "link"), _text(one, "title")
    summary = _text(one, "summary") or _content(one)
    published = _text(one, "published") or _text(one, "created")
    updated = _text(one, "updated")
    source = dict.get(one, "source")
    outlet = _text(source, "title") if isinstance(source, dict) else ""
    return Entry(
        name=_text(one, "id") or url or headline or summary[:200],
        headline=headline if headline.strip() else summary,
        summary=summary,
        url=urljoin(address, url) if url else "",
        outlet=outlet or title,
        published=published or updated,
        updated=updated,
    )


def _content(one: dict[str, Any]) -> str:
    parts = dict.get(one, "content")
    return _text(parts[0], "value") if isinstance(parts, list) and parts else ""


def _text(one: Any, name: str) -> str:  # noqa: ANN401 - feedparser has no types
    """Return what is said under a name itself: feedparser lends some names to others."""
    found = dict.get(one, name)
    return found if isinstance(found, str) else ""
