"""When the markets of a workspace trade around a time, and the desks of the FX centres."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.calendars.sessions import CENTRES, Centre
from assay.core.clock import utc
from assay.core.errors import AssayError, HistoryError
from assay.core.values.instrument import AssetClass
from assay.workflows.desk import Desk

AROUND = timedelta(hours=12)
"""So long before and after the time that is asked about."""
OVER_THE_COUNTER = (AssetClass.FX, AssetClass.METAL)


@dataclass(frozen=True, slots=True)
class Session:
    """One session, all times UTC; `day` is the market's name for it, `note` what is special."""

    day: date
    opens: datetime
    closes: datetime
    break_start: datetime | None
    break_end: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Market:
    """One calendar around a time; all UTC, `zone` is its local one.

    `holiday` names the day, if it is none like others. `next_open` is None while it is open,
    `next_close` the first time at which trading stops, None if it never does. Where the calendar
    does not know the time, `is_open` is None and `sentence` says what it knows.
    """

    calendar: str
    zone: str
    symbols: tuple[str, ...]
    is_open: bool | None
    sentence: str
    holiday: str | None = None
    next_open: datetime | None = None
    next_close: datetime | None = None
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Desks:
    """The usual desk hours of one FX centre (there is no official table), UTC."""

    name: str
    zone: str
    is_open: bool
    spans: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The 24 hours around `at` (UTC), from `start` to `end`."""

    at: datetime
    start: datetime
    end: datetime
    markets: tuple[Market, ...]
    centres: tuple[Desks, ...]


def sessions_around(desk: Desk, at: datetime | None = None, day: date | None = None) -> Sessions:
    """Return the sessions of each calendar that a stored series follows, in the 24 hours around.

    `at` is now if None; with `day` its noon (UTC), so that the hours are those of the day. The FX
    centres are there where a currency or a metal is stored.
    """
    noon = datetime.combine(day, time(12), desk.clock.now().tzinfo) if day else None
    moment = utc(at or noon or desk.clock.now())
    start, end = moment - AROUND, moment + AROUND
    used, over = _used(desk)
    return Sessions(
        at=moment,
        start=start,
        end=end,
        markets=tuple(_market(name, used[name], moment) for name in sorted(used)),
        centres=tuple(_desks(one, moment) for one in CENTRES) if over else (),
    )


def _used(desk: Desk) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Return the stored symbols by calendar, and whether a currency or a metal is among them."""
    found: dict[str, tuple[str, ...]] = {}
    over = False
    for symbol in sorted({info.symbol for info in desk.bars.series([])}):
        try:
            instrument = desk.instrument(symbol)
        except AssayError:
            continue  # nothing says what it is; the doctor does
        found[instrument.calendar] = (*found.get(instrument.calendar, ()), symbol)
        over = over or instrument.asset_class in OVER_THE_COUNTER
    return found, over


def _market(name: str, symbols: tuple[str, ...], at: datetime) -> Market:
    market = calendar(name)
    try:
        is_open = market.is_open(at)
        return Market(
            calendar=name,
            zone=market.zone,
            symbols=symbols,
            is_open=is_open,
            sentence=market.explain(at),
            holiday=_holiday(market, at),
            next_open=None if is_open else market.next_open(at),
            next_close=market.next_close(at),
            sessions=tuple(_sessions(market, at)),
        )
    except HistoryError as error:
        return Market(name, market.zone, symbols, None, str(error))


def _holiday(market: Calendar, at: datetime) -> str | None:
    day = at.astimezone(ZoneInfo(market.zone)).date()
    named = market.holidays(day, day)
    return str(named["name"][0]) if named.height else None


def _sessions(market: Calendar, at: datetime) -> Iterator[Session]:
    for row in market.sessions(at - AROUND, at + AROUND).iter_rows(named=True):
        start, end = row["break_start"], row["break_end"]
        yield Session(
            day=row["date"],
            opens=utc(row["open"]),
            closes=utc(row["close"]),
            break_start=start and utc(start),
            break_end=end and utc(end),
            note=row["note"],
        )


def _desks(centre: Centre, at: datetime) -> Desks:
    zone = ZoneInfo(centre.zone)
    first = (at - AROUND).astimezone(zone).date()
    days = [first + timedelta(days=shift) for shift in range(3)]
    spans = tuple(
        (utc(_local(day, centre.opens, zone)), utc(_local(day, centre.closes, zone)))
        for day in days
        if day.weekday() < 5
    )
    near = tuple(span for span in spans if span[0] < at + AROUND and at - AROUND < span[1])
    return Desks(centre.name, centre.zone, any(a <= at < b for a, b in near), near)


def _local(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone)
