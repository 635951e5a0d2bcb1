"""Which bars are fetched for a feed, from whom, and which are made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assay.core.errors import NotFoundError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Provider
from assay.workflows.syncing.feeds import Feed

DAYS_ARE_MADE_OF = Timeframe.H1
"""Longer bars than these do not nest in every market's day."""


@dataclass(frozen=True, slots=True)
class Route:
    """One series that is fetched: bars that each of `sources` has itself, the preferred first.

    `made` are the longer timeframes that are made of them; `since` is from when on (UTC).
    """

    instrument: Instrument
    timeframe: Timeframe
    sources: tuple[str, ...]
    since: datetime | None
    made: tuple[Timeframe, ...]

    def __str__(self) -> str:
        return f"{self.instrument.symbol} {self.timeframe}"


def routes_of(reached: Mapping[str, Provider], instrument: Instrument, feed: Feed) -> list[Route]:
    """Return the series to fetch for a feed, each once, the shortest bars first.

    The preferred source that can serve a timeframe at all decides which bars are fetched for it:
    its own of that length, else its longest that divide it. A timeframe that no source can serve
    is a `NotFoundError`.
    """
    providers = {name: reached[name] for name in feed.sources}
    made: dict[Timeframe, list[Timeframe]] = {}
    for timeframe in feed.timeframes:
        own = _own(providers.values(), instrument, timeframe)
        if own is None:
            raise NotFoundError(_nobody(providers, instrument, timeframe))
        made.setdefault(own, [])
        if own is not timeframe:
            made[own].append(timeframe)
    return [
        Route(
            instrument,
            own,
            tuple(name for name, one in providers.items() if one.offers(instrument, own)),
            feed.since,
            tuple(longer),
        )
        for own, longer in sorted(made.items(), key=lambda one: one[0].minutes)
    ]


def _own(
    providers: Iterable[Provider], instrument: Instrument, timeframe: Timeframe
) -> Timeframe | None:
    """Return the bars that the first provider which can serve `timeframe` has itself."""
    for provider in providers:
        if provider.offers(instrument, timeframe):
            return timeframe
        shorter = [one for one in Timeframe if _divides(one, timeframe)]
        there = [one for one in shorter if provider.offers(instrument, one)]
        if there:
            return max(there, key=lambda one: one.minutes)
    return None


def _divides(shorter: Timeframe, longer: Timeframe) -> bool:
    if not longer.is_intraday and shorter.minutes > DAYS_ARE_MADE_OF.minutes:
        return False
    return shorter.minutes < longer.minutes and longer.minutes % shorter.minutes == 0


def _nobody(providers: dict[str, Provider], instrument: Instrument, timeframe: Timeframe) -> str:
    has = {
        name: [one for one in Timeframe if provider.offers(instrument, one)]
        for name, provider in providers.items()
    }
    said = "; ".join(f"{name} has {_some(bars, instrument)}" for name, bars in has.items())
    return f"No source of {instrument.symbol} gives {timeframe} bars or shorter ones: {said}"


def _some(bars: Sequence[Timeframe], instrument: Instrument) -> str:
    return ", ".join(bars) if bars else f"no {instrument.asset_class}"
