"""A stretch of bars for a chart: as columns, with what is missing and what is flagged in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Flaw
from assay.sources.quality.rules import find_flaws
from assay.workflows.covered import Gap, covered
from assay.workflows.desk import Desk
from assay.workflows.doubt import looks_back
from assay.workflows.stored_instruments import known

SPARSEST = 3
"""In so many times the time that bars take, so many are there, weekends and holidays counted."""
SLACK = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Up to so many bars of a stretch, the newest of it, in order of time.

    `earlier` is the close of the bar before the first, None where the stretch begins with it.
    `gaps` are runs of bars that the calendar expects and that are not there; `flaws` what the rules
    say of these bars, having looked as far back as they need.
    """

    bars: Bars
    source: str
    simulated: bool
    earlier: datetime | None
    gaps: tuple[Gap, ...]
    flaws: tuple[Flaw, ...]


def drawn(
    desk: Desk,
    symbol: str,
    timeframe: Timeframe,
    *,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    as_of: datetime | None,
) -> Drawn:
    """Return the newest `limit` bars that closed from `start` to `end` (UTC, both included).

    With `as_of` only what was stored by then, in the version of then. No bar there is a
    `NotFoundError` that says what is stored.
    """
    instrument = known(desk, symbol)
    info = desk.bars.info(instrument.symbol, timeframe)
    frame = _newest(desk, instrument, timeframe, start, min(end or info.last, info.last), limit + 1,
                    as_of)  # fmt: skip
    if frame.is_empty():
        raise NotFoundError(
            f"No bar of {instrument.symbol} {timeframe} closed in that stretch; stored are "
            f"{info.first:%Y-%m-%d %H:%M} to {info.last:%Y-%m-%d %H:%M} UTC"
            + (" now, and what was known then may be less" if as_of else "")
        )
    shown = Bars.again(instrument, timeframe, frame.tail(limit))
    return Drawn(
        bars=shown,
        source=info.source,
        simulated=info.simulated,
        earlier=frame["time"][0] if frame.height > limit else None,
        gaps=tuple(covered(shown).gaps()),
        flaws=_flaws(desk, shown, as_of),
    )


def _newest(
    desk: Desk,
    instrument: Instrument,
    timeframe: Timeframe,
    start: datetime | None,
    end: datetime,
    rows: int,
    as_of: datetime | None,
) -> pl.DataFrame:
    """Return the last `rows` bars; only where too few are near the end is all of it read."""
    near = end - (SPARSEST * rows * timeframe.length + SLACK)
    first = near if start is None else max(start, near)
    found = desk.bars.read(instrument, timeframe, first, end, as_of).frame.tail(rows)
    if found.height < rows and first != start:
        found = desk.bars.read(instrument, timeframe, start, end, as_of).frame.tail(rows)
    return found


def _flaws(desk: Desk, shown: Bars, as_of: datetime | None) -> tuple[Flaw, ...]:
    first, last = shown.first_time, shown.last_time
    begin = first - looks_back(shown.timeframe)
    seen = desk.bars.read(shown.instrument, shown.timeframe, begin, last, as_of).frame
    market = calendar(shown.instrument.calendar)
    found = find_flaws(seen, shown.instrument, shown.timeframe, market, is_open=True)
    return tuple(
        flaw for flaw in found if flaw.last is not None and flaw.first and flaw.last >= first
    )
