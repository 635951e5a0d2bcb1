"""What a provider is: a source over the network, with limits, keys, pages and perhaps a stream."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol, Self, TypeVar

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.clock import Clock
from assay.core.errors import CredentialError, NotFoundError
from assay.core.secret import Secret
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Note, Source

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nobody is asked for older bars."""


class Closable(Protocol):
    """Something that is open until it is closed."""

    def close(self) -> None:
        """Let go of it."""
        ...


Held = TypeVar("Held", bound=Closable)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` (or units of weight) within any `seconds`."""

    calls: int
    seconds: int


class Offer(Protocol):
    """On which terms a provider gives what it has: see `Abilities`."""

    @property
    def title(self) -> str:
        """Return its name for people."""
        ...

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Return the documented limits of its free tier."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names of its secrets."""
        ...

    @property
    def sign_up(self) -> str:
        """Return where keys are had."""
        ...


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a provider gives and on which terms; limits are the documented ones of its free tier.

    `title` is its name for people. `bars` are the timeframes it has itself of each kind of
    instrument; `bars_a_call` is how many rows one call gives, `spans` the longest stretch of one
    call where that is limited, `reach` how far back it goes where not for ever. `keys` are the
    names of its secrets, none of which is needed with `key_optional`. `live` are the timeframes of
    its stream by kind of instrument. `adjusted` says that prices of shares come divided by the
    splits that came later; `volume_share` is, where it is known to be far from all, which share of
    its market's volume it prints. `licence` says in a sentence what may be done with its data,
    `document` is the address of what the adapter was written against, `sign_up` where keys are had.
    """

    title: str
    bars: Mapping[AssetClass, frozenset[Timeframe]]
    bars_a_call: int
    limits: tuple[Limit, ...]
    licence: str
    document: str
    keys: tuple[str, ...] = ()
    key_optional: bool = False
    sign_up: str = ""
    spans: Mapping[Timeframe, timedelta] = field(default_factory=dict)
    reach: Mapping[Timeframe, timedelta] = field(default_factory=dict)
    live: Mapping[AssetClass, frozenset[Timeframe]] = field(default_factory=dict)
    adjusted: bool = False
    volume_share: Mapping[AssetClass, float] = field(default_factory=dict)


class Budget(Protocol):
    """Counts the calls of everybody who uses one key; what takes is atomic over processes."""

    def take(self, name: str, limits: Sequence[Limit], cost: int) -> float:
        """Take `cost` and return 0.0, or take nothing and return how many seconds to wait."""
        ...

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody take anything for so long: the provider said so."""
        ...


class Cache(Protocol):
    """Keeps answers that can no longer change, as the provider sent them.

    A key is a text that says the whole question, without any secret.
    """

    def get(self, key: str) -> bytes | None:
        """Return the answer kept under `key`, None if there is none."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Keep the answer `content` under `key`."""
        ...


class NoCache:
    """A `Cache` that keeps nothing."""

    def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""

    def put(self, key: str, content: bytes) -> None:
        """See `Cache.put`."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a provider is reached: handed in, so that an adapter reads no setting and no clock.

    `name` is the source's own. `secrets` are those found, by their name in `Abilities.keys`, and
    `where` says where each is looked for. `symbols` are what a person calls instruments at this
    provider, `address` and `stream` replace its own addresses, `limits` its documented ones;
    `cache` keeps what need not be asked twice, `memory` what a source must remember from question
    to question, the newest alone. `zone` is the clock (as `parse_clock` reads it) of a provider
    that writes times in a clock it does not name, `places` are where a person wants news
    from: addresses of feeds, names of groups.
    """

    name: str
    clock: Clock
    budget: Budget
    sleep: Callable[[float], None]
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    where: Callable[[str], str] = "its setting {}".format
    symbols: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None
    stream: str | None = None
    limits: tuple[Limit, ...] | None = None
    zone: str | None = None
    places: tuple[str, ...] = ()
    cache: Cache = field(default_factory=NoCache)
    memory: Cache = field(default_factory=NoCache)
    patience: float = 120.0
    timeout: float = 30.0

    def secret(self, abilities: Offer, name: str) -> Secret:
        """Return the secret called `name`; without it a `CredentialError` says where to put it."""
        found = self.secrets.get(name)
        if found:
            return found
        ours = f"; {abilities.sign_up} gives one" if abilities.sign_up else ""
        raise CredentialError(
            f"{abilities.title} needs a {name}, and none was found: set {self.where(name)}{ours}"
        )


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to one question for bars, and what was noticed.

    Every closed bar the provider has that was asked for and closed by `through` (UTC) is in it.
    `current` says that `through` is as far as time has come: to ask on at once would be in vain.
    """

    bars: Bars
    notes: tuple[Note, ...]
    through: datetime
    current: bool = False


@dataclass(frozen=True, slots=True)
class LiveBars:
    """What came over a stream: closed bars of one series; `corrected` replaces stored ones."""

    bars: Bars
    corrected: bool = False


class Stream(ABC):
    """An open stream; `close` it, or use it in a `with`."""

    @abstractmethod
    def next(self, timeout: float) -> LiveBars | None:
        """Return the next closed bars, or None when nothing of any kind came for `timeout` seconds.

        A heartbeat without bars is a `LiveBars` of no rows. A stream that broke off is a
        `TransientError`, a refused key a `CredentialError`.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Connected:
    """Something that is reached over the network; making one sends nothing."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._held = ExitStack()

    def holding(self, opened: Held) -> Held:
        """Return `opened`, which `close` lets go of."""
        self._held.callback(opened.close)
        return opened

    def close(self) -> None:
        """Let go of connections and threads; nothing more is asked then."""
        self._held.close()


class Provider(Connected, Source):
    """A source over the network; making one sends nothing, a missing key is refused when used.

    Errors: `CredentialError` for a key, `NotFoundError` for a symbol it does not have,
    `QuotaError` where its allowance is used up, `TransientError` where it is busy or down,
    `DataError` where its answer cannot be bars; each one sentence with the provider's name.
    """

    abilities: Abilities
    """Of the class; a source of many providers has another of each."""

    @abstractmethod
    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """Return the first bars that closed after `start` and by `end`, as many as one call gives.

        Bars that are still open by the provider's clock or ours are never among them. An answer
        without bars is no error: `Page.through` says how far it holds.
        """

    def bars(
        self,
        instrument: Instrument,
        timeframe: Timeframe,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Fetched:
        """See `Source.bars`; those that closed after `start` and by `end`, page by page."""
        at = start or self.earliest(timeframe)
        until = end or self.access.clock.now()
        frames: list[pl.DataFrame] = []
        notes: list[Note] = []
        while at < until:
            page = self.page(instrument, timeframe, at, until)
            frames.append(page.bars.frame)
            notes += [note for note in page.notes if note not in notes]
            at = page.through
            if page.current:
                break
        if not frames:
            return Fetched(Bars(instrument, timeframe, no_rows()), ())
        return Fetched(Bars(instrument, timeframe, pl.concat(frames)), tuple(notes))

    def stream(self, series: Sequence[tuple[Instrument, Timeframe]]) -> Stream:
        """Open a stream of closed bars of `series`, which are of one kind of instrument.

        It returns when the provider has granted it. `NotFoundError` where it has no such stream.
        """
        asked = ", ".join(f"{one.symbol} {length}" for one, length in series)
        raise NotFoundError(
            f"{self.abilities.title} has no stream, and {asked} was asked for; it is asked again "
            "and again instead"
        )

    def symbol(self, instrument: Instrument) -> str:
        """Return what the provider calls `instrument`: what a person says, else its own custom."""
        return self.access.symbols.get(instrument.symbol) or self.named(instrument)

    def named(self, instrument: Instrument) -> str:
        """Return what the provider calls `instrument` by its own custom; the symbol by default."""
        return instrument.symbol

    def unknown(self, instrument: Instrument) -> NotFoundError:
        """Return the error for an instrument that the provider does not know."""
        called, symbol = self.symbol(instrument), instrument.symbol
        ours = f", our {symbol}" if called != symbol else ""
        return NotFoundError(
            f"{self.abilities.title} knows no {called!r}{ours}; if it calls it otherwise, say so "
            f"in assay.toml under [providers.{self.access.name}.symbols]"
        )

    def calls(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> int:
        """Return how many calls the bars after `start` and by `end` will cost, about."""
        if end <= start:
            return 0
        span = self.abilities.spans.get(timeframe)
        if span is not None:
            return -(-(end - start) // span)
        expected = len(closes_due(instrument, timeframe, start, end))
        return max(1, -(-expected // self.abilities.bars_a_call))

    def earliest(self, timeframe: Timeframe) -> datetime:
        """Return the earliest time (UTC) from which it has bars of this timeframe, about."""
        reach = self.abilities.reach.get(timeframe)
        return EARLIEST if reach is None else max(EARLIEST, self.access.clock.now() - reach)

    def offers(self, instrument: Instrument, timeframe: Timeframe) -> bool:
        """Say whether it has such bars itself."""
        return timeframe in self.abilities.bars.get(instrument.asset_class, frozenset())

    def refuse_unoffered(self, instrument: Instrument, timeframe: Timeframe) -> None:
        """Stop with a `NotFoundError` where it has no such bars, and say which there are."""
        if self.offers(instrument, timeframe):
            return
        title, kind = self.abilities.title, instrument.asset_class
        has = [one for one in Timeframe if self.offers(instrument, one)]
        if not has:
            kinds = ", ".join(sorted(self.abilities.bars))
            raise NotFoundError(
                f"{title} was asked for {instrument.symbol}, which is {kind}; it has {kinds}"
            )
        raise NotFoundError(
            f"{title} was asked for {timeframe} bars of {instrument.symbol}; of {kind} it has "
            f"{', '.join(has)}, and longer ones are made of those"
        )

    def refuse_unstreamed(self, series: Sequence[tuple[Instrument, Timeframe]]) -> None:
        """Stop with a `NotFoundError` where one stream does not carry all of `series`."""
        title = self.abilities.title
        for instrument, timeframe in series:
            kind = instrument.asset_class
            carried = self.abilities.live.get(kind, frozenset())
            if timeframe not in carried:
                has = sorted(carried, key=lambda one: one.minutes)
                raise NotFoundError(
                    f"{title} was asked to stream {timeframe} bars of {instrument.symbol}; of "
                    f"{kind} it streams {', '.join(has) or 'nothing'}"
                )
        kinds = sorted({instrument.asset_class for instrument, _ in series})
        if len(kinds) != 1:
            raise NotFoundError(
                f"A stream of {title} carries one kind of instrument, and {' and '.join(kinds)} "
                "were asked for; open one for each"
            )


def closes_due(
    instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
) -> pl.Series:
    """Return the closes after `start` and by `end`, as far back as the sessions are known."""
    market = calendar(instrument.calendar)
    first = max(start, datetime.combine(market.first, time(), UTC))
    due = market.expected_closes(timeframe, first, max(first, end))
    return due.filter((due > start) & (due <= end))


def no_rows() -> pl.DataFrame:
    """Return a frame of bars without rows."""
    return pl.DataFrame(schema=BAR_SCHEMA)
