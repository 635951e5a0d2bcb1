"""Alpaca's historical bars and its stream, as its documents describe them."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import moment_of
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from tests.doubles.market import BEGAN, LISTED, NOW
from tests.doubles.packing import packed, unpacked
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Question, Reply, Row
from tests.doubles.sockets import HangUp, Line, Streaming

SHARES, COINS = "/v2/stocks/bars", "/v1beta3/crypto/us/bars"
EXAMPLE = {
    "bars": {
        "AAPL": [
            {
                "t": "2022-01-03T09:00:00Z",
                "o": 178.26,
                "h": 178.26,
                "l": 178.21,
                "c": 178.21,
                "v": 1118,
                "n": 65,
                "vw": 178.235733,
            }
        ]
    },
    "next_page_token": "QUFQTHxNfDIwMjItMDEtMDNUMDk6MDA6MDAuMDAwMDAwMDAwWg==",
}
"""An answer from https://docs.alpaca.markets/reference/stockbars."""
EXAMPLE_MESSAGE = {
    "T": "b",
    "S": "SPY",
    "o": 388.985,
    "h": 389.13,
    "l": 388.975,
    "c": 389.12,
    "v": 49378,
    "n": 461,
    "vw": 389.062639,
    "t": "2021-02-22T19:15:00Z",
}
"""A message from https://docs.alpaca.markets/docs/real-time-stock-pricing-data."""
CHANNELS = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds")
EXTENDED = timedelta(minutes=90)
"""So long before and after a session shares are traded here: pre-market and after-market."""
_SIZE = re.compile(
    r"([1-9]|[1-5]\d)(Min|T)|([1-9]|1\d|2[0-3])(Hour|H)|1(Day|D|Week|W)|(1|2|3|4|6|12)(Month|M)"
)
_SHARE = re.compile(r"[A-Z]+(\.[A-Z]+)?")
_COIN = re.compile(r"[A-Z]+/[A-Z]+")
_TAKEN = {"symbols", "timeframe", "start", "end", "limit", "page_token", "sort"}
_TAKEN_OF_SHARES = _TAKEN | {"adjustment", "asof", "feed", "currency"}


