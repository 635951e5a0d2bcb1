"""From the rows of an answer to stories: readable, bounded, in order, each wording once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b

from assay.core.calendars.table import STEP
from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.newsroom import Dispatch, NewsPage
from assay.sources.provider import EARLIEST
from assay.sources.wire.rows import FEW, SHARE

LONGEST_WORDS = 8_000
"""Characters of a headline and of a summary that are kept; nobody reads more of one."""
LONGEST_NAME = 1_000
"""Characters of a name, an address or an outlet."""
MOST_TICKERS = 100
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
DATE = len("2026-11-20")
WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer was to: stories on `question` worded after `start`, by `end`, and by `at`.

    `at` is the time on the clock, `who` the provider's name for people.
    """

    who: str
    question: str
    start: datetime
    end: datetime
    at: datetime


def told(
    name: object,
    published_at: datetime | None,
    headline: object,
    *,
    worded_at: datetime | None = None,
    outlet: object = "",
    summary: object = "",
    url: object = "",
    tickers: object = (),
) -> Dispatch | None:
    """Return the story that the fields of a row are; None without a name, a time or a headline.

    The words stay as they came, but bounded. What is no text elsewhere is taken for nothing.
    """
    called = _called(name)
    words = _words(headline)
    if not called or published_at is None or not words.strip():
        return None
    address = _line(url)
    return Dispatch(
        name=called,
        published_at=published_at,
        worded_at=max(published_at, worded_at or published_at),
        outlet=_line(outlet),
        headline=words,
        summary=_words(summary),
        url=address if address.lower().startswith(WEB) else "",
        tickers=_tickers(tickers),
    )


def moment(value: object, zone: tzinfo | None = None) -> datetime | None:
    """Return an ISO 8601 time in UTC; None where it is none, or none at which there was news.

    Without an offset it is of `zone`, and of no known time without that; what a clock shows twice
    or skips is the later. A mere date is its end: the story was not known before for certain.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        if len(value.strip()) <= DATE:
            found += timedelta(days=1)
        if found.tzinfo is None:
            if zone is None:
                return None
            found = max(found.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found < LATEST else None


def second(value: object) -> datetime | None:
    """Return a time counted in seconds since 1970; None where it is none with news."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    known = EARLIEST.timestamp() <= value < LATEST.timestamp()
    return datetime.fromtimestamp(value, UTC) if known else None


def listed(rows: object, who: str) -> list[dict[str, object]]:
    """Return the rows of an answer, those that are no objects as empty ones; null is none."""
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise DataError(f"{who} answered with something else than the list of stories expected")
    return [row if isinstance(row, dict) else {} for row in rows]


def page_of(
    rows: Sequence[Dispatch | None],
    asked: Asked,
    *,
    more: bool = False,
    notes: Iterable[Note] = (),
) -> NewsPage:
    """Return the page that an answer is; a row that is None could not be read.

    `more` says that the answer was cut because it was full: then it holds up to before its last
    moment, at which there may be more. Left out, with a note: rows that are no stories (many of
    them refuse the answer). Left out without: what was not asked for, and what lies ahead of the
    clock, which is told when its time has come.
    """
    said = list(notes)
    stories = _once(_readable(rows, asked, said))
    through = min(asked.end, asked.at)
    if more:
        last = max((one.worded_at for one in stories), default=asked.start) - STEP
        if last <= asked.start:
            raise DataError(
                f"{asked.who} answered for {asked.question!r} with a full page that holds no story "
                f"after {asked.start:%Y-%m-%d %H:%M:%S} UTC; nothing was taken"
            )
        through = min(through, last)
    ahead = [one for one in stories if one.worded_at > asked.at]
    if ahead:
        said.append(
            Note(
                "ahead",
                f"{len(ahead):,} stories of {asked.who} on {asked.question!r} are of a later time "
                f"than the clock's, the first of {ahead[0].worded_at:%Y-%m-%d %H:%M:%S} UTC; they "
                "are taken when that has come",
            )
        )
    through = max(through, asked.start)
    kept = tuple(one for one in stories if asked.start < one.worded_at <= through)
    return NewsPage(kept, tuple(said), through, current=not more and asked.at < asked.end)


Older = Callable[[int, datetime | None], tuple[Sequence[Dispatch | None], datetime]]
"""Asks for the answer of a number, from 0, given the oldest time told so far; and `Answer.at`."""


def page_back(ask: Older, asked: Asked, notes: Iterable[Note] = ()) -> NewsPage:
    """Return the page of all stories in the span of `asked`, however often `ask` is asked.

    Answers come newest first and leave out what is older without a word. So more are asked for
    until one reaches back to the start or brings nothing that was not told before. `notes` may be
    added to by `ask`.
    """
    rows: list[Dispatch | None] = []
    known: set[tuple[str, datetime]] = set()
    at, oldest = asked.at, None
    for number in range(MOST_ANSWERS):
        answered, then = ask(number, oldest)
        at = min(at, then)
        rows += answered
        told_now = [one for one in answered if one is not None]
        fresh = {(one.name, one.worded_at) for one in told_now} - known
        if not fresh:
            break
        known |= fresh
        oldest = min(when for _, when in known)
        if oldest <= asked.start:
            break
    else:
        raise DataError(
            f"{asked.who} did not come to an end on {asked.question!r} within {MOST_ANSWERS} "
            "answers; ask for a shorter time"
        )
    return page_of(rows, replace(asked, at=at), notes=notes)


MOST_ANSWERS = 100
"""More answers than any span that is asked for at once has."""


def _readable(rows: Sequence[Dispatch | None], asked: Asked, said: list[Note]) -> list[Dispatch]:
    stories = [row for row in rows if row is not None]
    wrong = len(rows) - len(stories)
    if wrong:
        sentence = (
            f"{asked.who} answered for {asked.question!r} with {len(rows):,} rows, {wrong:,} of "
            "which have no name, time or headline that can be read"
        )
        if not stories or wrong > max(FEW, SHARE * len(rows)):
            raise DataError(f"{sentence}; nothing was taken")
        said.append(Note("unreadable_row", f"{sentence}; they were left out"))
    return stories


def _once(stories: Sequence[Dispatch]) -> list[Dispatch]:
    """Return the stories by time, each wording once, with all the tickers that it came with."""
    found: dict[tuple[str, datetime], Dispatch] = {}
    for one in stories:
        key = one.name, one.worded_at
        if key in found:
            tickers = dict.fromkeys((*found[key].tickers, *one.tickers))
            found[key] = replace(found[key], tickers=tuple(tickers)[:MOST_TICKERS])
        else:
            found[key] = one
    return sorted(found.values(), key=lambda one: (one.worded_at, one.name))


def _words(value: object) -> str:
    """Return a text as it is, bounded, but for halves of characters, which nothing can write."""
    text = value[:LONGEST_WORDS] if isinstance(value, str) else ""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _called(value: object) -> str:
    """Return a name, which may be a number; of one that is too long, what nobody else has."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and len(value) > LONGEST_NAME:
        return blake2b(value.encode("utf-8", "replace"), digest_size=20).hexdigest()
    return _line(value)


def _line(value: object) -> str:
    """Return a text that names something: on one line, without what cannot be seen."""
    text = value[:LONGEST_NAME] if isinstance(value, str) else ""
    return "".join(c for c in text if c.isprintable()).strip()


def _tickers(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    found = map(_line, value[:MOST_TICKERS]) if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(one for one in found if one))
