"""What a sync will ask, of whom, and how many calls that costs: before anything is asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError, DataError
from assay.sources.provider import Provider
from assay.store.answered import Answered
from assay.workflows.desk import Desk
from assay.workflows.syncing.routes import Route
from assay.workflows.syncing.spans import Span, gaps_of, joined, unanswered

OVERLAP = 5
"""So many stored bars are asked for again, to hear of late corrections."""

BACK = timedelta(days=5 * 365)
"""How far back a feed goes that does not say since when."""


class Part(StrEnum):
    """Which part of a series a question is about."""

    FIRST = "first"
    NEWER = "newer"
    OLDER = "older"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Question:
    """A span of one series to be asked of one source, and how many calls it costs, about."""

    route: Route
    source: str
    part: Part
    span: Span
    calls: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "symbol": self.route.instrument.symbol,
            "timeframe": self.route.timeframe,
            "source": self.source,
            "part": self.part,
            "start": self.span.start,
            "end": self.span.end,
            "calls": self.calls,
        }


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A series of which nothing is asked, and the sentence that says why."""

    name: str
    error: AssayError


def planned(
    desk: Desk,
    routes: Iterable[Route],
    providers: Mapping[str, Provider],
    parts: Sequence[Part],
) -> tuple[list[Question], list[Unplanned]]:
    """Return the questions that bring each series up to date, with `parts` of them alone."""
    questions: list[Question] = []
    refused: list[Unplanned] = []
    for route in routes:
        try:
            for part, source, span in _wanted(desk, route, providers):
                if part in parts:
                    provider = providers[source]
                    calls = provider.calls(route.instrument, route.timeframe, span.start, span.end)
                    questions.append(Question(route, source, part, span, calls))
        except AssayError as error:
            refused.append(Unplanned(str(route), error))
    return questions, refused


def _wanted(
    desk: Desk, route: Route, providers: Mapping[str, Provider]
) -> Iterable[tuple[Part, str, Span]]:
    symbol, timeframe, first = route.instrument.symbol, route.timeframe, route.sources[0]
    now = desk.clock.now()
    since = max(route.since or now - BACK, _known_from(route), providers[first].earliest(timeframe))
    if not desk.has(symbol, timeframe):
        yield Part.FIRST, first, Span(since, now)
        return
    if desk.is_simulated(symbol, timeframe):
        raise DataError(
            f"{route}: simulated bars are stored, and real ones cannot follow them; use another "
            "workspace (--home)"
        )
    info = desk.bars.info(symbol, timeframe)
    start = max(info.first, info.last - OVERLAP * timeframe.length) - timeframe.length
    yield Part.NEWER, first, Span(start, now)
    answers = Answered(desk.database).of(symbol, timeframe) if desk.has_database else []
    gaps = gaps_of(desk, route)
    for source in route.sources:
        provider = providers[source]
        older = _due(route, Span(since, info.first - timeframe.length)) if route.since else []
        reach = provider.earliest(timeframe)
        for part, spans in ((Part.OLDER, older), (Part.GAP, gaps)):
            within = [Span(max(one.start, reach), one.end) for one in spans if one.end > reach]
            left = unanswered(within, answers, source)
            for span in joined(left, _one_call(provider, timeframe.length)):
                if span.start < span.end:
                    yield part, source, span


def _due(route: Route, span: Span) -> list[Span]:
    """Return the span, or none where the calendar expects no bar in it."""
    if span.end <= span.start:
        return []
    market = calendar(route.instrument.calendar)
    closes = market.expected_closes(route.timeframe, span.start, span.end)
    return [span] if len(closes.filter(closes > span.start)) else []


def _known_from(route: Route) -> datetime:
    """Return from when on the calendar of the instrument can say which bars to expect."""
    return datetime.combine(calendar(route.instrument.calendar).first, time(), UTC)


def _one_call(provider: Provider, length: timedelta) -> timedelta:
    """Return how long a span one call surely answers."""
    return length * provider.abilities.bars_a_call


def cost(questions: Iterable[Question]) -> dict[str, int]:
    """Return how many calls each source will be asked."""
    found: dict[str, int] = {}
    for one in questions:
        found[one.source] = found.get(one.source, 0) + one.calls
    return found
