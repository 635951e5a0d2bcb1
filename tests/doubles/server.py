"""Local servers that speak as providers do, with the faults that providers have."""

import socket
import sys
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.values.timeframe import Timeframe
from tests.doubles.market import LISTED, NOW, bars_of, truth

GOOD_KEY = "good-key-7f3a9c"
"""The only key the doubles accept; tests look for it where it must not be."""
GOOD_SECRET = "good-secret-51d2e8"


class Row(NamedTuple):
    """One bar as a double tells of it: `opened` in microseconds since 1970 UTC."""

    opened: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Question:
    """A request: `query` holds one value a name, `headers` names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response; `cut` sends so many bytes of the body and closes, `stall` waits before it."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    stall: float = 0.0


Fault = Callable[[Reply], Reply]
"""Turns the reply that a double would give into another."""
Spoiler = Callable[[list[Row]], list[Row]]
"""Turns the bars that a double would tell of into others."""


class Answering(ABC):
    """One provider's server: what it answers, and what is wrong with it today.

    `document` is the address of what its wire format follows, `transport` says what it speaks.
    `faults` are used up one a request, `always` is put on each. `clock` is the server's.
    """

    document: ClassVar[str]
    transport: ClassVar[str] = "http"

    def __init__(self) -> None:
        self.clock: datetime = NOW
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.asked: list[Question] = []

    @contextmanager
    def served(self) -> Iterator[str]:
        """Yield the address at which it is reached."""
        with Served(self) as found:
            yield found.address

    @classmethod
    def nowhere(cls) -> str:
        """Return an address of its kind at which nobody answers."""
        return f"http://127.0.0.1:{free_port()}"

    @abstractmethod
    def reply(self, question: Question) -> Reply:
        """Return what the provider answers on a good day."""

    def answer(self, question: Question) -> Reply:
        """Return what it answers today."""
        self.asked.append(question)
        found = self.reply(question)
        if self.faults:
            found = self.faults.popleft()(found)
        return self.always(found) if self.always else found


class Double(Answering):
    """One provider's double: the bars it tells of, and what is wrong with them today.

    `adapter` is the file of the adapter it stands before, `source` what a person calls it where
    that is not the file's name, `price` the field of a row that holds the close. `spoil` and
    `damage` act on bars before and after they are written. `most` is how many rows a page holds.
    `zone` is what a person says of its clock.
    """

    adapter: ClassVar[str]
    source: ClassVar[str] = ""
    symbols: ClassVar[Mapping[str, str]]
    """What the provider calls the instruments of the market it lists."""
    needs_symbols: ClassVar[bool] = False
    """Whether it knows none of them unless a person says what it calls them."""
    price: ClassVar[str | int]
    zone: ClassVar[str | None] = None
    most: int = 1_000

    def __init__(self) -> None:
        super().__init__()
        self.spoil: Spoiler | None = None
        self.damage: Callable[[Any], Any] | None = None

    def listed(self, ticker: str) -> str | None:
        """Return our symbol of what the provider calls `ticker`, None if it lists none."""
        return next((ours for ours, theirs in self.symbols.items() if theirs == ticker), None)

    def rows(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return all bars of `symbol` up to the server's clock, the open one last."""
        last = int(self.clock.timestamp() * 1e6)
        return [row for row in all_rows(symbol, timeframe) if row.opened <= last]

    def truth(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> pl.DataFrame:
        """Return the bars that must be found: those of the market, if its days are ours."""
        return truth(symbol, timeframe, start, end)

    def told(self, rows: Sequence[Row]) -> list[Row]:
        """Return `rows` as they are told today."""
        return self.spoil(list(rows)) if self.spoil else list(rows)

    def written(self, rows: Sequence[Any]) -> list[Any]:
        """Return written rows, damaged where that is asked."""
        return [self.damage(row) for row in rows] if self.damage else list(rows)


@cache
def all_rows(symbol: str, timeframe: Timeframe) -> tuple[Row, ...]:
    """Return the bars of `symbol` as doubles tell of them, also those of the near future."""
    frame = bars_of(symbol, timeframe).frame
    length = timeframe.length if timeframe.is_intraday else timedelta(0)
    opened = frame["time"] - length
    if not timeframe.is_intraday:
        market = calendar(LISTED[symbol].calendar)
        opened = market.trading_day(frame["time"], timeframe).cast(pl.Datetime("us"))
    stamps = opened.dt.epoch("us").to_list()
    prices = frame.select("open", "high", "low", "close", "volume").iter_rows()
    return tuple(Row(at, *values) for at, values in zip(stamps, prices, strict=True))


class _Server(ThreadingHTTPServer):
    """Lets go of the connections that clients keep open for later when it is closed."""

    daemon_threads = True

    def __init__(self, double: Answering) -> None:
        self._kept: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _handler(double))

    def process_request(self, request: Any, client_address: Any) -> None:
        self._kept.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._kept.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for one in list(self._kept):
            with suppress(OSError):  # the client was faster
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away; anything else is a bug of a double."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # its own types


class Served:
    """A double behind a port of this machine; use it in a `with`."""

    def __init__(self, double: Answering) -> None:
        self.double = double
        self._server = _Server(double)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def address(self) -> str:
        """Return where it is reached."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Served":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def free_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _handler(double: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go out apart, and nobody waits in between

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length", 0))
            question = Question(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length) if length else b"",
            )
            reply = double.answer(question)
            if reply.stall:
                threading.Event().wait(reply.stall)
            self.send_response_only(reply.status)
            self.send_header("Date", format_datetime(double.clock, usegmt=True))
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
            self.close_connection = self.close_connection or reply.cut is not None

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
