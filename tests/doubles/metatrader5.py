"""A MetaTrader 5 terminal with AssayBridge on a chart, as docs/reference/metatrader-bridge.md says.

What its history is like follows MetaQuotes' documents: bars are stamped with their open in seconds
by the server's clock, the last one is open, a span is inclusive at both ends, and what is not there
is loaded while one waits (https://www.mql5.com/en/docs/series/timeseries_access). How a terminal
keeps the hour that a clock shows twice no document says; here the later bar replaces the earlier.
"""

import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

import polars as pl

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Double, Question, Reply, Row, free_port
from tests.doubles.terminals import Dialling

PERIODS = {
    "M1": Timeframe.M1,
    "M5": Timeframe.M5,
    "M10": Timeframe.M10,
    "M15": Timeframe.M15,
    "M30": Timeframe.M30,
    "H1": Timeframe.H1,
}
EXAMPLE = {
    "time": 1578484800,
    "open": 1.11382,
    "high": 1.11385,
    "low": 1.1111,
    "close": 1.11199,
    "tick_volume": 9354,
    "spread": 1,
    "real_volume": 0,
}
"""A bar of https://www.mql5.com/en/docs/python_metatrader5/mt5copyratesfrom_py, an `MqlRates`."""
_LINE = re.compile(rb"assay/1 ([0-9a-f]{64}) ([0-9a-f]{64}) (\{.*\})\n")
_FIELDS = {"id": str, "ask": str, "symbol": str, "period": str} | dict.fromkeys(
    ("first", "last", "most"), int
)


