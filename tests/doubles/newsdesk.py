"""What was really published, in the world that the doubles of news providers tell of: simulated.

A double of news is a class over `NewsDouble`, in a file of its own; `news_doubles` finds it. Its
adapter is reached with `news_reached`.
"""

import importlib
import inspect
import json
import pkgutil
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import numpy as np

import tests.doubles
from assay.core.secret import Secret
from assay.sources.catalog import NEWS
from assay.sources.newsroom import Dispatch, NewsPage, NewsProvider
from assay.sources.provider import Access
from tests.doubles.catalog import SHARED
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.reach import GOOD, Hands
from tests.doubles.server import Answering, Reply

BURST = datetime(2026, 11, 3, 13, 30, tzinfo=UTC)
"""At this second a dozen stories came at once; the second and the one before have some more."""
OUTLETS = ("Wire One", "Küstenbote", "市場日報")
WORDS = (
    "{} steady as traders wait",
    "{}: analysts raise their view – “cautiously”",
    "{} fällt nach schwächeren Daten",
    "{}が急伸、投資家は様子見 🚀",
    "Why {} moved <b>today</b> &amp; what comes next",
)
NAMES = {
    "AAPL": "AAPL",
    "GONE": "GONE",
    "EURUSD": "EUR/USD",
    "USDJPY": "The dollar against the yen",
    "XAUUSD": "Gold price",
    "BTCUSDT": "Bitcoin",
    "ETHUSDT": "Ethereum",
    "SPX": "SPX",
}
"""What the stories call our symbols."""


@dataclass(frozen=True, slots=True)
class Item:
    """One story of one outlet: when it came out, and when and into what it was rewritten, if so.

    `number` tells it from all others, `about` are our symbols.
    """

    number: int
    published_at: datetime
    outlet: str
    headline: str
    summary: str
    about: tuple[str, ...]
    rewritten_at: datetime | None = None
    rewritten: str = ""

    @property
    def url(self) -> str:
        """Return where it stands."""
        return f"https://news.example/{self.number}"

    def at(self, moment: datetime) -> "Item":
        """Return it as it stood at `moment`: before it was rewritten, it never was."""
        if self.rewritten_at is None or self.rewritten_at <= moment:
            return self
        return replace(self, rewritten_at=None, rewritten="")

    @property
    def words(self) -> str:
        """Return its newest headline."""
        return self.rewritten or self.headline

    @property
    def worded_at(self) -> datetime:
        """Return when its newest headline was written."""
        return self.rewritten_at or self.published_at


@cache
def published() -> tuple[Item, ...]:
    """Return all stories by time, in whole seconds, also those of the half hour after `NOW`.

    Those to come are about AAPL. Among all: a dozen of one second, copies of one text by three
    outlets, rewritten ones, and some of the hours in which the clocks of Europe (25 October) and
    America (1 November) change.
    """
    chance = np.random.default_rng(20261120)
    hours = np.cumsum(chance.exponential(8.0, 110))
    plain = [BEGAN + timedelta(seconds=int(hour * 3600)) for hour in hours]
    made = [(at, 1) for at in plain if at <= NOW - timedelta(minutes=30)]
    made += [(BURST - timedelta(seconds=1), 1)] * 2 + [(BURST, 1)] * 12
    made += [(BURST + timedelta(seconds=1), 1)] * 3
    for begin in (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC)):
        made += [(begin + timedelta(minutes=30 * step), 1) for step in range(8)]
    made += [(NOW + timedelta(minutes=step), 1) for step in (-20, -9, -4, -1, 2, 5, 9, 14, 20)]
    made += [(datetime(2026, 11, 5, 9, 15, 7, tzinfo=UTC), len(OUTLETS))]
    items: list[Item] = []
    for at, outlets in sorted(made):
        subject = "AAPL" if at > NOW or abs(at - BURST) < timedelta(seconds=2) else ""
        subject = subject or list(NAMES)[int(chance.integers(len(NAMES)))]
        words = WORDS[int(chance.integers(len(WORDS)))].format(NAMES[subject])
        for place in range(outlets):
            number = 24_918_000 + 7 * len(items)
            outlet = OUTLETS[(place + int(chance.integers(3)) * (outlets == 1)) % len(OUTLETS)]
            stamp = at + timedelta(minutes=3 * place)
            items.append(
                Item(number, stamp, outlet, words, f"Summary {len(items)}: {words}.", (subject,))
            )
    return tuple(_rewritten(items))


