"""Spans of time that are asked for: what is missing, less what was answered already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.store.answered import Answer, Answered
from assay.workflows.covered import covered
from assay.workflows.desk import Desk
from assay.workflows.syncing.routes import Route

SETTLED = timedelta(days=2)
"""What closed so long before it was asked for will not come late any more."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Bars that close after `start` and by `end`; UTC."""

    start: datetime
    end: datetime


def gaps_of(desk: Desk, route: Route) -> list[Span]:
    """Return the runs of bars that the calendar expects and the store lacks, the earliest first.

    They lie between the first and the last stored bar; a series without bars has none.
    """
    symbol, timeframe = route.instrument.symbol, route.timeframe
    if not desk.has(symbol, timeframe):
        return []
    found = covered(desk.bars.read(route.instrument, timeframe)).gaps()
    return [Span(gap.first - timeframe.length, gap.last) for gap in found]


def unanswered(spans: Iterable[Span], answers: Iterable[Answer], source: str) -> list[Span]:
    """Return `spans` less those for which `source` has answered."""
    taken = [Span(one.start, one.end) for one in answers if one.source == source]
    return [left for span in spans for left in _less(span, taken)]


def _less(span: Span, taken: Sequence[Span]) -> list[Span]:
    left = [span]
    for one in taken:
        left = [
            part
            for piece in left
            for part in (
                Span(piece.start, min(piece.end, one.start)),
                Span(max(piece.start, one.end), piece.end),
            )
            if part.start < part.end
        ]
    return left


def joined(spans: Sequence[Span], within: timedelta) -> list[Span]:
    """Return `spans` with those joined that one call can serve: from start to end at most `within`.

    Asking for two bars that lie near each other costs as much as asking for all between them.
    """
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.end - found[-1].start <= within:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def remember(desk: Desk, route: Route, source: str, asked: Span) -> None:
    """Store that `source` has answered for a span: what is not stored of it now, it lacks."""
    now = desk.clock.now()
    answer = Answer(source, asked.start, min(asked.end, now - SETTLED), now)
    Answered(desk.database).add(route.instrument.symbol, route.timeframe, answer)
