"""Binance's public REST interface and its kline streams, as its documents describe them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Question, Reply, Row
from tests.doubles.sockets import HangUp, Line, Streaming

EXAMPLE = [
    1499040000000,
    "0.01634790",
    "0.80000000",
    "0.01575800",
    "0.01577100",
    "148976.11427815",
    1499644799999,
    "2434.19055334",
    308,
    "1756.87402397",
    "28.46694368",
    "0",
]
"""A kline from https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md."""
EVENT = {
    "e": "kline",
    "E": 1672515782136,
    "s": "BNBBTC",
    "k": {"t": 1672515780000, "T": 1672515839999, "s": "BNBBTC", "i": "1m", "f": 100, "L": 200}
    | {"o": "0.0010", "c": "0.0020", "h": "0.0025", "l": "0.0015", "v": "1000", "n": 100}
    | {"x": False, "q": "1.0000", "V": "500", "Q": "0.500", "B": "123456"},
}
"""An event from web-socket-streams.md of the same place."""
SYMBOL = "^[A-Z0-9-_.]{1,20}$"
KNOWN = {"1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"} | {
    "3d",
    "1w",
    "1M",
}
KLINES = {"symbol", "interval", "startTime", "endTime", "timeZone", "limit"}
INFORMATION = {"symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"}
_STREAM = re.compile(r"([a-z0-9]{1,20})@kline_(\w+)")


class Wrong(Exception):  # noqa: N818 - a code and a message of the provider's
    """A question that is refused."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Binance(Streaming):
    """Spot under `/api/v3`, perpetual futures under `/fapi/v1`, and a stream for both.

    Weight is counted by the minute of the clock; the documents do not say how a minute is counted.
    What becomes of a `limit` above the maximum they do not say either: it is refused here.
    `halted` are symbols whose status is BREAK, `others` is weight that others use. Streams are
    wrapped as `/stream` does, or bare as under `/ws`.
    """

    adapter = "binance"
    document = "https://developers.binance.com/docs/binance-spot-api-docs/rest-api"
    symbols: ClassVar = {"BTCUSDT": "BTCUSDT", "ETHUSDT": "ETHUSDT"}
    perpetuals: ClassVar[Mapping[str, str]] = {"BTCUSDT.P": "BTCUSDT"}
    price = 4
    weights: ClassVar = {"klines": 2, "exchangeInfo": 20, "time": 1, "ping": 1}
    limits: ClassVar = {"api": 6000, "fapi": 2400}

    def __init__(self) -> None:
        super().__init__()
        self.halted: set[str] = set()
        self.others = 0
        self.used: dict[tuple[str, datetime], int] = {}
        self.is_bare = False

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        found = re.fullmatch(r"/(api/v3|fapi/v1)/(\w+)", question.path)
        if found is None or found[2] not in self.weights or not self._lists(found[1]):
            return Reply(b"<html><body>404 Not found</body></html>", 404)
        interface, route = found[1].partition("/")[0], found[2]
        minute = self.clock.replace(second=0, microsecond=0)
        used = self.used.get((interface, minute), self.others)
        used += self._weight(interface, route, question.query)
        self.used[interface, minute] = used
        headers = {"x-mbx-used-weight": str(used), "x-mbx-used-weight-1m": str(used)}
        if used > self.limits[interface]:
            limit = self.limits[interface]
            said = (
                f"Too much request weight used; current limit is {limit} request weight per "
                "1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."
            )
            headers["Retry-After"] = str(60 - self.clock.second)
            return _said({"code": -1003, "msg": said}, 429, headers)
        try:
            return _said(self._answered(interface, route, question.query), 200, headers)
        except Wrong as wrong:
            return _said({"code": wrong.code, "msg": str(wrong)}, 400, headers)

    def _lists(self, interface: str) -> bool:
        return interface == "api/v3" or bool(self.perpetuals)

    def _weight(self, interface: str, route: str, query: Mapping[str, str]) -> int:
        """Return what a question weighs: klines of futures by how many are asked for."""
        if interface == "api":
            return int(self.weights[route])
        if route != "klines":
            return 1
        asked = int(query.get("limit", 500))
        return next(w for most, w in ((99, 1), (499, 2), (1000, 5), (1500, 10)) if asked <= most)

    def _answered(self, interface: str, route: str, query: Mapping[str, str]) -> object:
        if route == "ping":
            return {}
        if route == "time":
            return {"serverTime": self._millis()}
        if route == "klines":
            return self._klines(interface, query)
        _only(query, INFORMATION)
        listed = self.symbols if interface == "api" else self.perpetuals
        return {
            "timezone": "UTC",
            "serverTime": self._millis(),
            "rateLimits": [
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
                | {"limit": self.limits[interface]}
            ],
            "exchangeFilters": [],
            "symbols": [self._listing(interface, ours) for ours in listed],
        }

    def _listing(self, interface: str, ours: str) -> dict[str, Any]:
        """Return what exchangeInfo says of a symbol."""
        ticker = {**self.symbols, **self.perpetuals}[ours]
        base, quote = ticker[:3], ticker[3:]
        status = "BREAK" if ours in self.halted else "TRADING"
        filters = [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000"}
            | {"tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000"}
            | {"stepSize": "0.00001"},
        ]
        known: dict[str, Any] = {
            "symbol": ticker,
            "status": status,
            "baseAsset": base,
            "quoteAsset": quote,
        }
        known |= {"baseAssetPrecision": 8, "quotePrecision": 8, "orderTypes": ["LIMIT", "MARKET"]}
        if interface == "fapi":
            return known | {
                "pair": ticker,
                "contractType": "PERPETUAL",
                "deliveryDate": 4133404800000,
                "onboardDate": 1569398400000,
                "marginAsset": quote,
                "pricePrecision": 2,
                "quantityPrecision": 3,
                "filters": filters,
                "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
            }
        return known | {
            "quoteAssetPrecision": 8,
            "icebergAllowed": True,
            "ocoAllowed": True,
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": True,
            "filters": filters,
            "permissions": [],
            "permissionSets": [["SPOT", "MARGIN"]],
            "defaultSelfTradePreventionMode": "NONE",
            "allowedSelfTradePreventionModes": ["NONE"],
        }

    def _klines(self, interface: str, query: Mapping[str, str]) -> list[Any]:
        _only(query, KLINES - ({"timeZone"} if interface == "fapi" else set()))
        ticker, interval = _needed(query, "symbol"), _needed(query, "interval")
        if not re.fullmatch(SYMBOL, ticker):
            legal = f"legal range is '{SYMBOL}'."
            raise Wrong(-1100, f"Illegal characters found in parameter 'symbol'; {legal}")
        listed = self.symbols if interface == "api" else self.perpetuals
        ours = next((one for one, theirs in listed.items() if theirs == ticker), None)
        if ours is None:
            raise Wrong(-1121, "Invalid symbol.")
        if interval not in KNOWN:
            raise Wrong(-1120, "Invalid interval.")
        most = 1000 if interface == "api" else 1500
        limit, first, last = (_number(query, name) for name in ("limit", "startTime", "endTime"))
        if limit is not None and not 1 <= limit <= most:
            raise Wrong(-1130, "Data sent for parameter 'limit' is not valid.")
        rows = [
            row
            for row in self.rows(ours, Timeframe(interval))
            if (first or 0) <= row.opened // 1000 <= (last or 2**62)
        ]
        count = min(limit or 500, self.most)
        page = rows[:count] if first is not None else rows[-count:]
        return self.written([_kline(row, Timeframe(interval)) for row in self.told(page)])

    def _millis(self) -> int:
        return int(self.clock.timestamp() * 1000)

    def greet(self, line: Line) -> None:
        """See `Streaming.greet`."""
        if not re.match(r"/(stream|ws|market/stream|market/ws)(/|$)", line.path):
            raise HangUp
        self.heard(line, line.hear())

    def heard(self, line: Line, text: str | bytes) -> None:
        """See `Streaming.heard`: what is asked for while the line is open."""
        try:
            asked = json.loads(text)
        except ValueError:
            line.say('{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}')
            return
        method, streams = asked.get("method"), asked.get("params", [])
        if method not in ("SUBSCRIBE", "UNSUBSCRIBE"):
            said = f"Invalid request: unknown variant {method}, expected one of `SUBSCRIBE`"
            line.say(json.dumps({"code": 2, "msg": said}))
            return
        if not all(isinstance(one, str) for one in streams) or not isinstance(asked["id"], int):
            said = "Invalid request: request ID must be an unsigned integer"
            line.say(json.dumps({"code": 2, "msg": said}))
            return
        for one in streams:
            found = _STREAM.fullmatch(one)
            if found and found[2] in KNOWN:
                line.wants.add(one)
        line.say(json.dumps({"result": None, "id": asked["id"]}))

    def wanted(self, symbol: str, timeframe: Timeframe) -> str:
        """See `Streaming.wanted`."""
        ticker = {**self.symbols, **self.perpetuals}[symbol]
        return f"{ticker.lower()}@kline_{timeframe.value}"

    def live(self, symbol: str, timeframe: Timeframe, row: Row) -> str:
        """See `Streaming.live`."""
        return self._event(symbol, timeframe, row, is_closed=True)

    def unfinished(self, symbol: str, timeframe: Timeframe, row: Row) -> str:
        """See `Streaming.unfinished`: the current bar comes every two seconds."""
        return self._event(symbol, timeframe, row, is_closed=False)

    def chatter(self) -> list[str]:
        """See `Streaming.chatter`."""
        ticker = {"e": "24hrMiniTicker", "E": 1672515782136, "s": "BNBBTC", "c": "0.0025"}
        newer = {"e": "somethingNew", "E": 1672515782136}
        return [
            '{"result": null, "id": 7}',
            json.dumps({"stream": "bnbbtc@miniTicker", "data": ticker}),
            json.dumps({"stream": "bnbbtc@somethingNew", "data": newer}),
            json.dumps({"stream": "bnbbtc@kline_1m", "data": EVENT}),
        ]

    def _event(self, symbol: str, timeframe: Timeframe, row: Row, *, is_closed: bool) -> str:
        length, opened = timeframe.minutes * 60_000, row.opened // 1000
        ticker = {**self.symbols, **self.perpetuals}[symbol]
        bar = {"t": opened, "T": opened + length - 1, "s": ticker, "i": timeframe.value}
        bar |= {"f": 100, "L": 200, "o": _text(row.open), "c": _text(row.close)}
        bar |= {"h": _text(row.high), "l": _text(row.low), "v": _text(row.volume), "n": 100}
        bar |= {"x": is_closed, "q": "1.0", "V": "500", "Q": "0.500", "B": "0"}
        event = {"e": "kline", "E": opened + length, "s": ticker, "k": bar}
        if self.is_bare:
            return json.dumps(event)
        return json.dumps({"stream": self.wanted(symbol, timeframe), "data": event})


def _kline(row: Row, timeframe: Timeframe) -> list[Any]:
    opened = row.opened // 1000
    prices = [_text(one) for one in (row.open, row.high, row.low, row.close, row.volume)]
    return [opened, *prices, opened + timeframe.minutes * 60_000 - 1, "1.0", 308, "1.0", "1.0", "0"]


def _text(value: float) -> str:
    return f"{value:.8f}"


def _only(query: Mapping[str, str], known: set[str]) -> None:
    if read := len(query.keys() & known) - len(query):
        said = f"read '{len(query) + read}' parameter(s) but was sent '{len(query)}'."
        raise Wrong(-1104, f"Not all sent parameters were read; {said}")


def _needed(query: Mapping[str, str], name: str) -> str:
    found = query.get(name)
    if not found:
        said = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
        raise Wrong(-1102, said)
    return found


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is not None and not re.fullmatch(r"\d{1,19}", text):
        raise Wrong(-1100, f"Illegal characters found in parameter '{name}'.")
    return None if text is None else int(text)


def _said(body: object, status: int, headers: Mapping[str, str]) -> Reply:
    return Reply(json.dumps(body).encode(), status, headers)
