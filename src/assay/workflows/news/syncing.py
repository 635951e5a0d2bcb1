"""Ask the sources of news, all at once, and keep what they tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from assay.core.errors import AssayError, CredentialError, QuotaError, TransientError
from assay.sources.newsroom import NewsProvider
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.news.keeping import NewsGained, NewsKeeper
from assay.workflows.news.planning import (
    NewsFeed,
    NewsPlan,
    NewsQuestion,
    heard_of,
    newsrooms,
    planned_news,
    subjects_of,
)

ASKED = "Asking for news"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was not answered to the end, and the sentence that says why."""

    source: str
    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewsRun:
    """What a sync of news did: what was gained from each source, and what was not answered."""

    gained: Mapping[str, NewsGained]
    failed: tuple[Unanswered, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "gained": {name: one.to_json() for name, one in self.gained.items()},
            "failed": [
                {n: getattr(one, n) for n in one.__dataclass_fields__} for one in self.failed
            ],
        }


def sync_news(desk: Desk, feed: NewsFeed, *, tick: Tick = silent) -> tuple[NewsPlan, NewsRun]:
    """Store what the sources of `feed` tell that is new; safe to stop and to run again.

    Each source is asked in a thread of its own, page by page, and each page is stored before the
    next is asked: a sync that was killed goes on there. A source that refuses its key, whose
    allowance is used up, or that is down, is asked nothing more in this run; the others go on.
    """
    desk.reach.stopped.clear()
    with newsrooms(desk, feed.sources) as providers:
        plan = planned_news(desk, feed, providers)
        return plan, _Run(desk, providers, plan.questions, tick).run()


@dataclass
class _Run:
    """One sync: what its threads share."""

    desk: Desk
    providers: Mapping[str, NewsProvider]
    questions: Sequence[NewsQuestion]
    tick: Tick
    gained: dict[str, NewsGained] = field(default_factory=dict)
    failed: list[Unanswered] = field(default_factory=list)
    _done: int = 0
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> NewsRun:
        """Ask everything; a bug or a full disk in one thread stops the others and is raised."""
        by_source: dict[str, list[NewsQuestion]] = defaultdict(list)
        for one in self.questions:
            by_source[one.source].append(one)
        keeper = NewsKeeper(self.desk, subjects_of(self.desk))
        self.gained = {name: NewsGained() for name in by_source}
        with ThreadPoolExecutor(max_workers=max(1, len(by_source))) as pool:
            running = [
                pool.submit(self._ask_all, keeper, name, asked) for name, asked in by_source.items()
            ]
            try:
                for future in running:
                    future.result()
            except BaseException:
                self.desk.reach.stopped.set()
                raise
        return NewsRun(self.gained, tuple(self.failed))

    def _ask_all(self, keeper: NewsKeeper, source: str, questions: Sequence[NewsQuestion]) -> None:
        out: AssayError | None = None
        for one in questions:
            if self.desk.reach.stopped.is_set():
                return
            error = out or self._ask(keeper, one)
            if error is not None:
                with self._lock:
                    self.failed.append(Unanswered(source, one.question, str(error)))
                out = error if _is_for_all(error, self.providers[source]) else None
            self._count()

    def _ask(self, keeper: NewsKeeper, asked: NewsQuestion) -> AssayError | None:
        """Ask one question to its end; return what kept it from being answered, if so."""
        provider, gained = self.providers[asked.source], self.gained[asked.source]
        heard, at = heard_of(self.desk), asked.start
        while at < asked.end and not self.desk.reach.stopped.is_set():
            try:
                page = provider.page(asked.question, at, asked.end)
            except AssayError as error:
                return error
            gained.calls += 1
            gained.notes += [note for note in page.notes if note not in gained.notes]
            keeper.take(asked.source, page.dispatches, provider.abilities, asked.answered, gained)
            heard.add(asked.source, asked.question, asked.start, page.through)
            if page.current or page.through <= at:
                return None
            at = page.through
        return None

    def _count(self) -> None:
        with self._lock:
            self._done += 1
            self.tick(ASKED, self._done, len(self.questions))


def _is_for_all(error: AssayError, provider: NewsProvider) -> bool:
    """Say whether a source will answer every other question with the same error."""
    if isinstance(error, CredentialError):
        return True
    return isinstance(error, TransientError) and (
        isinstance(error, QuotaError) or not provider.abilities.apart
    )
