"""Ask the sources of figures for what became known since they were asked last."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import AssayError, CredentialError, TransientError
from assay.sources.contract import Note
from assay.sources.figures import MacroPage, MacroProvider
from assay.store.heard import Heard
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.macro.feed import MacroFeed
from assay.workflows.macro.keeping import Kept, keep

FOR_ALL = (CredentialError, TransientError)
"""Errors that a source will answer every other question with, too."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one source, for what became known after `start`, and its calls, about."""

    source: str
    question: str
    start: datetime
    end: datetime
    calls: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one question: versions of figures and of events that were new."""

    source: str
    question: str
    figures: int
    events: int
    calls: int
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__ if n != "notes"}
        return {**plain, "notes": [{"code": n.code, "sentence": n.sentence} for n in self.notes]}


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question without an answer, and the sentence that says why; `left` more were not asked."""

    source: str
    question: str
    reason: str
    left: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class MacroRun:
    """What a sync of figures did."""

    answered: tuple[Answered, ...]
    failed: tuple[Unanswered, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "answered": [one.to_json() for one in self.answered],
            "failed": [one.to_json() for one in self.failed],
        }


def plan_macro(desk: Desk, feed: MacroFeed) -> list[Question]:
    """Return what a sync of `feed` would ask; asks nothing."""
    found: list[Question] = []
    for source in feed.sources:
        with closing(desk.reach.macro(source)) as provider:
            found += _questions(desk, feed, source, provider)
    return found


def sync_macro(desk: Desk, feed: MacroFeed, *, tick: Tick = silent) -> MacroRun:
    """Store what became known since each source was asked last; safe to stop and to run again.

    A source that is busy, down or refuses its key is asked nothing more; the others go on.
    """
    desk.reach.stopped.clear()
    answered: list[Answered] = []
    failed: list[Unanswered] = []
    for source in feed.sources:
        with closing(desk.reach.macro(source)) as provider:
            questions = _questions(desk, feed, source, provider)
            for place, one in enumerate(questions):
                tick(f"Asking {source}", place, len(questions))
                try:
                    answered.append(_asked(desk, provider, one))
                except AssayError as error:
                    is_out = isinstance(error, FOR_ALL)
                    left = len(questions) - place - 1 if is_out else 0
                    failed.append(Unanswered(source, one.question, str(error), left))
                    if is_out:
                        break
            tick(f"Asking {source}", len(questions), len(questions))
    return MacroRun(tuple(answered), tuple(failed))


def _questions(
    desk: Desk, feed: MacroFeed, source: str, provider: MacroProvider
) -> Sequence[Question]:
    now, heard = desk.clock.now(), _heard(desk)
    since = max(feed.since, provider.earliest()) if feed.since else provider.earliest()
    found = []
    for question in provider.questions(feed.currencies):
        start = heard.through(source, question, since)
        calls = provider.calls(question, start, now)
        found.append(Question(source, question, start, now, calls))
    return found


def _asked(desk: Desk, provider: MacroProvider, asked: Question) -> Answered:
    """Ask page by page; what a page says is stored before it counts as heard."""
    heard, kept = _heard(desk), Kept()
    notes: dict[Note, None] = {}
    calls, at = 0, asked.start
    for page in _pages(provider, asked):
        calls += 1
        kept += keep(desk, page.figures)
        notes |= dict.fromkeys(page.notes)
        heard.add(asked.source, asked.question, at, page.through)
        at = page.through
    return Answered(asked.source, asked.question, kept.figures, kept.events, calls, tuple(notes))


def _pages(provider: MacroProvider, asked: Question) -> Iterator[MacroPage]:
    at = asked.start
    while at < asked.end:
        page = provider.page(asked.question, at, asked.end)
        yield page
        if page.current or page.through <= at:
            return
        at = page.through


def _heard(desk: Desk) -> Heard:
    return Heard(desk.home / "documents" / "heard" / "macro")