def _rewritten(items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items, each ninth rewritten an hour and a half later, some after `NOW`."""
    for place, item in enumerate(items):
        if place % 9 == 4 and item.published_at != BURST:
            later = item.published_at + timedelta(minutes=90)
            yield replace(item, rewritten_at=later, rewritten=f"{item.headline} (corrected)")
        else:
            yield item


Spoil = Callable[[list[Item]], list[Item]]
"""Turns the stories that a double would tell of into others."""


class NewsDouble(Answering):
    """One news provider's double: the stories it tells of, and what is wrong with them today.

    `adapter` is the file of the adapter it stands before; `subjects` are our symbols on which it
    has stories; `headline` and `time` are the fields of a row that hold the words and the time.
    `places` are those that a person wants to have news from, with the double's address put in for
    {}. `spoil` and `damage` act on stories before and after they are written. `most` is how many
    stories an answer holds; with fewer than `least` it cannot be told in pages. `tells_rewrites`
    says whether it tells a rewritten story with its new words and their time.
    """

    adapter: ClassVar[str]
    subjects: ClassVar[tuple[str, ...]]
    headline: ClassVar[str]
    time: ClassVar[str]
    places: ClassVar[tuple[str, ...]] = ()
    symbols: ClassVar[Mapping[str, str]] = {}
    """What a person calls our instruments there."""
    tells_rewrites: ClassVar[bool] = False
    dates_itself: ClassVar[bool] = True
    """Whether a story of no time is none; else it is of the time at which it was met."""
    least: ClassVar[int] = 1
    most: int = 1_000

    def __init__(self) -> None:
        super().__init__()
        self.spoil: Spoil | None = None
        self.damage: Callable[[Any], Any] | None = None

    def on(self, symbol: str) -> Sequence[Item]:
        """Return what there is for somebody who asks about `symbol`; its own stories by default."""
        return [item for item in published() if symbol in item.about]

    @abstractmethod
    def as_dispatch(self, item: Item) -> Dispatch:
        """Return what an adapter must make of a story, as it stands by the server's clock."""

    def is_told(self, item: Item) -> bool:
        """Say whether it is told by now, by the server's clock."""
        return item.published_at <= self.clock

    def raw(self, text: str) -> str:
        """Return what of a text its wire format can carry; all of it by default."""
        return text

    def truth(self, symbol: str, start: datetime, end: datetime) -> list[Dispatch]:
        """Return what must be found on `symbol` among what was worded after `start` and by `end`.

        That is as of the server's clock.
        """
        found = {self.as_dispatch(self._now(one)) for one in self.on(symbol) if self.is_told(one)}
        inside = (one for one in found if start < one.worded_at <= end)
        return sorted(inside, key=lambda one: (one.worded_at, one.name))

    def told(self, items: Sequence[Item]) -> list[Item]:
        """Return `items` as they are told today: as of the clock, spoilt where that is asked."""
        now = [self._now(one) for one in items]
        return self.spoil(now) if self.spoil else now

    def written(self, rows: Sequence[Any]) -> list[Any]:
        """Return written rows, damaged where that is asked."""
        return [self.damage(row) for row in rows] if self.damage else list(rows)

    def _now(self, item: Item) -> Item:
        if not self.tells_rewrites:
            return replace(item, rewritten_at=None, rewritten="")
        return item.at(self.clock)


def said(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer of JSON."""
    return Reply(json.dumps(body).encode(), status, headers or {})


@cache
def news_doubles() -> dict[str, type[NewsDouble]]:
    """Return the doubles of providers of news, by the name of their adapter."""
    found: dict[str, type[NewsDouble]] = {}
    for module in pkgutil.iter_modules(tests.doubles.__path__):
        if module.name in SHARED or module.name.startswith("test_"):
            continue
        held = vars(importlib.import_module(f"tests.doubles.{module.name}")).values()
        for one in held:
            if inspect.isclass(one) and issubclass(one, NewsDouble) and not inspect.isabstract(one):
                found[one.adapter] = one
    return found


@dataclass
class NewsReached:
    """An adapter, its double behind a port, and what the test holds in its hands."""

    provider: NewsProvider
    double: NewsDouble
    hands: Hands
    address: str

    def pages(self, question: str, start: datetime, end: datetime = NOW) -> list[NewsPage]:
        """Return all pages on a question; it fails where one does not move on."""
        found: list[NewsPage] = []
        at = start
        while at < end:
            page = self.provider.page(question, at, end)
            found.append(page)
            if page.current:
                break
            assert page.through > at
            at = page.through
        return found

    def on(self, symbol: str, start: datetime, end: datetime = NOW) -> list[Dispatch]:
        """Return what the adapter finds on `symbol`, question by question and page by page."""
        found = {
            (one.name, one.worded_at): one
            for question in self.provider.questions([known(symbol)])
            for page in self.pages(question, start, end)
            for one in page.dispatches
        }
        return sorted(found.values(), key=lambda one: (one.worded_at, one.name))


class Remembered(dict[str, bytes]):
    """A `Cache` that keeps what it is given for as long as it lives."""

    def put(self, key: str, content: bytes) -> None:
        """See `Cache.put`."""
        self[key] = content


@contextmanager
def news_reached(
    kind: type[NewsDouble],
    secrets: Mapping[str, str] = GOOD,
    *,
    address: str | None = None,
    timeout: float = 5.0,
) -> Iterator[NewsReached]:
    """Yield the adapter of a double; `address` leads elsewhere."""
    double, hands = kind(), Hands()
    with double.served() as served:
        made = NEWS.get(kind.adapter)
        needed = made.abilities.keys
        access = Access(
            name=kind.adapter,
            clock=hands,
            budget=hands,
            sleep=hands.sleep,
            secrets={name: Secret(text) for name, text in secrets.items() if name in needed},
            where=f"ASSAY_{kind.adapter.upper()}_{{}}".format,
            symbols=kind.symbols,
            address=address or served,
            places=tuple(place.format(address or served) for place in kind.places),
            memory=Remembered(),
            timeout=timeout,
        )
        with closing(made(access)) as provider:
            yield NewsReached(provider, double, hands, served)
