"""Local WebSocket servers that speak as providers' streams do, with the faults that those have."""

import logging
import threading
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Double, Row

SOON = 5.0
"""Seconds within which what a test waits for must have come."""


class HangUp(Exception):  # noqa: N818 - it is no error: a provider may end a conversation
    """The provider ends the conversation."""


@dataclass
class Line:
    """One connection as the double sees it; `wants` is what was subscribed to, in its own words."""

    connection: ServerConnection
    path: str
    query: str
    headers: Mapping[str, str]
    wants: set[str] = field(default_factory=set)

    def say(self, text: str | bytes) -> None:
        """Send one message."""
        self.connection.send(text)

    def hear(self, timeout: float | None = None) -> str | bytes:
        """Return the next message of the client; `TimeoutError` where none comes."""
        return self.connection.recv(timeout)


class Streaming(Double):
    """A double with a stream.

    `greet` holds the conversation that comes before bars and puts into `Line.wants` what was
    asked for; after it, `heard` is given what the client says. `live` is the message that a bar
    has closed. `corrected` and `unfinished` are the messages that a closed bar is another now and
    that one is still open, None where the provider sends none such. `chatter` are messages that
    are no bars: heartbeats, confirmations, and types that came after the document was written.
    `refusal` is the word or number of the provider's that a client shows when the key is wrong.
    `settles` is how long after its time a bar counts as closed with a provider that never says so,
    `lengths` are the bars it streams where the adapter's abilities cannot know.
    """

    settles: ClassVar[timedelta] = timedelta(0)
    lengths: ClassVar[frozenset[Timeframe] | None] = None

    @abstractmethod
    def greet(self, line: Line) -> None:
        """Hold the opening conversation; `HangUp` ends the connection."""

    def heard(self, line: Line, text: str | bytes) -> None:
        """Answer what a client says later on; by default nothing."""

    def encoded(self, line: Line, text: str | bytes) -> str | bytes:
        """Return a message in the encoding that a client has asked for; by default as it is."""
        return text

    @abstractmethod
    def wanted(self, symbol: str, timeframe: Timeframe) -> str:
        """Return what stands in `Line.wants` for a series."""

    @abstractmethod
    def live(self, symbol: str, timeframe: Timeframe, row: Row) -> str:
        """Return the message that a bar has closed."""

    def corrected(self, symbol: str, timeframe: Timeframe, row: Row) -> str | None:
        """Return the message that a closed bar is another now."""
        return None

    def unfinished(self, symbol: str, timeframe: Timeframe, row: Row) -> str | None:
        """Return the message of a bar that is still open."""
        return None

    @abstractmethod
    def chatter(self) -> list[str]:
        """Return messages that are no bars."""


class Switchboard:
    """A double's stream behind a port of this machine; use it in a `with`.

    `door` is the HTTP status it turns everybody away with, 0 lets them in and never answers.
    """

    def __init__(self, double: Streaming) -> None:
        self.double = double
        self.door: int | None = None
        self.lines: list[Line] = []
        self.calls, self.greeted = 0, 0
        self._changed = threading.Condition()
        self._opened = threading.Event()
        self._server = serve(
            self._answer,
            "127.0.0.1",
            0,
            process_request=self._at_the_door,
            close_timeout=0.5,
            logger=logging.Logger("double", logging.CRITICAL + 1),
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Return where it is reached."""
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def __enter__(self) -> "Switchboard":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.set()
        self._server.shutdown()
        self._thread.join()

    def tell(self, symbol: str, timeframe: Timeframe, row: Row) -> None:
        """Tell everybody who wants it that a bar has closed."""
        self._to_all(symbol, timeframe, self.double.live(symbol, timeframe, row))

    def correct(self, symbol: str, timeframe: Timeframe, row: Row) -> None:
        """Tell everybody who wants it that a bar is another now."""
        text = self.double.corrected(symbol, timeframe, row)
        self._to_all(symbol, timeframe, text or self.double.live(symbol, timeframe, row))

    def say(self, text: str | bytes) -> None:
        """Send a message, whatever it is, to everybody."""
        for line in self._listening():
            line.say(self.double.encoded(line, text))

    def half(self, text: str) -> None:
        """Send the first half of a message, and nothing after it."""
        for line in self._listening():
            content = text.encode()
            with line.connection.protocol_mutex:
                line.connection.protocol.send_text(content[: len(content) // 2], fin=False)
                line.connection.send_data()

    def drop(self) -> None:
        """Break every connection off without a goodbye."""
        for line in self._listening():
            line.connection.close_socket()

    def leave(self, code: int = 1001, reason: str = "") -> None:
        """Say goodbye to everybody."""
        for line in self._listening():
            line.connection.close(code, reason)

    def wait_for(self, count: int, within: float = SOON) -> None:
        """Return when `count` connections have been greeted since the start."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.greeted >= count, within)

    def _to_all(self, symbol: str, timeframe: Timeframe, text: str) -> None:
        wanted = self.double.wanted(symbol, timeframe)
        for line in self._listening():
            if wanted in line.wants:
                line.say(self.double.encoded(line, text))

    def _listening(self) -> list[Line]:
        self.wait_for(1)
        return list(self.lines)

    def _at_the_door(self, connection: ServerConnection, request: Request) -> Response | None:
        self.calls += 1
        if self.door is None:
            return None
        if self.door == 0:
            self._opened.wait(SOON)
            return None
        return connection.respond(HTTPStatus(self.door), "go away\n")

    def _answer(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        path, _, query = request.path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        line = Line(connection, path, query, headers)
        try:
            self.double.greet(line)
            with self._changed:
                self.lines.append(line)
                self.greeted += 1
                self._changed.notify_all()
            while True:
                self.double.heard(line, line.hear())
        except (HangUp, ConnectionClosed, TimeoutError):
            connection.close()
        finally:
            with self._changed:
                if line in self.lines:
                    self.lines.remove(line)
