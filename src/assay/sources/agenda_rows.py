"""Rows of economic calendars: whose money an event bears on, its name here, what was known when."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from assay.sources.contract import Note
from assay.sources.decisions import POLICY_RATE
from assay.sources.figure_rows import Odd, number, optional, some, stamp
from assay.sources.figures import Figure, MacroPage
from assay.sources.vintages import by_first_sight

LATE = timedelta(days=2)
"""So long after an event its figure may still be missing: it is asked for again until then."""
AHEAD = timedelta(days=14)
"""So far ahead it is asked what is due."""
LONGEST_TITLE = 200
LONGEST_NAME = 80
CURRENCIES: Mapping[str, str] = MappingProxyType(
    {
        "US": "USD", "EU": "EUR", "EA": "EUR", "EMU": "EUR", "DE": "EUR", "FR": "EUR", "IT": "EUR",
        "ES": "EUR", "UK": "GBP", "GB": "GBP", "JP": "JPY", "CH": "CHF", "AU": "AUD", "NZ": "NZD",
        "CA": "CAD", "UNITED STATES": "USD", "EURO ZONE": "EUR", "EURO AREA": "EUR",
        "EUROZONE": "EUR", "EUROPEAN UNION": "EUR", "GERMANY": "EUR", "FRANCE": "EUR",
        "ITALY": "EUR", "SPAIN": "EUR", "UNITED KINGDOM": "GBP", "JAPAN": "JPY",
        "SWITZERLAND": "CHF", "AUSTRALIA": "AUD", "NEW ZEALAND": "NZD", "CANADA": "CAD",
    }
)  # fmt: skip
"""The money that figures of a country bear on."""
_MEMBERS = MappingProxyType(
    {"DE": "de", "FR": "fr", "IT": "it", "ES": "es", "GERMANY": "de", "FRANCE": "fr",
     "ITALY": "it", "SPAIN": "es"}
)  # fmt: skip
"""Figures of one country of several with the same money say so in their name."""
MAJOR = frozenset(CURRENCIES.values())
_PERIOD = re.compile(
    r"\s*\((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|q[1-4]|h[12]|\d)[^)]*\)\s*$", re.I
)
_OTHER = re.compile(r"[^a-z0-9]+")
_RATES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "USD": re.compile(r"fed interest rate decision|federal funds rate|fed rate decision"),
        "EUR": re.compile(r"deposit facility rate|ecb deposit rate"),
        "GBP": re.compile(r"boe interest rate deci|official bank rate|boe rate decision"),
        "JPY": re.compile(r"boj interest rate deci|boj policy rate|boj rate decision"),
        "CHF": re.compile(r"snb interest rate deci|snb policy rate|snb rate decision"),
        "AUD": re.compile(r"rba interest rate deci|^cash rate$|rba rate decision"),
        "NZD": re.compile(r"rbnz interest rate deci|official cash rate|rbnz rate decision"),
        "CAD": re.compile(r"boc interest rate deci|^overnight rate$|boc rate decision"),
    }
)
"""How calendars call the decision on the rate that our features read."""
_IMPACTS = MappingProxyType({"high": "high", "medium": "medium", "moderate": "medium", "low": "low",
                             "3": "high", "2": "medium", "1": "low"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One event as a calendar tells it; `at` is when it is due (UTC), `place` a country or money.

    What is not told is None, or an empty text.
    """

    title: str
    place: str
    at: datetime
    actual: float | None = None
    consensus: float | None = None
    previous: float | None = None
    impact: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """What the fields of a provider's rows are called; its times are UTC."""

    time: str
    actual: str
    consensus: str
    previous: str


def row_of(row: object, fields: Fields, odd: Odd) -> Row | None:
    """Return the event that a row of an answer tells of, None (counted) if it cannot be read."""
    if isinstance(row, Mapping):
        at, title, country = stamp(row.get(fields.time), UTC), row.get("event"), row.get("country")
        names = (fields.actual, fields.consensus, fields.previous)
        if (
            at is not None
            and isinstance(title, str)
            and isinstance(country, str)
            and all(optional(row.get(name)) for name in names)
        ):
            actual, consensus, previous = (number(row.get(name)) for name in names)
            impact = impact_of(row.get("impact"))
            short = title[:LONGEST_TITLE]
            return Row(short, country[:LONGEST_NAME], at, actual, consensus, previous, impact)
    odd.add(row)
    return None