class MetaTrader5(Double):
    """`server` are the clocks it ran by: a zone, hours added to it, and until when (UTC) it did.

    `oldest` is where the terminal's own history begins (`oldest_of` where that of one symbol does),
    `coming` where it will after each further question. `before` are lines sent ahead of the next
    answer, `tamper` changes the lines it sends.
    """

    adapter = "metatrader5"
    document = "https://www.mql5.com/en/docs/series/timeseries_access"
    transport = "bridge"
    zone: ClassVar[str | None] = "America/New_York+7h"
    symbols: ClassVar = {
        "EURUSD": "EURUSD",
        "USDJPY": "USDJPY",
        "XAUUSD": "XAUUSD",
        "SPX": "SPX",
    }
    price = 4
    most = 5_000

    def __init__(self) -> None:
        super().__init__()
        self.server: list[tuple[str, int, datetime | None]] = [("America/New_York", 7, None)]
        self.token = ""
        self.connected = self.logged_in = self.synced = True
        self.watched = {"EURUSD"}
        self.full = False
        self.limit = 100_000
        self.oldest: datetime | None = None
        self.oldest_of: dict[str, datetime] = {}
        self.coming: deque[datetime] = deque()
        self.silent = False
        self.fast = timedelta(0)
        self.before: list[bytes] = []
        self.tamper: Callable[[bytes], bytes] | None = None
        self._held: dict[object, list[Row]] = {}

    @contextmanager
    def served(self) -> Iterator[str]:
        """See `Double.served`: it dials to where Assay listens, as an expert has to."""
        with Dialling(self, free_port()) as found:
            yield found.address

    @classmethod
    def nowhere(cls) -> str:
        """See `Double.nowhere`."""
        return f"tcp://127.0.0.1:{free_port()}"

    def speak(self, line: bytes) -> tuple[bytes, Reply]:
        """Return the line that answers `line`, and the reply in it."""
        question = self._read(line)
        reply = question if isinstance(question, Reply) else self.answer(question)
        made = self.line(reply.body)
        return self.tamper(made) if self.tamper else made, reply

    def line(self, payload: bytes) -> bytes:
        """Return the line that carries `payload`."""
        seal = hmac.new(self.token.encode(), payload, "sha256").hexdigest()
        return f"assay/1 {sha256(payload).hexdigest()} {seal} ".encode() + payload + b"\n"

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        asked = question.query
        if question.path != "bars" or asked["period"] not in PERIODS:
            return _wrong(asked["id"], "bad_question", question.path)
        if not self.logged_in:
            return _wrong(asked["id"], "logged_out", "no account")
        if not self.connected:
            return _wrong(asked["id"], "not_connected", "Broker-Demo")
        symbol = self.listed(asked["symbol"])
        if symbol is None:
            return _wrong(asked["id"], "unknown_symbol", asked["symbol"])
        if symbol not in self.watched and self.full:
            return _wrong(asked["id"], "not_selected", "error 4306")
        self.watched.add(symbol)
        return self._bars(symbol, asked)

    def stamped(self, times: pl.Series) -> pl.Series:
        """Return UTC times as seconds since 1970 by the server's clock."""
        shown = pl.Series([None] * times.len(), dtype=pl.Int64)
        for zone, hours, until in self.server[::-1]:
            local = times.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.epoch("s")
            held = local + hours * 3_600
            shown = held if until is None else held.zip_with(times < until, shown)
        return shown

    def held(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return the terminal's whole history, `opened` in microseconds by the server's clock."""
        oldest = self.oldest_of.get(symbol, self.oldest)
        key = (symbol, timeframe, self.clock, tuple(self.server), oldest)
        if key not in self._held:
            rows = self.rows(symbol, timeframe)
            if oldest is not None:
                rows = [row for row in rows if row.opened >= oldest.timestamp() * 1e6]
            opened = pl.Series([row.opened for row in rows], dtype=pl.Int64)
            times = opened.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
            by_stamp = {
                at * 1_000_000: row for at, row in zip(self.stamped(times), rows, strict=True)
            }
            self._held[key] = [row._replace(opened=at) for at, row in sorted(by_stamp.items())]
        return self._held[key]

    def second(self, moment: datetime) -> int:
        """Return what the server's clock shows at `moment`, in seconds."""
        times = pl.Series([moment]).dt.cast_time_unit("us").dt.convert_time_zone("UTC")
        return int(self.stamped(times)[0])

    def _bars(self, symbol: str, asked: Any) -> Reply:
        if self.coming:
            self.oldest = self.coming.popleft()
        timeframe = PERIODS[asked["period"]]
        held = self.held(symbol, timeframe)
        oldest = held[0].opened // 1_000_000 if held else 0
        begin = max(int(asked["first"]), min(oldest, int(asked["last"])))
        most = min(self.most, int(asked["most"]))
        until = min(int(asked["last"]), begin + (most - 1) * timeframe.minutes * 60)
        rows = [row for row in held if begin <= row.opened // 1_000_000 <= until]
        answer = {
            "id": asked["id"],
            "served": self.second(self.clock),
            "ticked": self.second(self.clock - timedelta(seconds=1)),
            "gmt": int((self.clock + self.fast).timestamp()),
            "oldest": oldest,
            "older": self.oldest is not None and oldest > int(asked["first"]),
            "room": len(held) < self.limit,
            "synced": self.synced,
            "limit": self.limit,
            "until": until,
            "bars": self.written([_row(row) for row in self.told(rows)]),
        }
        return Reply(json.dumps(answer).encode())

    def _read(self, line: bytes) -> Question | Reply:
        found = _LINE.fullmatch(line)
        if found is None or sha256(found[3]).hexdigest().encode() != found[1]:
            return _wrong("", "damaged", "")
        if hmac.new(self.token.encode(), found[3], "sha256").hexdigest().encode() != found[2]:
            return _wrong("", "bad_token", "")
        message = json.loads(found[3])
        kinds = {name: type(value) for name, value in message.items()}
        if kinds != _FIELDS or b"\\" in found[3] or len(line) > 2_048:
            return _wrong(str(message.get("id", "")), "bad_question", "fields")
        return Question(
            "ASK", message["ask"], {name: str(value) for name, value in message.items()}, {}
        )


def _row(row: Row) -> list[Any]:
    return [row.opened // 1_000_000, row.open, row.high, row.low, row.close, int(row.volume)]


def _wrong(name: str, code: str, said: str) -> Reply:
    return Reply(json.dumps({"id": name, "error": code, "said": said}).encode())
