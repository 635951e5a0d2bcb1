"""Keep bars up to date: what is configured, or one instrument from one source."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import AssayError, SettingsError
from assay.core.names import unknown
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Provider
from assay.workflows.define import remember, resolve
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.syncing.feeds import Feed
from assay.workflows.syncing.planning import Part, Question, Unplanned, cost, planned
from assay.workflows.syncing.routes import Route, routes_of
from assay.workflows.syncing.running import SyncRun, run_questions

EVERYTHING = tuple(Part)
HOW_TO = (
    "No feed is configured: write into assay.toml\n\n"
    '[feeds.EURUSD]\nsources = ["yahoo"]\ntimeframes = ["1h"]\n\n'
    "or fetch one series at once: assay data backfill SOURCE SYMBOL"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync will ask: `cost` in calls by source; `refused` are series nothing is asked of."""

    questions: tuple[Question, ...]
    refused: tuple[Unplanned, ...]
    cost: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "questions": [one.to_json() for one in self.questions],
            "cost": self.cost,
            "refused": [{"series": o.name, "reason": str(o.error)} for o in self.refused],
        }


def feeds_of(desk: Desk, symbols: Sequence[str] = ()) -> list[Feed]:
    """Return the configured feeds, or those of `symbols`; none at all is a `SettingsError`."""
    if not desk.feeds:
        raise SettingsError(HOW_TO)
    wanted = [symbol.upper() for symbol in symbols] or list(desk.feeds)
    for symbol in wanted:
        if symbol not in desk.feeds:
            raise unknown("feed", symbol, desk.feeds)
    return [desk.feeds[symbol] for symbol in wanted]


def feed_from(
    desk: Desk,
    source: str,
    symbol: str,
    timeframes: Sequence[Timeframe],
    since: datetime | None,
    asset_class: AssetClass | None = None,
    venue_calendar: str | None = None,
) -> Feed:
    """Return the feed of one instrument from one source, as a person asks for it at once.

    A beginning that is not in the past is a `SettingsError`.
    """
    now = desk.clock.now()
    if since is not None and since >= now:
        raise SettingsError(f"--since must lie in the past; found {since:%Y-%m-%d}")
    desk.reach.kind(source)
    return Feed(symbol, (source,), tuple(timeframes), since, asset_class, venue_calendar)


def plan_sync(desk: Desk, feeds: Sequence[Feed], parts: Sequence[Part] = EVERYTHING) -> Plan:
    """Return what a sync of `feeds` would ask, and of whom; asks nothing."""
    with reached(desk, feeds) as providers:
        return planned_for(desk, feeds, providers, parts)


def sync(
    desk: Desk,
    feeds: Sequence[Feed],
    parts: Sequence[Part] = EVERYTHING,
    *,
    tick: Tick = silent,
) -> tuple[Plan, SyncRun]:
    """Bring the series of `feeds` up to date; safe to stop and to run again.

    What a source has answered for and does not have is not asked of it again.
    """
    desk.reach.stopped.clear()
    with reached(desk, feeds) as providers:
        plan = planned_for(desk, feeds, providers, parts)
        for instrument in {one.route.instrument for one in plan.questions}:
            remember(desk, instrument)
        return plan, run_questions(desk, plan.questions, providers, tick=tick)


def planned_for(
    desk: Desk, feeds: Sequence[Feed], providers: Mapping[str, Provider], parts: Sequence[Part]
) -> Plan:
    """Return the plan of a sync of `feeds` from `providers`; asks nothing."""
    routes, refused = routed(desk, feeds, providers)
    questions, without = planned(desk, routes, providers, parts)
    return Plan(tuple(questions), (*refused, *without), cost(questions))


def routed(
    desk: Desk, feeds: Sequence[Feed], providers: Mapping[str, Provider]
) -> tuple[list[Route], list[Unplanned]]:
    """Return the series to fetch for `feeds`, and the feeds that none can be fetched for."""
    routes: list[Route] = []
    refused: list[Unplanned] = []
    for feed in feeds:
        try:
            instrument = resolve(desk, feed.symbol, feed.asset_class, feed.calendar)
            routes += routes_of(providers, instrument, feed)
        except AssayError as error:
            refused.append(Unplanned(feed.symbol, error))
    return routes, refused


@contextmanager
def reached(desk: Desk, feeds: Sequence[Feed]) -> Iterator[dict[str, Provider]]:
    """Yield the providers of all feeds by name, and let go of them at the end."""
    names = dict.fromkeys(name for feed in feeds for name in feed.sources)
    providers = {name: desk.reach.provider(name) for name in names}
    try:
        yield providers
    finally:
        for one in providers.values():
            one.close()
