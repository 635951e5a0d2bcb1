"""What is stored of every instrument, and whether its market is open now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assay.core.calendars.calendar import calendar
from assay.core.errors import HistoryError
from assay.core.instruments import KNOWN
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.store.instruments import Instruments
from assay.store.series import SeriesInfo
from assay.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One stored series; `first` and `last` are closes of bars, UTC."""

    timeframe: Timeframe
    rows: int
    first: datetime
    last: datetime
    source: str
    simulated: bool
    corrections: int


@dataclass(frozen=True, slots=True)
class Session:
    """Whether the market is open at `at` (to the minute) and when it next opens.

    `is_open` is None outside the years that the calendar knows; `sentence` says why in words.
    """

    at: datetime
    is_open: bool | None
    next_open: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class StoredInstrument:
    """An instrument with its stored series, the shortest bars first, and its session now."""

    instrument: Instrument
    series: tuple[StoredSeries, ...]
    session: Session


def stored_instruments(desk: Desk) -> list[StoredInstrument]:
    """Return every instrument of which bars are stored, by symbol; damaged series are left out."""
    found: dict[str, list[SeriesInfo]] = {}
    for info in desk.bars.series([]):
        found.setdefault(info.symbol, []).append(info)
    own = {one.symbol: one for one in Instruments(desk.database).list()}
    at = desk.clock.now().replace(second=0, microsecond=0)
    return [
        _stored(own[symbol], infos, at) for symbol, infos in sorted(found.items()) if symbol in own
    ]


def stored_instrument(desk: Desk, symbol: str) -> StoredInstrument:
    """Return one instrument, also one without bars; a name nobody knows is a `NotFoundError`."""
    instrument = known(desk, symbol)
    infos = [info for info in desk.bars.series([]) if info.symbol == instrument.symbol]
    return _stored(instrument, infos, desk.clock.now().replace(second=0, microsecond=0))


def known(desk: Desk, symbol: str) -> Instrument:
    """Return the instrument called `symbol`, without asking the database for a known one."""
    return KNOWN.get(symbol) or desk.instrument(symbol)


def _stored(instrument: Instrument, infos: Iterable[SeriesInfo], at: datetime) -> StoredInstrument:
    series = tuple(
        StoredSeries(
            info.timeframe,
            info.rows,
            info.first,
            info.last,
            info.source,
            info.simulated,
            info.corrections,
        )
        for info in infos
    )
    return StoredInstrument(instrument, series, session_of(instrument, at))


def session_of(instrument: Instrument, at: datetime) -> Session:
    """Return whether the market of `instrument` is open at `at` (UTC)."""
    market = calendar(instrument.calendar)
    try:
        is_open = market.is_open(at)
        opens = at if is_open else market.next_open(at)
        return Session(at, is_open, None if is_open else opens, market.explain(at))
    except HistoryError as error:
        return Session(at, None, None, str(error))