def money_of(place: str) -> str | None:
    """Return the currency that events of a country bear on; a currency is its own, None no other.

    >>> money_of("Euro Zone"), money_of("usd"), money_of("BR")
    ('EUR', 'USD', None)
    """
    said = place.strip().upper()
    return said if said in MAJOR else CURRENCIES.get(said)


def series_of(title: str, place: str) -> str:
    """Return our name for what a calendar calls `title`: the same for all its figures.

    >>> series_of("Core CPI (YoY) (Oct)", "US"), series_of("Fed Interest Rate Decision", "US")
    ('core_cpi_yoy', 'policy_rate_percent')
    >>> series_of("Inflation Rate YoY", "DE")
    'de_inflation_rate_yoy'
    """
    bare = title.lower()
    while (shorter := _PERIOD.sub("", bare)) != bare:
        bare = shorter
    rate = _RATES.get(money_of(place) or "")
    if rate is not None and rate.search(bare.strip()):
        return POLICY_RATE
    name = _OTHER.sub("_", bare).strip("_")[:LONGEST_NAME]
    member = _MEMBERS.get(place.strip().upper())
    return f"{member}_{name}" if member and not name.startswith(f"{member}_") else name


def impact_of(said: object) -> str:
    """Return "high", "medium" or "low" of what a calendar says, "" if it says nothing we know."""
    plain = str(said).strip().lower().removesuffix(" impact expected").removesuffix(" volatility")
    return _IMPACTS.get(plain, "")


def figures_of(
    rows: Sequence[Row], now: datetime, who: str
) -> tuple[tuple[Figure, ...], tuple[Note, ...]]:
    """Return what the rows say, as known at `now` (UTC), and what was noticed.

    A figure was known when it was due, an event to come is known now. A figure of an event that is
    still to come cannot be: it is left out, with a note. Of two rows of the same event that say
    two things none is taken; events of other money than ours are none.
    """
    found: dict[tuple[str, str, datetime], Figure] = {}
    early: list[str] = []
    conflicts: set[tuple[str, str, datetime]] = set()
    for row in rows:
        money = money_of(row.place)
        series = series_of(row.title, row.place)
        if money is None or not series:
            continue
        is_due = row.at <= now
        if not is_due and row.actual is not None:
            early.append(f"{row.title[:60]} of {row.at:%Y-%m-%d %H:%M}")
        figure = Figure(
            series,
            money,
            row.at,
            row.at if is_due else now,
            row.actual if is_due else None,
            row.consensus,
            previous=row.previous,
            title=row.title,
            impact=row.impact,
        )
        key = (series, money, row.at)
        if found.setdefault(key, figure) != figure:
            conflicts.add(key)
    notes = []
    if early:
        said = f"{who} told figures of events that are still to come, and they were left out"
        notes.append(Note("early", f"{said}: {some(early)}"))
    if conflicts:
        said = some(f"{series} of {at:%Y-%m-%d %H:%M}" for series, _, at in sorted(conflicts))
        notes.append(Note("conflict", f"{who} said two things of one event: {said}"))
    kept = [figure for key, figure in found.items() if key not in conflicts]
    return tuple(sorted(kept, key=by_first_sight)), tuple(notes)


Ask = Callable[[date, date], tuple[list[Row], tuple[Note, ...], datetime]]
"""Asks for the events of some days (UTC), both included: rows, notes, and `Answer.at`."""


def page_of_days(ask: Ask, start: datetime, end: datetime, span: timedelta, who: str) -> MacroPage:
    """Return the page of the events due after `start` and within `span`, and by `end`.

    The last page reaches `AHEAD`. It is not done with the last days: their figures may come late.
    """
    until = start + span
    is_last = until >= end - LATE
    upper = end + AHEAD if is_last else until
    rows, notes, at = ask(start.astimezone(UTC).date(), upper.astimezone(UTC).date())
    now = min(at, end)
    inside = [row for row in rows if start < row.at <= upper]
    figures, more = figures_of(inside, now, who)
    known = tuple(one for one in figures if one.event_at <= now or end - now < LATE)
    through = max(start, now - LATE) if is_last else until
    return MacroPage(known, (*notes, *more), through, current=is_last)
