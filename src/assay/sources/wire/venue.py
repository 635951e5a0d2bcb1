"""An exchange as ccxt knows it: ccxt writes the questions and reads the answers, we ask them."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

from assay.core.errors import (
    AssayError,
    DataError,
    MissingExtraError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Access, Limit
from assay.sources.wire.http import Answer, Http
from assay.sources.wire.talk import Talk, led

FEW = 100
"""So many bars a call are reckoned with where ccxt does not know how many an exchange gives."""
NEARLY = 0.95
"""Of an allowance that others use too: the rest of the minute is left to them."""
BANNED = 120.0
"""Seconds that the shortest ban of an address lasts."""
UNREADABLE = (TypeError, KeyError, IndexError, AttributeError, ValueError, ArithmeticError)
"""What ccxt's readers stumble with over an answer of another shape than they know."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How an exchange weighs questions: `a_cost` of its units for one of ccxt's.

    `used` is the header in which it says how many units of the minute are used up.
    """

    a_cost: float
    used: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What ccxt calls a market, BTC/USDT, and what the exchange itself calls it, BTCUSDT."""

    symbol: str
    name: str


@dataclass(frozen=True, slots=True)
class Candles:
    """Rows as ccxt reads them, [opened in milliseconds, open, high, low, close, volume].

    They are in the order in which they came, and what cannot be read is None. `at` is the time
    (UTC) by which a bar must have closed to be closed.
    """

    rows: Sequence[Sequence[Any]]
    at: datetime


