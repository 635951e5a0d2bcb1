"""Live bars of an exchange as ccxt knows it: ccxt writes and reads the messages, we carry them."""

import json
import time
import zlib
from collections.abc import Callable, Coroutine, Generator, Sequence
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from assay.core.errors import NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.sources.wire.socket import LARGEST_MESSAGE, Socket

KEPT = 16
"""Bars of a series that ccxt keeps; one that is corrected later than that is not seen."""
QUIET, GREETING = 0.5, 10.0
"""Seconds of silence after which no more answers to a greeting are waited for, and of them all."""
GZIP = b"\x1f\x8b"
UNFIT = (RuntimeError, AttributeError, TypeError, LookupError, ValueError, ArithmeticError)
"""What ccxt stumbles with where it cannot do without its own connections."""

Row = tuple[Any, ...]
"""A bar as ccxt reads it: opened in milliseconds, open, high, low, close, volume."""


class Talk:
    """What is said over one WebSocket of an exchange, to hear bars of several series.

    `exchange` is one of ccxt.pro that knows its markets; `ask` asks a question over HTTP, where an
    exchange wants one before it lets anybody in. ccxt's own connections, loops and attempts are
    left out: its coroutines are run to their end by hand, for here they wait for nothing. What ccxt
    cannot do in this way is a `NotFoundError`.
    """

    def __init__(
        self,
        exchange: Any,  # noqa: ANN401 - ccxt has no types
        title: str,
        ask: Callable[..., Any],
        series: Sequence[tuple[str, Timeframe]],
    ) -> None:
        self._exchange, self._line, self._series = exchange, _Line(), series
        self._errors = import_module("ccxt.base.errors")
        self._asked: list[tuple[str, Any]] = []
        self._wire(ask)
        for symbol, timeframe in series:
            try:
                _run(exchange.watch_ohlcv(symbol, timeframe.value))
            except _AskedError:
                continue
            except UNFIT as error:
                raise NotFoundError(
                    f"{title} has no stream that can be opened here ({error}); it is asked again "
                    "and again instead"
                ) from error
        addresses = {address for address, _ in self._asked}
        if len(addresses) != 1:
            raise NotFoundError(
                f"{title} has another stream for each series; it is asked again and again instead"
            )
        self._line.url = addresses.pop()
        self._pinged = time.monotonic()

    @property
    def address(self) -> str:
        """Return the scheme and host of the WebSocket."""
        parts = urlsplit(self._line.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """Return what follows the host."""
        return self._line.url.removeprefix(self.address)

    @property
    def has_own_pings(self) -> bool:
        """Say whether the exchange wants messages instead of a WebSocket's own pings."""
        return callable(self._exchange.ping)

    def greet(self, socket: Socket) -> None:
        """Ask for the series, and hear what is said to that.

        Exchanges grant each in their own way, and ccxt does not tell: so it is granted when bars of
        all have come, or when nothing more is said. What is refused later on, `hear` raises.
        """
        for _, message in self._asked:
            if message is not None:
                _say(socket, message)
        self.hear(socket, socket.answer().body)
        until = time.monotonic() + GREETING
        while time.monotonic() < until and not all(self.rows(*one) for one in self._series):
            heard = socket.receive(QUIET)
            if heard is None:
                return
            self.hear(socket, heard.body)

    def decoded(self, content: bytes) -> Any:  # noqa: ANN401 - any JSON
        """Return the body of a message; a `ValueError` where it cannot be read."""
        is_packed = (self._exchange.options.get("ws") or {}).get("gunzip")
        text = (_unpacked(content) if is_packed and content[:2] == GZIP else content).decode()
        return json.loads(text) if text[:1] in ("{", "[") else text

    def hear(self, socket: Socket, body: Any) -> None:  # noqa: ANN401 - any JSON
        """Take a message in; `rows` knows of it then. What the exchange complains of is raised."""
        try:
            self._exchange.handle_message(self._line, body)
            wrong = self._line.wrong
        except self._errors.BaseError as error:
            wrong = error
        except Exception:  # noqa: BLE001 - ccxt's readers stumble in every way
            raise socket.unreadable(str(body)) from None
        self._line.wrong = None
        for message in self._line.answers():
            _say(socket, message)
        if isinstance(wrong, self._errors.OperationFailed):
            raise socket.busy(f"is out of order ({wrong}); try again later")
        if wrong is not None:
            raise socket.refused(str(wrong))

    def keep_alive(self, socket: Socket) -> None:
        """Say what the exchange wants to hear from time to time."""
        now = time.monotonic()
        if self.has_own_pings and now - self._pinged >= self._line.keepAlive / 1000:
            self._pinged = now
            _say(socket, self._exchange.ping(self._line))

    def rows(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return the newest bars of a series, in the order in which they began to come.

        The last is open as a rule; ccxt lets the mark go by which a bar is told to be closed.
        """
        known = (self._exchange.ohlcvs or {}).get(symbol) or {}
        return [tuple(row) for row in known.get(timeframe.value) or ()]

    def _wire(self, ask: Callable[..., Any]) -> None:
        """Let nothing go over the wire but through us."""
        made, line = self._exchange, self._line

        async def watch(
            url: str,
            message_hash: object,
            message: object = None,
            subscribe_hash: object = None,
            subscription: object = None,
        ) -> None:
            for one in _listed(subscribe_hash):
                line.subscriptions[one] = subscription or True
            for one in _listed(message_hash):
                line.future(one)
            self._asked.append((url, message))
            raise _AskedError

        async def fetch(url: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - ccxt's own
            return ask(url, *rest, **named)

        async def unhurried(*_: object) -> None:
            """Wait for nothing: our `ask` counts and waits itself."""

        def spawn(method: Callable[..., Coroutine[Any, Any, Any]], *rest: object) -> "_Ready":
            return _Ready(_run(method(*rest)))

        made.watch = made.watch_multiple = watch
        made.fetch, made.throttle, made.spawn = fetch, unhurried, spawn
        made.client = lambda _: line
        made.markets_loading = _Ready(made.markets)
        made.options["OHLCVLimit"] = KEPT
        line.keepAlive = float(made.streaming.get("keepAlive") or 30_000)


class _AskedError(Exception):
    """Ends a coroutine of ccxt's where it would wait for an answer: its question is known."""


class _Ready:
    """A value that need not be waited for, in the form of ccxt's futures."""

    def __init__(self, value: object = None) -> None:
        self._value = value

    def __await__(self) -> Generator[None, None, object]:
        return self._value
        yield

    def resolve(self, value: object = None) -> None:
        self._value = value

    def reject(self, error: object = None) -> None:
        """Let go: who asked has our own error."""

    def done(self) -> bool:
        return True

    def cancel(self) -> None:
        """There is nothing to cancel."""


class _Line:
    """What ccxt calls a client: it notes what came and what is to be said."""

    def __init__(self) -> None:
        self.url = ""
        self.keepAlive = 30_000.0
        self.lastPong: float | None = None
        self.error: object = None
        self.subscriptions: dict[Any, Any] = {}
        self.futures: dict[Any, _Ready] = {}
        self.rejections: dict[Any, Any] = {}
        self.wrong: object = None
        self._says: list[object] = []

    def future(self, message_hash: object) -> _Ready:
        return self.futures.setdefault(message_hash, _Ready())

    reusableFuture = future  # noqa: N815 - ccxt's own name

    def resolve(self, result: object, message_hash: object = None) -> object:
        del message_hash
        return result

    def reject(self, result: object, message_hash: object = None) -> object:
        del message_hash
        self.wrong = result
        return result

    reset = on_error = reject

    async def send(self, message: object) -> None:
        self._says.append(message)

    async def close(self, *_: object) -> None:
        """Leave it to us to close the stream."""

    def answers(self) -> list[object]:
        """Return what is to be said, once."""
        says, self._says = self._says, []
        return says


def _run(asked: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - ccxt has no types
    """Run a coroutine that never has to wait."""
    try:
        asked.send(None)
    except StopIteration as done:
        return done.value
    asked.close()
    raise RuntimeError("ccxt waits for something that does not come")


def _unpacked(content: bytes) -> bytes:
    """Return what was packed; a `ValueError` where that is broken or more than one message."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacking.decompress(content, LARGEST_MESSAGE)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacking.eof:
        raise ValueError(f"{len(content):,} packed bytes are cut or too many")
    return found


def _say(socket: Socket, message: object) -> None:
    """Send a message as ccxt does: a text as it is, the rest as JSON."""
    if isinstance(message, str):
        socket.say(message)
    else:
        socket.send(message)


def _listed(hashes: object) -> Sequence[object]:
    if hashes is None:
        return ()
    return hashes if isinstance(hashes, list | tuple) else [hashes]


def led(address: str, url: str) -> str:
    """Return `url` with its host replaced by `address`.

    >>> led("http://here", "https://api.kucoin.com/api/v1/bullet-public?a=1")
    'http://here/api/v1/bullet-public?a=1'
    """
    parts = urlsplit(url)
    return address.rstrip("/") + url.removeprefix(f"{parts.scheme}://{parts.netloc}")
