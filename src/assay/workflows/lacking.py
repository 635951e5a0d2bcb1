"""Which bars are missing, which sources were asked for them in vain, and which can be asked."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from assay.core.errors import AssayError
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Provider
from assay.store.answered import Answer, Answered
from assay.store.series import SeriesInfo
from assay.workflows.covered import Gap, covered
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.learn import in_threads
from assay.workflows.syncing.spans import Span, unanswered
from assay.workflows.thin import MADE_OF


@dataclass(frozen=True, slots=True)
class Lacking:
    """A run of missing bars of one series.

    `without` are the sources that have answered for all of it and do not have it, `open` those that
    can still be asked: of the feed, or those that the bars came from. Bars made of shorter ones
    (`made_of`) come when those do.
    """

    symbol: str
    timeframe: Timeframe
    gap: Gap
    without: tuple[str, ...]
    open: tuple[str, ...]
    made_of: str | None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "first": self.gap.first,
            "last": self.gap.last,
            "bars": self.gap.bars,
            "asked_in_vain": self.without,
            "can_be_asked": self.open,
            "made_of": self.made_of,
        }


def lacking(
    desk: Desk,
    wanted: Sequence[tuple[str, Timeframe]],
    *,
    problems: list[str],
    tick: Tick = silent,
) -> list[Lacking]:
    """Return the missing runs of each of the stored series `wanted`, the longest first.

    Nobody is asked. A series that cannot be looked at is named in `problems`.
    """
    infos = [desk.bars.info(symbol, timeframe) for symbol, timeframe in wanted]
    found: list[Lacking] = []
    with ExitStack() as stack:
        names = dict.fromkeys(name for info in infos for name in _sources(desk, info))
        providers = _reached(desk, names, stack)

        def look(info: SeriesInfo) -> list[Lacking] | str:
            try:
                own = {n: providers[n] for n in _sources(desk, info) if n in providers}
                return _of(desk, info, own)
            except AssayError as error:
                return f"{info.symbol} {info.timeframe}: {error}"

        for number, one in enumerate(in_threads(look, infos, desk.jobs), 1):
            if isinstance(one, str):
                problems.append(one)
            else:
                found += one
            tick("Looking for gaps", number, len(infos))
    return sorted(found, key=lambda one: (-one.gap.bars, one.symbol, one.timeframe, one.gap.first))


def _sources(desk: Desk, info: SeriesInfo) -> Sequence[str]:
    """Return the sources of a series' feed, or without one those that its bars came from."""
    feed = desk.feeds.get(info.symbol)
    return feed.sources if feed is not None else info.source.split(", ")


def _reached(desk: Desk, names: Iterable[str], stack: ExitStack) -> dict[str, Provider]:
    """Return those that can be asked: a file cannot, nor a source whose extra is missing."""
    found = {}
    for name in names:
        try:
            found[name] = provider = desk.reach.provider(name)
        except AssayError:
            continue
        stack.callback(provider.close)
    return found


def _of(desk: Desk, info: SeriesInfo, providers: Mapping[str, Provider]) -> list[Lacking]:
    instrument, timeframe = desk.instrument(info.symbol), info.timeframe
    gaps = covered(desk.bars.read(instrument, timeframe)).gaps()
    made_of = info.source.removeprefix(MADE_OF) if info.source.startswith(MADE_OF) else None
    answers = Answered(desk.database).of(info.symbol, timeframe) if desk.has_database else []
    asked = dict.fromkeys([*providers, *(one.source for one in answers)])
    reach = {
        name: one.earliest(timeframe)
        for name, one in providers.items()
        if made_of is None and one.offers(instrument, timeframe)
    }
    found = []
    for gap in gaps:
        span = Span(gap.first - timeframe.length, gap.last)
        without = tuple(name for name in asked if _lacks(name, span, answers))
        can = (name for name, since in reach.items() if name not in without and since < gap.last)
        found.append(Lacking(info.symbol, timeframe, gap, without, tuple(can), made_of))
    return found


def _lacks(source: str, span: Span, answers: Sequence[Answer]) -> bool:
    """Say whether a source has answered for the whole of a span."""
    return not unanswered([span], answers, source)
