"""What was really published, in the world that the doubles of macro providers tell of: simulated.

A double of figures is a class over `MacroDouble`, in a file of its own; `macro_doubles` finds it.
Its adapter is reached with `macro_reached`.
"""

import importlib
import inspect
import json
import pkgutil
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import numpy as np

import tests.doubles
from assay.core.secret import Secret
from assay.sources.catalog import MACRO
from assay.sources.figures import Figure, MacroProvider
from assay.sources.provider import Access
from tests.doubles.catalog import SHARED
from tests.doubles.market import NOW
from tests.doubles.reach import GOOD, Hands
from tests.doubles.server import Answering, Reply

DAY = timedelta(days=1)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
"""Nothing of this world was told before."""
BURST = datetime(2026, 11, 6, 13, 30, tzinfo=UTC)
"""At this second many figures come at once, and some of the second before and after."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a series said of the period dated `of` from the day `vintage` on; None: withdrawn."""

    of: date
    vintage: date
    value: float | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the calendar: what was expected, what came out, what the last one is by then."""

    at: datetime
    country: str
    title: str
    impact: str
    actual: float | None
    estimate: float | None
    previous: float | None


def weekdays(first: date, last: date) -> list[date]:
    """Return the days from Monday to Friday of a span, both ends included."""
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


@cache
def versions(code: str) -> tuple[Version, ...]:
    """Return all versions of a series by day and vintage, also those of the days after `NOW`."""
    return {
        "CPIAUCSL": _monthly,
        "UNRATE": _monthly,
        "DGS10": _daily,
        "DFEDTARU": _target,
        "IRLTLT01GBM156N": _late,
    }[code](np.random.default_rng(sum(code.encode())))


SERIES = ("CPIAUCSL", "UNRATE", "DGS10", "DFEDTARU", "IRLTLT01GBM156N")


def _month(number: int) -> date:
    """Return the first day of the month that lies so many after January 2024."""
    return date(2024 + number // 12, number % 12 + 1, 1)


def _monthly(chance: np.random.Generator) -> tuple[Version, ...]:
    """Tell a month in the middle of the next; revise the one before, and a year in February."""
    levels = np.round(300 + np.cumsum(chance.normal(0.3, 0.2, 36)), 1)
    found = [Version(_month(n), date(2026, 1, 13), float(levels[n])) for n in range(24)]
    for number in range(24, 35):
        vintage = _month(number + 1).replace(day=11 + number % 3)
        found.append(Version(_month(number), vintage, float(levels[number])))
        back = 12 if vintage.month == 2 else number % 2
        for earlier in range(1, back + 1):
            value = round(float(levels[number - earlier]) + 0.1 * (1 + earlier % 3), 1)
            found.append(Version(_month(number - earlier), vintage, value))
    return _ordered(found)


def _daily(chance: np.random.Generator) -> tuple[Version, ...]:
    """Tell a weekday on the next one; a holiday has no value, now and then one is revised."""
    days = weekdays(date(2024, 6, 3), date(2026, 11, 23))
    levels = np.round(4 + np.cumsum(chance.normal(0, 0.05, len(days))), 2)
    begin = days.index(date(2026, 6, 1))
    found = [Version(days[n], days[begin], float(levels[n])) for n in range(begin)]
    for n in range(begin, len(days) - 1):
        value = None if n % 41 == 0 else float(levels[n])
        found.append(Version(days[n], days[n + 1], value))
        if n % 23 == 0:
            found.append(Version(days[n - 2], days[n + 1], float(levels[n - 2]) + 0.01))
    return _ordered(found)


def _target(chance: np.random.Generator) -> tuple[Version, ...]:
    """Tell the rate of every day on that day; it was cut twice."""
    day, found = date(2026, 8, 1), []
    while day <= date(2026, 11, 21):
        cuts = (day >= date(2026, 9, 17)) + (day >= date(2026, 10, 29))
        found.append(Version(day, max(day, date(2026, 8, 10)), 4.0 - 0.25 * cuts))
        day += DAY
    return _ordered(found)


def _late(chance: np.random.Generator) -> tuple[Version, ...]:
    """Tell the mean of a month six weeks after it, without an hour."""
    levels = np.round(4 + chance.normal(0, 0.1, 36), 2)
    return _ordered(
        [Version(_month(n), _month(n + 2).replace(day=15), float(levels[n])) for n in range(24, 34)]
    )


def _ordered(found: Sequence[Version]) -> tuple[Version, ...]:
    return tuple(sorted(found, key=lambda one: (one.of, one.vintage)))


@cache
def happenings() -> tuple[Happening, ...]:
    """Return the events of the calendar by time, also those to come.

    A month's figure is revised when the next one comes; some countries are none of ours; speeches
    bring no figure; at one second a dozen come at once.
    """
    chance = np.random.default_rng(611)
    found: list[Happening] = []
    places = (
        ("US", "CPI YoY", 13.5), ("US", "Initial Jobless Claims", 13.5),
        ("JP", "Unemployment Rate", 23.5), ("EU", "Inflation Rate YoY", 10.0),
        ("DE", "Inflation Rate YoY", 7.0), ("UK", "GDP MoM", 7.0),
        ("US", "Fed Interest Rate Decision", 18.0), ("AU", "RBA Interest Rate Decision", 3.5),
        ("BR", "Inflation Rate YoY", 12.0), ("US", "Fed Chair Speech", 17.0),
    )  # fmt: skip
    for place, (country, title, hour) in enumerate(places):
        last: float | None = None
        for month in range(1, 13):
            at = datetime(2026, month, 3 + 2 * place, tzinfo=UTC) + timedelta(hours=hour)
            level = round(float(chance.normal(3, 1)), 1)
            figure = None if "Speech" in title or at > NOW else level
            estimate = None if "Speech" in title else round(level + float(chance.normal(0, 0.2)), 1)
            told = None if last is None else round(last + 0.1 * (month % 2), 1)
            impact = ("Low", "Medium", "High")[place % 3]
            found.append(Happening(at, country, title, impact, figure, estimate, told))
            last = level if "Speech" not in title else None
    for number in range(12):
        found.append(
            Happening(BURST, "US", f"Payroll Detail {number}", "High", number / 10, 0.3, 0.1)
        )
    for shift in (-1, 1):
        at = BURST + timedelta(seconds=shift)
        found.append(Happening(at, "US", f"Beside {shift}", "Low", 1.0, None, None))
    return tuple(sorted(found, key=lambda one: (one.at, one.country, one.title)))


class MacroDouble(Answering):
    """One macro provider's double: the figures it tells of, and what is wrong with them today.

    `adapter` is the file of the adapter it stands before; `subject` is the question that tests ask
    most; `value` the field of a row that holds a figure. `spoil` and `damage` act on rows before
    they are sent. `most` is how many rows an answer holds.
    """

    adapter: ClassVar[str]
    subject: ClassVar[str]
    value: ClassVar[str]
    most: int = 100_000

    def __init__(self) -> None:
        super().__init__()
        self.spoil: Callable[[list[Any]], list[Any]] | None = None
        self.damage: Callable[[Any], Any] | None = None

    @property
    @abstractmethod
    def questions(self) -> tuple[str, ...]:
        """Return the questions that it has answers to."""

    @abstractmethod
    def truth(self, question: str, start: datetime, end: datetime) -> list[Figure]:
        """Return the figures that must be found: known after `start` and by `end` and its clock.

        Without events to come.
        """

    def told(self, rows: Sequence[Any]) -> list[Any]:
        """Return rows as they are told today."""
        spoilt = self.spoil(list(rows)) if self.spoil else list(rows)
        return [self.damage(row) for row in spoilt] if self.damage else spoilt


def said(body: Any, status: int = 200) -> Reply:
    """Return an answer of JSON."""
    return Reply(json.dumps(body).encode(), status)


@cache
def macro_doubles() -> dict[str, type[MacroDouble]]:
    """Return the doubles of providers of figures, by the name of their adapter."""
    found: dict[str, type[MacroDouble]] = {}
    for module in pkgutil.iter_modules(tests.doubles.__path__):
        if module.name in SHARED or module.name.startswith("test_"):
            continue
        held = vars(importlib.import_module(f"tests.doubles.{module.name}")).values()
        for one in held:
            is_one = inspect.isclass(one) and issubclass(one, MacroDouble)
            if is_one and not inspect.isabstract(one):
                found[one.adapter] = one
    return found


def order(figure: Figure) -> tuple[Any, ...]:
    """Return the place of a figure among others."""
    return figure.seen_at, figure.event_at, figure.currency, figure.series, figure.period


@dataclass
class MacroReached:
    """An adapter, its double behind a port, and what the test holds in its hands."""

    provider: MacroProvider
    double: MacroDouble
    hands: Hands
    address: str

    def on(self, question: str, start: datetime = SINCE, end: datetime = NOW) -> list[Figure]:
        """Return the figures found, page by page; it fails where a page does not move on.

        Those after a page's `through` come again with the next one and are counted there; events
        to come are left out.
        """
        found: list[Figure] = []
        at = start
        while at < end:
            page = self.provider.page(question, at, end)
            come = [one for one in page.figures if one.event_at <= one.seen_at]
            assert all(one.seen_at > at for one in come)
            last = end if page.current else page.through
            found += [one for one in come if one.seen_at <= last]
            if page.current:
                break
            assert page.through > at
            at = page.through
        return sorted(found, key=order)


@contextmanager
def macro_reached(
    kind: type[MacroDouble],
    secrets: Mapping[str, str] = GOOD,
    *,
    address: str | None = None,
    timeout: float = 5.0,
) -> Iterator[MacroReached]:
    """Yield the adapter of a double; `address` leads elsewhere."""
    double, hands = kind(), Hands()
    with double.served() as served:
        made = MACRO.get(kind.adapter)
        needed = made.abilities.keys
        access = Access(
            name=kind.adapter,
            clock=hands,
            budget=hands,
            sleep=hands.sleep,
            secrets={name: Secret(text) for name, text in secrets.items() if name in needed},
            where=f"ASSAY_{kind.adapter.upper()}_{{}}".format,
            address=address or served,
            timeout=timeout,
        )
        with closing(made(access)) as provider:
            yield MacroReached(provider, double, hands, served)
