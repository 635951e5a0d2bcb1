"""How a terminal's double is reached: it dials a port, answers in a folder, or is a module."""

import socket
import threading
from collections import namedtuple
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Reply, Row

SOON = 0.01
"""Seconds between two tries."""


class Speaking(Protocol):
    """A double that answers lines with lines."""

    silent: bool
    before: list[bytes]

    def speak(self, line: bytes) -> tuple[bytes, Reply]:
        """Return the line that answers `line`, and the reply in it."""
        ...


class Worker:
    """Works in a thread of its own while in a `with`."""

    def __init__(self, double: Speaking) -> None:
        self.double = double
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.work, daemon=True)

    def work(self) -> None:
        """Do what is done until it is `over`."""
        raise NotImplementedError

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()


class Dialling(Worker):
    """An expert that connects out to `port`, again and again, and answers what it is asked."""

    def __init__(self, double: Speaking, port: int) -> None:
        super().__init__(double)
        self.port = port
        self.calls = 0

    @property
    def address(self) -> str:
        """Return where Assay has to listen."""
        return f"tcp://127.0.0.1:{self.port}"

    def work(self) -> None:
        """See `Worker.work`."""
        while not self.over.wait(SOON):
            try:
                line = socket.create_connection(("127.0.0.1", self.port), timeout=1)
            except OSError:
                continue
            self.calls += 1
            with line:
                line.settimeout(0.05)
                self._serve(line)

    def _serve(self, line: socket.socket) -> None:
        held = b""
        while not self.over.is_set():
            try:
                found = line.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                return
            if not found:
                return
            held += found
            while b"\n" in held:
                question, _, held = held.partition(b"\n")
                if not self._answer(line, question + b"\n"):
                    return

    def _answer(self, line: socket.socket, question: bytes) -> bool:
        """Answer a question; say whether the connection is still there."""
        answer, reply = self.double.speak(question)
        if reply.stall:
            self.over.wait(reply.stall)
        if self.double.silent:
            return True
        sent = b"".join(self.double.before) + answer
        self.double.before.clear()
        try:
            line.settimeout(5)
            line.sendall(sent if reply.cut is None else sent[: reply.cut])
            line.settimeout(0.05)
        except OSError:
            return False
        return reply.cut is None


class Foldered(Worker):
    """An expert that looks for questions in a folder; a cut answer is half written, then mended."""

    def __init__(self, double: Speaking, common: Path) -> None:
        super().__init__(double)
        self.folder = common / "Assay"

    @property
    def address(self) -> str:
        """Return where Assay finds the folder."""
        return f"file:{self.folder.parent}"

    def work(self) -> None:
        """See `Worker.work`."""
        while not self.over.wait(SOON):
            question = self.folder / "question.txt"
            if not question.exists():
                continue
            answer, reply = self.double.speak(question.read_bytes())
            question.unlink(missing_ok=True)
            for line in self.double.before:
                self._put(line)
            if reply.stall:
                self.over.wait(reply.stall)
            if self.double.silent:
                continue
            if reply.cut is not None:
                (self.folder / "answer.txt").write_bytes(answer[: reply.cut])
                self.over.wait(0.2)
            self._put(answer)

    def _put(self, line: bytes) -> None:
        (self.folder / "answer.part").write_bytes(line)
        (self.folder / "answer.part").replace(self.folder / "answer.txt")
        self.over.wait(0.05)