class Alpaca(Streaming):
    """An account of the free plan: the feed iex, one stream each of shares and of coins.

    Not documented, and chosen: a symbol that is well formed and unknown has an answer without
    bars (so it is reported of coins, alpacahq/alpaca-docs issue 59), a malformed one is a 400 with
    "invalid symbol"; a parameter that does not exist is refused, so that a misspelt one is seen.
    """

    adapter = "alpaca"
    document = "https://docs.alpaca.markets/reference/stockbars"
    symbols: ClassVar = {"AAPL": "AAPL", "GONE": "GONE", "BTCUSD": "BTC/USD", "BTCUSDT": "BTC/USDT"}
    price = "c"
    most = 10_000
    streamed = 30
    """Symbols that one stream carries."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, Line] = {}

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        is_share = question.path == SHARES
        if not is_share and question.path != COINS:
            return _said({"message": "Not Found"}, 404)
        sent = [question.headers.get(f"apca-api-{name}") for name in ("key-id", "secret-key")]
        if sent != [GOOD_KEY, GOOD_SECRET] and (is_share or any(sent)):
            return _said({"message": "forbidden."}, 403)
        wrong = _wrong(question.query, is_share=is_share)
        if wrong:
            status = 403 if "subscription" in wrong else 400
            return _said({"message": wrong}, status)
        return self._bars(question.query, is_share=is_share)

    def _bars(self, query: Mapping[str, str], *, is_share: bool) -> Reply:
        ticker, size = query["symbols"], query["timeframe"]
        symbol = self.listed(ticker)
        if symbol is None or (LISTED[symbol].asset_class is AssetClass.EQUITY) != is_share:
            return _said({"bars": {}, "next_page_token": None})
        if size.endswith("Month"):
            return _said({"bars": {ticker: [_row(self._month(symbol))]}, "next_page_token": None})
        timeframe = Timeframe(size.replace("Min", "m").replace("Hour", "h").lower())
        low, high = (_micros(query[name]) for name in ("start", "end"))
        if "page_token" in query:
            low = _micros(base64.b64decode(query["page_token"]).decode().split("|")[2]) + 1
        rows = sorted(self.rows(symbol, timeframe) + self._extended(symbol, timeframe))
        rows = [row for row in rows if low <= row.opened <= high]
        most = min(self.most, int(query.get("limit", 1000)))
        page = self.told(rows[:most])
        token = None
        if len(rows) > most:
            last = f"{ticker}|M|{_named(rows[most - 1].opened)[:-1]}.000000000Z"
            token = base64.b64encode(last.encode()).decode()
        bars = {ticker: self.written([_row(one) for one in page])} if page else {}
        return _said({"bars": bars, "next_page_token": token})

    def _month(self, symbol: str) -> Row:
        """Return the first month that there is, whatever is wrong with bars today."""
        first = self.rows(symbol, Timeframe.M1)[0]
        return first._replace(opened=_micros("2026-10-01T00:00:00Z"))

    def _extended(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """Return bars of before and after the sessions of a share."""
        if LISTED[symbol].asset_class is not AssetClass.EQUITY:
            return []
        times: list[datetime] = []
        for session in calendar("XNYS").sessions(BEGAN, min(self.clock, NOW)).iter_rows(named=True):
            for begin in (session["open"] - EXTENDED, session["close"]):
                count = EXTENDED // timeframe.length
                times += [begin + timeframe.length * step for step in range(count)]
        known = self.rows(symbol, timeframe)
        price = known[0].open
        last = self.clock if symbol != "GONE" else moment_of(known[-1].opened)
        return [
            Row(round(at.timestamp() * 1e6), price, price, price, price, 7.0)
            for at in times
            if at <= last
        ]

    def greet(self, line: Line) -> None:
        """See `Streaming.greet`; it waits ten seconds for keys."""
        if line.path not in ("/v2/iex", "/v1beta3/crypto/us"):
            raise HangUp
        self._say(line, {"T": "success", "msg": "connected"})
        asked = _read(line.hear(10.0))
        if asked.get("action") != "auth":
            self._say(line, {"T": "error", "code": 401, "msg": "not authenticated"})
            raise HangUp
        if (asked.get("key"), asked.get("secret")) != (GOOD_KEY, GOOD_SECRET):
            self._say(line, {"T": "error", "code": 402, "msg": "auth failed"})
            raise HangUp
        other = self.sessions.get(line.path)
        if other is not None and other.connection.state.name == "OPEN":
            self._say(line, {"T": "error", "code": 406, "msg": "connection limit exceeded"})
            raise HangUp
        self.sessions[line.path] = line
        self._say(line, {"T": "success", "msg": "authenticated"})
        self.heard(line, line.hear())

    def heard(self, line: Line, text: str | bytes) -> None:
        """See `Streaming.heard`; subscriptions add up and are told as a whole."""
        asked = _read(text)
        named = [one for channel in CHANNELS for one in asked.get(channel, [])]
        form = _SHARE if line.path == "/v2/iex" else _COIN
        if asked.get("action") != "subscribe" or not all(form.fullmatch(one) for one in named):
            self._say(line, {"T": "error", "code": 400, "msg": "invalid syntax"})
            return
        wanted = line.wants | {
            f"{channel} {one}" for channel in CHANNELS for one in asked.get(channel, [])
        }
        if len({one.split()[1] for one in wanted}) > self.streamed:
            self._say(line, {"T": "error", "code": 405, "msg": "symbol limit exceeded"})
            return
        line.wants |= wanted
        told = {
            channel: sorted(one.split()[1] for one in wanted if one.split()[0] == channel)
            for channel in CHANNELS
        }
        self._say(line, {"T": "subscription", **told})

    def encoded(self, line: Line, text: str | bytes) -> str | bytes:
        """See `Streaming.encoded`: MessagePack with times of its own for who asks for it."""
        if line.headers.get("content-type") != "application/msgpack":
            return text
        timed = [
            {**one, "t": datetime.fromisoformat(one["t"])} if "t" in one else one
            for one in json.loads(text)
        ]
        return packed(timed)

    def wanted(self, symbol: str, timeframe: Timeframe) -> str:
        """See `Streaming.wanted`."""
        return f"bars {self.symbols[symbol]}"

    def live(self, symbol: str, timeframe: Timeframe, row: Row) -> str:
        """See `Streaming.live`."""
        return json.dumps([{"T": "b", "S": self.symbols[symbol], **_row(row)}])

    def corrected(self, symbol: str, timeframe: Timeframe, row: Row) -> str | None:
        """See `Streaming.corrected`: what a late trade made of a minute."""
        return json.dumps([{"T": "u", "S": self.symbols[symbol], **_row(row)}])

    def _say(self, line: Line, message: Mapping[str, Any]) -> None:
        """Send a message, in an array as Alpaca sends all."""
        line.say(self.encoded(line, json.dumps([message])))

    def chatter(self) -> list[str]:
        """See `Streaming.chatter`: Alpaca has no heartbeats of its own."""
        return [
            json.dumps([{"T": "subscription", "bars": ["AAPL"]}]),
            json.dumps([{"T": "s", "S": "AAPL", "sc": "H", "sm": "Trading Halt"}]),
            json.dumps([{"T": "zz", "S": "AAPL", "brand": "new"}]),
            json.dumps([]),
        ]


def _read(text: str | bytes) -> dict[str, Any]:
    """Return what a client says: binary messages are MessagePack."""
    asked: dict[str, Any] = unpacked(text) if isinstance(text, bytes) else json.loads(text)
    return asked


def _wrong(query: Mapping[str, str], *, is_share: bool) -> str | None:
    """Return what is wrong with the parameters of a question for bars, in Alpaca's manner."""
    ticker = query.get("symbols", "")
    rules = {
        f"invalid symbol: {ticker}": (_SHARE if is_share else _COIN).fullmatch(ticker),
        f"invalid timeframe: {query.get('timeframe')}": _SIZE.fullmatch(query.get("timeframe", "")),
        "invalid limit": 1 <= int(query.get("limit", 1000)) <= 10_000,
        "invalid adjustment": query.get("adjustment", "raw") in ("raw", "split", "dividend", "all"),
        "invalid feed": query.get("feed", "iex") in ("iex", "sip", "otc"),
        "invalid sort": query.get("sort", "asc") == "asc",
        "unexpected parameter": set(query) <= (_TAKEN_OF_SHARES if is_share else _TAKEN),
        "invalid start": _micros(query.get("start", "")),
        "invalid end": _micros(query.get("end", "")),
        "end should not be before start": _micros(query["start"]) <= _micros(query["end"]),
        "subscription does not permit querying recent SIP data": query.get("feed", "iex") == "iex",
    }
    return next((said for said, is_right in rules.items() if not is_right), None)


def _micros(text: str) -> int:
    """Return an RFC-3339 time in microseconds since 1970, 0 for what is none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        return 0
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


def _named(micros: int) -> str:
    return f"{datetime.fromtimestamp(micros / 1e6, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _row(row: Row) -> dict[str, Any]:
    volume = int(row.volume) if row.volume.is_integer() else row.volume
    return {
        "t": _named(row.opened),
        "o": row.open,
        "h": row.high,
        "l": row.low,
        "c": row.close,
        "v": volume,
        "n": 3,
        "vw": row.close,
    }


def _said(body: Any, status: int = 200) -> Reply:
    limits = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "199"}
    return Reply(json.dumps(body).encode(), status, limits)
