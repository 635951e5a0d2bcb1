"""What a person wants synced, and where from: feeds, and how their providers are reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event

from assay.core.clock import Clock
from assay.core.errors import NotFoundError, TransientError
from assay.core.names import unknown
from assay.core.secret import Secret
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.catalog import MACRO, NEWS, SOURCES
from assay.sources.figures import MacroProvider
from assay.sources.newsroom import NewsProvider
from assay.sources.provider import Access, Limit, Offer, Provider
from assay.sources.wire.http import account
from assay.store.answers import Answers, Memory
from assay.store.budgets import Budgets, FileUses, Uses

ALIASES = {"polygon": "massive", "mt5": "metatrader5"}
OF_CALENDAR = "_calendar"
"""What a file in `sources/macro` is called after the provider that also has prices."""
OF_NEWS = "_news"
"""How the files of those providers of news end who are providers of bars, too."""
BY_VENUE = "ccxt"
"""The adapter that serves many exchanges: `ccxt:kraken`."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One instrument to be kept up to date.

    `sources` are names of providers, the preferred first; the bars of each of `timeframes` are kept
    from `since` (UTC) on, from as early as the provider goes if None. `asset_class` and `calendar`
    define a symbol that does not say by itself what it is. `names` are what news call it.
    """

    symbol: str
    sources: tuple[str, ...]
    timeframes: tuple[Timeframe, ...]
    since: datetime | None = None
    asset_class: AssetClass | None = None
    calendar: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person says of one provider: other limits, addresses, names of instruments."""

    limits: tuple[Limit, ...] | None = None
    address: str | None = None
    stream: str | None = None
    zone: str | None = None
    places: tuple[str, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict)


def variable(source: str, name: str) -> str:
    """Return the environment variable that holds a secret of a provider.

    >>> variable("ccxt:kraken", "key")
    'ASSAY_CCXT_KRAKEN_KEY'
    """
    plain = "".join(letter if letter.isalnum() else "_" for letter in f"{source}_{name}")
    return f"ASSAY_{plain.upper()}"


@dataclass(frozen=True, slots=True)
class Reach:
    """How the providers of a workspace are reached; nothing is sent before one is asked.

    `secret` looks a secret up by the name of its variable; what keys have used, and answers that
    can no longer change, are kept in `folder`; with `uses` what keys have used is kept there, for
    workers on several machines. Whoever waits wakes up when `stopped` is set, with a
    `TransientError`.
    """

    folder: Path
    clock: Clock
    terms: Mapping[str, Terms]
    secret: Callable[[str], Secret | None]
    uses: Uses | None = None
    stopped: Event = field(default_factory=Event)

    def names(self) -> tuple[str, ...]:
        """Return the names of all providers; an exchange of ccxt is called `ccxt:<name>`."""
        return tuple(name for name in SOURCES.names() if issubclass(SOURCES.get(name), Provider))

    def kind(self, name: str) -> type[Provider]:
        """Return the adapter of the provider called `name`; unknown is a `NotFoundError`."""
        plain, _, venue = ALIASES.get(name, name).partition(":")
        if plain not in SOURCES.names() or bool(venue) != (plain == BY_VENUE):
            raise self._unknown(name)
        found = SOURCES.get(plain)
        if not issubclass(found, Provider):
            raise self._unknown(name)
        return found

    def provider(self, name: str) -> Provider:
        """Return the provider called `name`, ready to be asked."""
        return self.kind(name)(self._access(name, self.kind(name).abilities))

    def news_names(self) -> tuple[str, ...]:
        """Return the names of all providers of news."""
        return tuple(name.removesuffix(OF_NEWS) for name in NEWS.names())

    def news_kind(self, name: str) -> type[NewsProvider]:
        """Return the adapter of the provider of news called `name`, or a `NotFoundError`."""
        plain = ALIASES.get(name, name)
        for file in (plain, f"{plain}{OF_NEWS}"):
            if file in NEWS.names():
                return NEWS.get(file)
        raise unknown("source of news", name, self.news_names())

    def news(self, name: str) -> NewsProvider:
        """Return the provider of news called `name`, ready to be asked.

        Its key, allowance and address are those of the provider of bars of the same name, but what
        a person calls instruments there, for news may call them otherwise.
        """
        plain = name.removesuffix(OF_NEWS)
        access = self._access(plain, self.news_kind(name).abilities)
        if plain in SOURCES.names():
            access = replace(access, symbols=self.terms.get(plain + OF_NEWS, Terms()).symbols)
        return self.news_kind(name)(access)

    def macro_names(self) -> tuple[str, ...]:
        """Return the names of all sources of figures."""
        return tuple(name.removesuffix(OF_CALENDAR) for name in MACRO.names())

    def macro(self, name: str) -> MacroProvider:
        """Return the source of figures called `name`, ready to be asked.

        A calendar has the key, allowance and address of the provider of bars of the same name.
        """
        kind = self.macro_kind(name)
        return kind(self._access(name.removesuffix(OF_CALENDAR), kind.abilities))

    def macro_kind(self, name: str) -> type[MacroProvider]:
        """Return the adapter of the source of figures called `name`, or a `NotFoundError`."""
        plain = name.removesuffix(OF_CALENDAR)
        for file in (plain, f"{plain}{OF_CALENDAR}"):
            if file in MACRO.names():
                return MACRO.get(file)
        raise unknown("source of figures", name, self.macro_names())

    def used(self, name: str, limits: Sequence[Limit], offer: Offer) -> list[int]:
        """Return how much of each of `limits` the key of a provider has used lately."""
        access = self._access(name, offer)
        return self.budgets.used(account(access.name, tuple(access.secrets.values())), limits)

    def _access(self, name: str, offer: Offer) -> Access:
        source = ALIASES.get(name, name)
        found = {one: self.secret(variable(source, one)) for one in offer.keys}
        terms = self.terms.get(source) or self.terms.get(name) or Terms()
        return Access(
            name=source,
            clock=self.clock,
            budget=self.budgets,
            sleep=self.sleep,
            secrets={one: secret for one, secret in found.items() if secret},
            where=lambda one: f"{variable(source, one)} (or {variable(source, one)}_FILE)",
            symbols=terms.symbols,
            address=terms.address,
            stream=terms.stream,
            limits=terms.limits,
            zone=terms.zone,
            places=terms.places,
            cache=Answers(self.folder / "answers"),
            memory=Memory(self.folder / "memory"),
        )

    def sleep(self, seconds: float) -> None:
        """Wait, unless everything is stopped."""
        if self.stopped.wait(seconds):
            raise TransientError("Stopped while waiting to ask again", seconds)

    @property
    def budgets(self) -> Budgets:
        """Return the account of what each key has used."""
        return Budgets(self.uses or FileUses(self.folder / "budgets"), self.clock)

    def _unknown(self, name: str) -> NotFoundError:
        if name == BY_VENUE:
            return NotFoundError("The source 'ccxt' needs an exchange behind it: ccxt:kraken")
        return unknown("source", name, self.names(), listed_by="assay data sources")
