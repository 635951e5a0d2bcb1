"""What a sync of news will ask, and of whom: before anything is asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assay.core.errors import AssayError, NotFoundError, SettingsError
from assay.core.values.instrument import Instrument
from assay.sources.newsroom import NewsProvider
from assay.store.heard import Heard
from assay.workflows.define import resolve
from assay.workflows.desk import Desk

BACK = timedelta(days=30)
"""How far back a source is asked that was never asked before, where nobody says since when."""
OVERLAP = timedelta(hours=2)
"""So much of what was answered is asked for again: some stories come late."""
HOW_TO = (
    "No source of news is configured: write into assay.toml\n\n"
    '[news]\nsources = ["rss"]\n\n'
    '[providers.rss]\nplaces = ["https://www.federalreserve.gov/feeds/press_all.xml"]\n\n'
    "or bring in stories of files: assay news import FILE"
)


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """What a person wants of news: from which sources, and from when on (UTC).

    Without `since` a source that was never asked before is asked for the last 30 days.
    """

    sources: tuple[str, ...]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """A question to one source, for what was worded after `start` and by `end`.

    `answered` is the span for which it was answered before, None if it never was.
    """

    source: str
    question: str
    start: datetime
    end: datetime
    answered: tuple[datetime, datetime] | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        names = ("source", "question", "start", "end")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Unasked:
    """A source that is asked nothing, and the sentence that says why."""

    source: str
    error: AssayError


@dataclass(frozen=True, slots=True)
class NewsPlan:
    """What a sync will ask, and the sources that are asked nothing.

    Each question costs one call at least, and one more for every further page of its answer.
    """

    questions: tuple[NewsQuestion, ...]
    unasked: tuple[Unasked, ...]

    @property
    def cost(self) -> dict[str, int]:
        """Return how many calls each source is asked at least."""
        found: dict[str, int] = {}
        for one in self.questions:
            found[one.source] = found.get(one.source, 0) + 1
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "questions": [one.to_json() for one in self.questions],
            "cost": self.cost,
            "refused": [{"source": o.source, "reason": str(o.error)} for o in self.unasked],
        }


def news_feed(desk: Desk, sources: Sequence[str] = (), since: datetime | None = None) -> NewsFeed:
    """Return what is configured, or what a person asks for at once; nothing is a `SettingsError`.

    So is a beginning that is not in the past; a source that nobody knows is a `NotFoundError`.
    """
    configured = desk.news or NewsFeed(())
    wanted = tuple(dict.fromkeys(sources or configured.sources))
    if not wanted:
        raise SettingsError(HOW_TO)
    for name in wanted:
        desk.reach.news_kind(name)
    if since is not None and since >= desk.clock.now():
        raise SettingsError(f"--since must lie in the past; found {since:%Y-%m-%d}")
    return NewsFeed(wanted, since or configured.since)


def heard_of(desk: Desk) -> Heard:
    """Return how far each question was answered; it lies beside the stories."""
    return Heard(desk.home / "documents" / "heard" / "news")


def subjects_of(desk: Desk) -> list[Instrument]:
    """Return the instruments of the workspace: those with bars, and those of its feeds."""
    found: dict[str, Instrument] = {}
    with suppress(NotFoundError):
        for info in desk.bars.series():
            found[info.symbol] = desk.instrument(info.symbol)
    for feed in desk.feeds.values():
        with suppress(AssayError):  # a sync of its bars says what is wrong with it
            made = resolve(desk, feed.symbol, feed.asset_class, feed.calendar)
            found[made.symbol] = made
    return [found[symbol] for symbol in sorted(found)]


@contextmanager
def newsrooms(desk: Desk, sources: Iterable[str]) -> Iterator[dict[str, NewsProvider]]:
    """Yield the providers of news by name, and let go of them at the end."""
    providers = {name: desk.reach.news(name) for name in sources}
    try:
        yield providers
    finally:
        for one in providers.values():
            one.close()


def planned_news(desk: Desk, feed: NewsFeed, providers: Mapping[str, NewsProvider]) -> NewsPlan:
    """Return the questions that bring the news of all sources up to date; asks nothing."""
    subjects, heard = subjects_of(desk), heard_of(desk)
    questions: list[NewsQuestion] = []
    unasked: list[Unasked] = []
    for name, provider in providers.items():
        try:
            asked = provider.questions(subjects)
        except AssayError as error:
            unasked.append(Unasked(name, error))
            continue
        if not asked:
            unasked.append(Unasked(name, _nothing(provider, subjects)))
        for question in asked:
            answered = heard.span(name, question)
            start, end = _span(desk, feed, provider, answered)
            questions.append(NewsQuestion(name, question, start, end, answered))
    return NewsPlan(tuple(questions), tuple(unasked))


def plan_news(desk: Desk, feed: NewsFeed) -> NewsPlan:
    """Return what a sync of `feed` would ask, and of whom; asks nothing."""
    with newsrooms(desk, feed.sources) as providers:
        return planned_news(desk, feed, providers)


def _span(
    desk: Desk,
    feed: NewsFeed,
    provider: NewsProvider,
    answered: tuple[datetime, datetime] | None,
) -> tuple[datetime, datetime]:
    """Return from when to when a question is asked: what was not answered, and a little more."""
    now, abilities = desk.clock.now(), provider.abilities
    since = feed.since or now - BACK
    if answered is not None and (feed.since is None or answered[0] <= since):
        since = max(since, answered[1] - OVERLAP - abilities.late)
    if abilities.reach is not None:
        since = max(since, now - abilities.reach)
    return min(since, now), now


def _nothing(provider: NewsProvider, subjects: Sequence[Instrument]) -> AssayError:
    if not subjects:
        return SettingsError(
            f"{provider.abilities.title} is asked about the instruments of the workspace, and it "
            "has none: import bars, or configure a feed"
        )
    return NotFoundError(
        f"{provider.abilities.title} has nothing on the instruments of this workspace"
    )
