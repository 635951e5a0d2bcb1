"""Compare the stored bars with what other sources say of them; nothing stored is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assay.core.errors import AssayError
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Provider
from assay.sources.quality.overlap import Overlap, compared
from assay.store.comparisons import ComparisonRow, Comparisons
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.syncing.feeds import Feed
from assay.workflows.syncing.routes import Route
from assay.workflows.syncing.running import Failed
from assay.workflows.syncing.sync import reached, routed

DAYS = 30


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A series' stored bars, of `source`, against those of `other` from `start` to `end` (UTC)."""

    symbol: str
    timeframe: Timeframe
    source: str
    other: str
    start: datetime
    end: datetime
    overlap: Overlap

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__ if n != "overlap"}
        return plain | overlap_json(self.overlap)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a comparison of sources found, and what could not be compared."""

    compared: tuple[Reconciled, ...]
    failed: tuple[Failed, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        failed = [{n: getattr(one, n) for n in one.__dataclass_fields__} for one in self.failed]
        return {"compared": [one.to_json() for one in self.compared], "failed": failed}


def overlap_json(overlap: Overlap) -> dict[str, Any]:
    """Return a comparison as plain data."""
    plain = {n: getattr(overlap, n) for n in overlap.__dataclass_fields__ if n != "differences"}
    told = [
        {"kind": one.kind.value, "measure": one.measure, "sentence": one.sentence}
        for one in overlap.differences
    ]
    return {**plain, "differences": told}


def reconcile(
    desk: Desk, feeds: Sequence[Feed], *, days: int = DAYS, tick: Tick = silent
) -> Reconciliation:
    """Ask every other source of each stored series for its last `days`, and say what differs.

    What is found is kept, and decides whether a feed counts as thin (`syncing.thin`). A source that
    cannot be asked is named with the reason.
    """
    done: list[Reconciled] = []
    failed: list[Failed] = []
    with reached(desk, feeds) as providers:
        routes, refused = routed(desk, feeds, providers)
        failed += [Failed(one.name, Timeframe.H1, "", str(one.error)) for one in refused]
        pairs = [(route, other) for route in routes for other in _others(desk, route)]
        for number, (route, other) in enumerate(pairs, 1):
            try:
                done.append(_one(desk, route, other, providers, days))
            except AssayError as error:
                symbol, timeframe = route.instrument.symbol, route.timeframe
                failed.append(Failed(symbol, timeframe, other, str(error)))
            tick("Comparing sources", number, len(pairs))
    return Reconciliation(tuple(done), tuple(failed))


def _others(desk: Desk, route: Route) -> list[str]:
    """Return the sources of a route that its stored bars are not from."""
    symbol, timeframe = route.instrument.symbol, route.timeframe
    if not desk.has(symbol, timeframe):
        return []
    held = desk.bars.info(symbol, timeframe).source
    return [source for source in route.sources if source != held]


def _one(
    desk: Desk, route: Route, other: str, providers: Mapping[str, Provider], days: int
) -> Reconciled:
    symbol, timeframe = route.instrument.symbol, route.timeframe
    info = desk.bars.info(symbol, timeframe)
    start = max(info.first - timeframe.length, info.last - timedelta(days=days))
    ours = desk.bars.read(route.instrument, timeframe, start=start).frame
    theirs = providers[other].bars(route.instrument, timeframe, start, info.last).bars.frame
    overlap = compared(ours, theirs, timeframe, info.source, other)
    found = Reconciled(symbol, timeframe, info.source, other, start, info.last, overlap)
    Comparisons(desk.database).add(
        ComparisonRow(
            symbol=symbol,
            timeframe=timeframe,
            source=info.source,
            other=other,
            start=start,
            end=info.last,
            at=desk.clock.now(),
            volume_share=overlap.volume_share,
            findings=overlap_json(overlap),
        )
    )
    return found
