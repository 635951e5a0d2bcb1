"""What the markets of a workspace say of when jobs are due: bars that close, days without any."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.errors import AssayError, HistoryError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.workflows.board import decidable
from assay.workflows.desk import Desk
from assay.workflows.gather import Series

STILL_FED = timedelta(days=7)
"""Bars that were stored from elsewhere so lately are expected to go on."""
AHEAD = (timedelta(hours=6), timedelta(days=8), timedelta(days=40))
"""So far ahead the next close is looked for, in turn."""
NOON = 12
RECENTLY = timedelta(hours=2)


def untrained(desk: Desk) -> str | None:
    """Return that nothing is trained yet, None if something is."""
    try:
        decidable(desk)
    except NotFoundError:
        return "nothing is trained yet; assay train does it"
    return None


def live(desk: Desk) -> list[Series]:
    """Return the trained series whose bars are expected to go on: fed, or stored lately.

    Simulated ones go on by themselves, by a clock of their own, or not at all.
    """
    if untrained(desk):
        return []
    found = []
    for series in decidable(desk):
        try:
            info = desk.bars.info(series.symbol, series.timeframe)
        except NotFoundError:
            continue
        is_new = desk.clock.now() - info.last < STILL_FED
        if not info.simulated and (is_new or is_fed(desk, series)):
            found.append(series)
    return found


def is_fed(desk: Desk, series: Series) -> bool:
    """Say whether the settings name where its bars come from."""
    feed = desk.feeds.get(series.symbol)
    return feed is not None and series.timeframe in feed.timeframes


def closes_at(desk: Desk, series: Series, at: datetime) -> bool:
    """Say whether a bar of the series should have closed at `at`."""
    market = market_of(desk, series)
    return len(market.expected_closes(series.timeframe, at, at)) > 0


def newest_closes(desk: Desk, now: datetime) -> dict[Timeframe, datetime]:
    """Return the newest close of each length of bar that came within one such length."""
    found: dict[Timeframe, datetime] = {}
    for market, timeframe in _each(desk):
        start = now - timeframe.length
        closes = _closes(market, timeframe, start, now)
        late = max((one for one in closes if start < one <= now), default=None)
        if late is not None:
            found[timeframe] = max(late, found.get(timeframe, late))
    return found


def next_close(desk: Desk, now: datetime) -> datetime | None:
    """Return when the next bar of a live series closes; None if there is none."""
    found = [each for each in (_next(*pair, now) for pair in _each(desk)) if each is not None]
    return min(found, default=None)


def closed_days(desk: Desk, now: datetime) -> list[tuple[str, datetime]]:
    """Return the markets whose day has no session, and its noon, once that is past."""
    found = []
    for market in {one.name: one for one, _ in _each(desk)}.values():
        noon = _noon(market, now)
        if noon <= now and _is_shut(market, noon):
            found.append((market.name, noon))
    return sorted(found)


def closed_on(name: str, at: datetime) -> str | None:
    """Return why a market has no session on the day of `at`, None if it has one."""
    market = calendar(name)
    return market.explain(at) if _is_shut(market, at) else None


def all_closed(desk: Desk, at: datetime) -> str | None:
    """Return why no feed got a bar in the last hours, None if one did or is not stored yet."""
    said: dict[str, str] = {}
    for feed in desk.feeds.values():
        for timeframe in feed.timeframes:
            series = Series(feed.symbol, timeframe)
            if not desk.has(series.symbol, timeframe):
                return None
            market = market_of(desk, series)
            start = at - max(RECENTLY, timeframe.length)
            if _closes(market, timeframe, start, at):
                return None
            said[market.name] = market.explain(at)
    return "; ".join(said.values()) or None


def market_of(desk: Desk, series: Series) -> Calendar:
    """Return the calendar of a series."""
    return calendar(desk.instrument(series.symbol).calendar)


def _each(desk: Desk) -> Iterator[tuple[Calendar, Timeframe]]:
    """Yield each market and length of bar of the live series once."""
    seen = set()
    for series in live(desk):
        market = market_of(desk, series)
        if (market.name, series.timeframe) not in seen:
            seen.add((market.name, series.timeframe))
            yield market, series.timeframe


def _next(market: Calendar, timeframe: Timeframe, now: datetime) -> datetime | None:
    for ahead in AHEAD:
        closes = _closes(market, timeframe, now, now + ahead)
        later = next((one for one in closes if one > now), None)
        if later is not None:
            return later
    return None


def _closes(
    market: Calendar, timeframe: Timeframe, start: datetime, end: datetime
) -> Iterable[datetime]:
    """Return the closes from `start` to `end`; none where the calendar does not reach."""
    try:
        return list(market.expected_closes(timeframe, start, end))
    except HistoryError:
        return []


def _noon(market: Calendar, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(market.zone))
    return local.replace(hour=NOON, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def _is_shut(market: Calendar, at: datetime) -> bool:
    """Say whether the local day of `at` has no session of its own and none is on at `at`."""
    try:
        day = at.astimezone(ZoneInfo(market.zone)).date()
        around = market.sessions(at - timedelta(days=2), at + timedelta(days=2))
        return day not in around["date"].to_list() and not market.is_open(at)
    except (AssayError, OverflowError):
        return False  # nobody knows the sessions of such a time
