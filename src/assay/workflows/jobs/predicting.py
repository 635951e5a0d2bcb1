"""Issue the signals of the bar that has closed, of every trained series that has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.core.errors import AssayError, JournalError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.store.signals import Signals
from assay.workflows.board import decidable
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.gather import Series
from assay.workflows.issue import issue
from assay.workflows.jobs.markets import closes_at, is_fed, live


@dataclass(frozen=True, slots=True)
class Predicted:
    """What came of one close: `issued` and `again` are ids of signals, new and known ones.

    `awaited` are the fed series whose bar was not there, `behind` the others without it; `failed`
    says of a series why it has no signal.
    """

    issued: tuple[str, ...]
    again: tuple[str, ...]
    awaited: tuple[str, ...]
    behind: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Return a sentence for each series without a signal."""
        missing = (f"{one}: its bar is not there" for one in (*self.awaited, *self.behind))
        return (*self.failed, *missing)

    @property
    def sentence(self) -> str:
        """Return all of it in one sentence."""
        said = f"{len(self.issued):,} signals issued"
        if self.again:
            said += f", {len(self.again):,} were issued before"
        if self.awaited or self.behind:
            said += f", {len(self.awaited) + len(self.behind):,} bars are not there"
        if self.failed:
            said += f", {len(self.failed):,} series have none: {self.failed[0]}"
        return said

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: list(getattr(self, name)) for name in self.__dataclass_fields__}


def predict(
    desk: Desk,
    timeframe: Timeframe | None = None,
    at: datetime | None = None,
    symbols: Sequence[str] = (),
    *,
    tick: Tick = silent,
) -> Predicted:
    """Issue the signal of the bar that closed at `at` (UTC), of each series that should have it.

    Series that are fed are brought up to date first. Without `at` it is the newest stored bar of
    each. What a service has issued already, when it saw the bar come, is not computed again. A
    series that fails stops no other; a broken journal stops everything.
    """
    wanted = _wanted(desk, timeframe, at, symbols)
    if at is not None:
        _fetch(desk, [s for s in wanted if is_fed(desk, s) and not _has(desk, s, at)], tick)
    signals = Signals(desk.journal)
    last = desk.journal.last()
    before = last[0].no if last else 0
    issued: list[str] = []
    again: list[str] = []
    missing: list[Series] = []
    failed: list[str] = []
    for number, series in enumerate(wanted, 1):
        tick("Issuing signals", number - 1, len(wanted))
        if at is not None and not _has(desk, series, at):
            missing.append(series)
            continue
        known = signals.newest(series.symbol, series.timeframe) if at is not None else None
        if known is not None and at is not None and known.as_of >= at:
            again.append(known.id)
            continue
        try:
            row = issue(desk, series.symbol, series.timeframe, as_of=at)
        except JournalError:
            raise
        except AssayError as error:
            failed.append(f"{series}: {error}")
        else:
            (issued if (row.entry or 0) > before else again).append(row.id)
    tick("Issuing signals", len(wanted), len(wanted))
    awaited = tuple(str(one) for one in missing if is_fed(desk, one))
    behind = tuple(str(one) for one in missing if not is_fed(desk, one))
    return Predicted(tuple(issued), tuple(again), awaited, behind, tuple(failed))


def _wanted(
    desk: Desk, timeframe: Timeframe | None, at: datetime | None, symbols: Sequence[str]
) -> list[Series]:
    known = {desk.instrument(symbol).symbol for symbol in symbols}
    every = decidable(desk, [timeframe] if timeframe else ())
    asked = [s for s in every if not known or s.symbol in known]
    missing = known - {s.symbol for s in asked}
    if missing:
        raise NotFoundError(f"{', '.join(sorted(missing))} has no trained models; run assay train")
    if at is None:
        return asked
    going = set(live(desk)) if not known else set(asked)
    return [s for s in asked if s in going and closes_at(desk, s, at)]


def _has(desk: Desk, series: Series, at: datetime) -> bool:
    """Say whether the bar that closed at `at` is stored, or a later one."""
    try:
        return desk.bars.info(series.symbol, series.timeframe).last >= at
    except NotFoundError:
        return False


def _fetch(desk: Desk, series: Sequence[Series], tick: Tick) -> None:
    """Ask the sources for the newest bars; what fails is seen by the bar that is not there."""
    if not series:
        return
    from assay.workflows.syncing.planning import Part
    from assay.workflows.syncing.sync import feeds_of, sync

    symbols = sorted({one.symbol for one in series})
    sync(desk, feeds_of(desk, symbols), (Part.FIRST, Part.NEWER), tick=tick)