class Venue:
    """One exchange, asked without a key.

    ccxt knows the addresses, symbols, bars and errors of a hundred exchanges. What goes over the
    wire is our own `Http`: its allowance, its attempts, its silence and its errors are those of
    every provider, and it reads the exchange's clock. Making one imports ccxt and sends nothing;
    the markets are asked for when first needed. Without `weights` it is asked as often as ccxt
    would ask it.
    """

    def __init__(
        self,
        access: Access,
        abilities: Abilities,
        name: str,
        *,
        options: Mapping[str, object] | None = None,
        weights: Weights | None = None,
    ) -> None:
        self._ccxt = library(access.name)
        self._title, self._weights, self._address = abilities.title, weights, access.address
        self._name, self._options = access.name, options or {}
        self._exchange = self._wired(name, access, options or {})
        if weights is None:
            calls = max(1, int(60_000 / self._exchange.rateLimit))
            abilities = replace(abilities, limits=(Limit(calls, 60),))
        limits = access.limits or abilities.limits
        self._a_minute = min((one.calls for one in limits if one.seconds == 60), default=None)
        self._http = Http(access, abilities, "https://localhost", fault=self._fault)
        self._lock = RLock()
        self._cost = 1
        self._answer: Answer | None = None

    @property
    def timeframes(self) -> frozenset[Timeframe]:
        """Return the lengths of bars it has."""
        known = self._exchange.timeframes or {}
        return frozenset(one for one in Timeframe if one.value in known)

    @property
    def has_candles(self) -> bool:
        """Say whether it gives bars itself (and ccxt does not have to make them of trades)."""
        return self._exchange.has.get("fetchOHLCV") is True

    @property
    def most(self) -> int | None:
        """Return how many bars one call gives, None where ccxt does not know."""
        kinds = self._exchange.features or {}
        is_spot = self._exchange.options.get("defaultType") != "swap"
        kind = kinds.get("spot") if is_spot else (kinds.get("swap") or {}).get("linear")
        found = ((kind or {}).get("fetchOHLCV") or {}).get("limit")
        return found if isinstance(found, int) else None

    def listing(self, name: str) -> Listing | None:
        """Return the market that ccxt or the exchange calls `name`, None if there is none."""
        with self._lock, self._reading():
            self._exchange.load_markets()
        try:
            found = self._exchange.market(name)
        except (self._ccxt.BadSymbol, self._ccxt.NotSupported):
            return None
        return Listing(found["symbol"], found["id"])

    def candles(
        self, symbol: str, timeframe: Timeframe, since: datetime, most: int | None
    ) -> Candles:
        """Return the bars that open at or after `since`, or what the exchange gives for that."""
        start = round(since.timestamp() * 1000)
        with self._lock, self._reading():
            rows = self._exchange.fetch_ohlcv(symbol, timeframe.value, start, most)
            assert self._answer is not None
            return Candles(rows, self._answer.at)

    def talk(self, series: Sequence[tuple[str, Timeframe]]) -> Talk:
        """Return what is said over a WebSocket to hear the bars of `series`, by ccxt's symbols.

        A `NotFoundError` where the exchange streams no bars, or not in a way that we can follow.
        """
        live = library(self._name, "ccxt.pro")
        known = getattr(live, self._exchange.id, None)
        with self._lock, self._reading():
            self._exchange.load_markets()
            made = known({"options": dict(self._options)}) if known else None
            if made is None or made.has.get("watchOHLCV") is not True:
                raise NotFoundError(
                    f"{self._title} has no stream of bars that ccxt knows; it is asked again and "
                    "again instead"
                )
            made.set_markets(list(self._exchange.markets.values()), self._exchange.currencies)
            return Talk(made, self._title, self._ask_led, series)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _wired(self, name: str, access: Access, options: Mapping[str, object]) -> Any:  # noqa: ANN401 - ccxt has no types
        """Return ccxt's exchange, of which nothing goes over the wire but through `_ask`."""
        made = getattr(self._ccxt, name)({"options": dict(options)})
        made.enableRateLimit = True  # so that it tells `throttle` what a question costs
        made.throttle = self._weigh
        made.fetch = self._ask
        made.parse_ohlcvs = self._rows
        made.has["fetchCurrencies"] = False  # a question of its own, and bars need no currencies
        if access.address:
            made.urls["api"] = led_to(access.address, made.urls["api"])
        return made

    def _weigh(self, cost: float | None = None) -> None:
        """Remember what the next question costs, in the units of its limits."""
        units = (cost or 1) * (self._weights.a_cost if self._weights else 1)
        self._cost = max(1, math.ceil(round(units, 6)))

    def _ask(
        self,
        url: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Stand in for ccxt's own `fetch`."""
        answer = self._http.ask(method, url, headers=headers, content=body, cost=self._cost)
        self._answer = answer
        self._heed(answer)
        return answer.body

    def _ask_led(self, url: str, *rest: Any) -> Any:  # noqa: ANN401 - any JSON
        """Ask what is to be known before a stream is opened."""
        return self._ask(led(self._address, url) if self._address else url, *rest)

    def _heed(self, answer: Answer) -> None:
        """Pause to the end of the minute where its allowance is nearly used, by us and others."""
        if self._weights is None or self._a_minute is None:
            return
        used = answer.headers.get(self._weights.used, "")
        if used.isdecimal() and int(used) >= NEARLY * self._a_minute:
            self._http.pause(61.0 - answer.at.second)

    def _rows(
        self,
        rows: Any,  # noqa: ANN401 - any JSON
        market: object = None,
        *_: object,
        **__: object,
    ) -> list[Any]:
        """Read rows as ccxt does, but leave their order and number as they are."""
        return [self._exchange.parse_ohlcv(row, market) for row in rows or []]

    def _fault(self, status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
        """Return what is wrong with an answer by what ccxt knows of the exchange's errors."""
        if status == 429 or status >= 500:
            return None
        text = json.dumps(body)
        if status == 418:
            said = f"{self._title} lets this address wait, for it was asked too often ({text})"
            return TransientError(said, BANNED)
        try:
            self._exchange.handle_errors(status, "", "", "GET", {}, text, body, {}, None)
        except self._ccxt.BaseError as error:
            return self._translated(error)
        except UNREADABLE:
            return DataError(f"{self._title} answered with something that ccxt cannot read: {text}")
        if status in (401, 403):
            return RefusedError(f"{self._title} does not answer here ({status}: {text})")
        return None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn what ccxt raises into our errors."""
        try:
            yield
        except self._ccxt.BaseError as error:
            raise self._translated(error) from None
        except UNREADABLE as error:
            raise DataError(
                f"{self._title} answered with something that ccxt cannot read "
                f"({type(error).__name__})"
            ) from error  # a bug of ours would look the same

    def _translated(self, error: Exception) -> AssayError:
        known, title = self._ccxt, self._title
        said = str(error).removeprefix(f"{self._exchange.id} ")
        if isinstance(error, known.BadSymbol):
            return NotFoundError(f"{title} has no such market ({said})")
        if isinstance(error, known.RateLimitExceeded | known.DDoSProtection):
            return TransientError(f"{title} says that it was asked too often ({said})", 60.0)
        if isinstance(error, known.OperationFailed):
            return TransientError(f"{title} is out of order ({said}); try again later", 60.0)
        return RefusedError(f"{title} refused the question ({said})")


def library(plugin: str, name: str = "ccxt") -> Any:  # noqa: ANN401 - ccxt has no types
    """Return ccxt, or one of its modules; imported here alone, for that takes a second."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtraError(plugin, "ccxt", "live") from error


def streams(plugin: str, exchange: str) -> bool:
    """Say whether ccxt knows how to ask an exchange for live bars; not if ccxt is not there."""
    try:
        known = getattr(library(plugin, "ccxt.pro"), exchange, None)
    except MissingExtraError:
        return False
    return known is not None and known().has.get("watchOHLCV") is True


def led_to(address: str, urls: Any) -> Any:  # noqa: ANN401 - texts, and objects of them
    """Return ccxt's addresses with the host of each replaced by that of `address`.

    >>> led_to("http://here", {"public": "https://api.binance.com/api/v3"})
    {'public': 'http://here/api/v3'}
    """
    if isinstance(urls, Mapping):
        return {name: led_to(address, url) for name, url in urls.items()}
    return address.rstrip("/") + urlsplit(urls).path if isinstance(urls, str) else urls
