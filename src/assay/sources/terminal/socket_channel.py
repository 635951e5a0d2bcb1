"""A port of this machine to which the terminal connects, for MQL5 can only connect out."""

import socket
import threading
import time
import weakref
from collections.abc import Mapping, MutableMapping
from typing import Any, ClassVar

from assay.core.errors import SettingsError, TransientError
from assay.sources.terminal.answers import Reader, SilentError
from assay.sources.terminal.frames import LATER, LONGEST_ANSWER, TITLE

LOOPBACK = "127.0.0.1"
CHUNK = 2**16
"""Bytes read at once."""


class SocketChannel:
    """The only listener of this process at a port; one question at a time, from any thread.

    The port is opened at the first question and stays open, so that the expert need not connect
    again, until nobody in the process needs it.
    """

    _open: ClassVar[MutableMapping[int, "SocketChannel"]] = weakref.WeakValueDictionary()
    _opening = threading.Lock()

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._line: socket.socket | None = None
        self._held = bytearray()
        self._sockets: list[socket.socket] = []
        weakref.finalize(self, _close_all, self._sockets)

    @classmethod
    def at(cls, port: int) -> "SocketChannel":
        """Return the channel of this process at `port`."""
        with cls._opening:
            found = cls._open.get(port)
            if found is None:
                found = cls._open[port] = cls(port)
            return found

    def ask(self, line: bytes, read: Reader, timeout: float) -> Mapping[str, Any]:
        """See `Channel.ask`."""
        until = time.monotonic() + timeout
        with self._lock:
            connected = self._connected(until)
            try:
                connected.settimeout(_left(until))
                connected.sendall(line)
                while (found := read(self._next(connected, until))) is None:
                    pass
            except TimeoutError:
                self._hang_up()
                raise SilentError(
                    f"{TITLE} did not answer in time; is AssayBridge still on a chart?", LATER
                ) from None
            except OSError as error:
                self._hang_up()
                raise TransientError(
                    f"{TITLE}: the connection broke off ({error}); try again", LATER
                ) from None
            except TransientError:
                self._hang_up()  # whoever sends such lines may be no terminal at all
                raise
            else:
                return found

    def _connected(self, until: float) -> socket.socket:
        if self._line is not None:
            return self._line
        if self._door is None:
            self._door = self._opened()
            self._sockets.append(self._door)
        try:
            self._door.settimeout(_left(until))
            self._line, _ = self._door.accept()
        except TimeoutError:
            raise SilentError(
                f"{TITLE} cannot be reached: no terminal connects to {LOOPBACK}:{self._port}; is "
                "AssayBridge on a chart, with this port, and is the address allowed there?",
                LATER,
            ) from None
        self._sockets.append(self._line)
        return self._line

    def _opened(self) -> socket.socket:
        try:
            return socket.create_server((LOOPBACK, self._port), backlog=1)
        except OSError as error:
            raise SettingsError(
                f"{TITLE} needs the port {self._port} of this machine, and it cannot be opened "
                f"({error.strerror}); another Assay may be at it: end that, or set another port "
                "here and in AssayBridge"
            ) from None

    def _next(self, connected: socket.socket, until: float) -> bytes:
        while b"\n" not in self._held:
            connected.settimeout(_left(until))
            found = connected.recv(CHUNK)
            if not found:
                raise ConnectionError("the terminal closed it")
            self._held += found
            if len(self._held) > LONGEST_ANSWER:
                raise ConnectionError(f"it sent more than {LONGEST_ANSWER >> 20} MiB at once")
        end = self._held.index(b"\n") + 1
        line = bytes(self._held[:end])
        del self._held[:end]
        return line

    def _hang_up(self) -> None:
        if self._line is not None:
            self._sockets.remove(self._line)
            self._line.close()
        self._line = None
        self._held.clear()


def _left(until: float) -> float:
    """Return the seconds left, which are never none: no time at all would mean not to wait."""
    return max(0.001, until - time.monotonic())


def _close_all(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()