RATES = np.dtype(
    [
        ("time", "<i8"),
        ("open", "<f8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("tick_volume", "<u8"),
        ("spread", "<i4"),
        ("real_volume", "<u8"),
    ]
)
TerminalInfo = namedtuple("TerminalInfo", "community_account connected trade_allowed maxbars name")
AccountInfo = namedtuple("AccountInfo", "login server")
SymbolInfo = namedtuple("SymbolInfo", "name select visible digits")
Tick = namedtuple("Tick", "time bid ask last volume")


class History(Protocol):
    """A double whose terminal a library may look into."""

    connected: bool
    logged_in: bool
    full: bool
    limit: int
    watched: set[str]
    clock: Any

    def listed(self, ticker: str) -> str | None:
        """Return our symbol of what it calls `ticker`."""
        ...

    def held(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return the terminal's whole history."""
        ...

    def second(self, moment: Any) -> int:
        """Return what the server's clock shows at `moment`."""
        ...


class Library:
    """The package `MetaTrader5`, as https://www.mql5.com/en/docs/python_metatrader5 describes it.

    Functions answer None or False where they fail, and `last_error` says why; a span may be said in
    seconds since 1970. That bars of a symbol outside Market Watch are not given is the documents';
    the codes of that failure are not in them.
    """

    TIMEFRAME_M1, TIMEFRAME_M5, TIMEFRAME_M10, TIMEFRAME_M15, TIMEFRAME_M30 = 1, 5, 10, 15, 30
    TIMEFRAME_H1 = 16_385

    def __init__(self, terminal: History) -> None:
        self._terminal = terminal
        self.started = False
        self.installed = True
        self.asked: list[str] = []
        self._error = (1, "Success")

    def initialize(self) -> bool:
        if not self.installed:
            self._error = (-10_003, "IPC initialize failed, MetaTrader 5 x64 not found")
            return False
        self.started = True
        return True

    def last_error(self) -> tuple[int, str]:
        return self._error

    def terminal_info(self) -> TerminalInfo | None:
        if not self._ready():
            return None
        terminal = self._terminal
        return TerminalInfo(False, terminal.connected, False, terminal.limit, "MetaTrader 5")

    def account_info(self) -> AccountInfo | None:
        if not self._ready() or not self._terminal.logged_in:
            return None
        return AccountInfo(4_711, "Broker-Demo")

    def symbol_info(self, symbol: str) -> SymbolInfo | None:
        if not self._ready() or self._terminal.listed(symbol) is None:
            self._error = (-1, "Terminal: Not found")
            return None
        watched = self._terminal.listed(symbol) in self._terminal.watched
        return SymbolInfo(symbol, watched, watched, 5)

    def symbol_select(self, symbol: str, enable: bool = True) -> bool:
        ours = self._terminal.listed(symbol)
        if not self._ready() or ours is None or (self._terminal.full and enable):
            self._error = (-1, "Terminal: Call failed")
            return False
        (self._terminal.watched.add if enable else self._terminal.watched.discard)(ours)
        return True

    def symbol_info_tick(self, symbol: str) -> Tick | None:
        if self.symbol_info(symbol) is None:
            return None
        return Tick(self._terminal.second(self._terminal.clock) - 1, 1.0, 1.0, 0.0, 0)

    def copy_rates_range(
        self, symbol: str, timeframe: int, date_from: int, date_to: int
    ) -> np.ndarray | None:
        self.asked.append("copy_rates_range")
        rows = self._rows(symbol, timeframe)
        if rows is None:
            return None
        if date_to < date_from:
            self._error = (-2, "Terminal: Invalid params")
            return None
        return _array([row for row in rows if date_from <= row.opened // 1_000_000 <= date_to])

    def copy_rates_from(
        self, symbol: str, timeframe: int, date_from: int, count: int
    ) -> np.ndarray | None:
        self.asked.append("copy_rates_from")
        rows = self._rows(symbol, timeframe)
        if rows is None:
            return None
        return _array([row for row in rows if row.opened // 1_000_000 <= date_from][-count:])

    def _ready(self) -> bool:
        if not self.started:
            self._error = (-10_004, "No IPC connection")
        return self.started

    def _rows(self, symbol: str, timeframe: int) -> list[Row] | None:
        ours = self._terminal.listed(symbol)
        if not self._ready() or ours not in self._terminal.watched:
            self._error = (-1, "Terminal: Call failed")
            return None
        minutes = 60 if timeframe == self.TIMEFRAME_H1 else timeframe
        length = next(one for one in Timeframe if one.minutes == minutes)
        return self._terminal.held(str(ours), length)


def _array(rows: list[Row]) -> np.ndarray:
    held = [
        (row.opened // 1_000_000, row.open, row.high, row.low, row.close, int(row.volume), 1, 0)
        for row in rows
    ]
    return np.array(held, dtype=RATES)
