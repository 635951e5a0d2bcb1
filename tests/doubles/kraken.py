"""Kraken's public interfaces, as its documents describe them: the newest 720 bars, whatever."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from assay.core.values.timeframe import Timeframe
from tests.doubles.server import Question, Reply, Row
from tests.doubles.sockets import Line, Streaming

EXAMPLE = {
    "error": [],
    "result": {
        "XXBTZUSD": [
            [1688671200, "30306.1", "30306.2", "30305.7", "30305.7", "30306.1", "3.39243896", 23]
        ],
        "last": 1688672160,
    },
}
"""An answer from https://docs.kraken.com/api-reference/market-data/get-ohlc-data, shortened."""
UPDATE = {
    "channel": "ohlc",
    "type": "update",
    "timestamp": "2023-10-04T16:26:30.524394914Z",
    "data": [
        {"symbol": "MATIC/USD", "open": 0.5624, "high": 0.5628, "low": 0.5622, "close": 0.5627}
        | {"trades": 12, "volume": 30927.68066226, "vwap": 0.5626}
        | {"interval_begin": "2023-10-04T16:25:00.000000000Z", "interval": 5}
        | {"timestamp": "2023-10-04T16:30:00.000000Z"}
    ],
}
"""A message from https://docs.kraken.com/api-reference/market-data-channels/ohlc-candles."""
MOST = 720
MINUTES = {"1", "5", "15", "30", "60", "240", "1440", "10080", "21600"}


class Kraken(Streaming):
    """Errors come with status 200, in a list. `most` means nothing here: there are no pages.

    Whether a bar that opens at `since` is given is not said; here it is not.

    Its stream (version 2) begins with its state, and each series with the bars it had last. A bar
    comes again with every trade; that it has closed is never said.
    """

    adapter = "ccxt"
    source = "ccxt:kraken"
    document = "https://docs.kraken.com/api-reference/market-data/get-ohlc-data"
    symbols: ClassVar = {"BTCUSD": "XXBTZUSD", "BTCUSDT": "XBTUSDT", "ETHUSDT": "ETHUSDT"}
    names: ClassVar = {"BTCUSD": ("XXBT", "ZUSD"), "BTCUSDT": ("XXBT", "USDT")} | {
        "ETHUSDT": ("XETH", "USDT")
    }
    pairs: ClassVar = {"BTCUSD": "BTC/USD", "BTCUSDT": "BTC/USDT", "ETHUSDT": "ETH/USDT"}
    price = 4
    settles = timedelta(seconds=10)
    lengths = frozenset(Timeframe) - {Timeframe.M10}

    def reply(self, question: Question) -> Reply:
        """See `Double.reply`."""
        if question.path == "/0/public/AssetPairs":
            return _said({self.symbols[ours]: self._pair(ours) for ours in self.symbols})
        if question.path != "/0/public/OHLC":
            return _said({}, "EGeneral:Unknown method")
        return self._candles(question.query)

    def _pair(self, ours: str) -> dict[str, Any]:
        base, quote = self.names[ours]
        return {
            "altname": self.symbols[ours].replace("XXBTZ", "XBT"),
            "wsname": f"{base[1:]}/{quote.removeprefix('Z')}",
            "aclass_base": "currency",
            "base": base,
            "aclass_quote": "currency",
            "quote": quote,
            "lot": "unit",
            "pair_decimals": 4,
            "lot_decimals": 8,
            "lot_multiplier": 1,
            "leverage_buy": [],
            "leverage_sell": [],
            "fees": [[0, 0.4]],
            "fees_maker": [[0, 0.25]],
            "fee_volume_currency": "ZUSD",
            "ordermin": "0.00005",
            "costmin": "0.5",
            "tick_size": "0.0001",
            "status": "online",
        }

    def _candles(self, query: Mapping[str, str]) -> Reply:
        interval, since = query.get("interval", "1"), query.get("since", "0")
        if "pair" not in query or interval not in MINUTES or not since.isdecimal():
            return _said({}, "EGeneral:Invalid arguments")
        ours = self.listed(query["pair"])
        if ours is None:
            return _said({}, "EQuery:Unknown asset pair")
        timeframe = next(one for one in Timeframe if str(one.minutes) == interval)
        rows = self.rows(ours, timeframe)[-MOST:]
        last = rows[-2].opened // 1_000_000
        page = [row for row in rows if row.opened // 1_000_000 > int(since)] or rows[-1:]
        written = self.written([_row(row) for row in self.told(page)])
        return _said({query["pair"]: written, "last": last})

    def greet(self, line: Line) -> None:
        """See `Streaming.greet`."""
        system = {"version": "2.0.10", "system": "online", "api_version": "v2"}
        state = [system | {"connection_id": 13834774380200032777}]
        line.say(json.dumps({"channel": "status", "type": "update", "data": state}))
        self.heard(line, line.hear())

    def heard(self, line: Line, text: str | bytes) -> None:
        """See `Streaming.heard`: what is asked for while the line is open."""
        asked = json.loads(text)
        now = f"{self.clock:%Y-%m-%dT%H:%M:%S.%fZ}"
        said = {"method": asked.get("method"), "time_in": now, "time_out": now}
        if "req_id" in asked:
            said["req_id"] = asked["req_id"]
        if said["method"] == "ping":
            line.say(json.dumps({**said, "method": "pong"}))
            return
        wanted = asked.get("params", {})
        pair = wanted.get("symbol", [None])[0]
        ours = next((one for one, theirs in self.pairs.items() if theirs == pair), None)
        if said["method"] != "subscribe" or wanted.get("channel") != "ohlc":
            line.say(json.dumps({**said, "error": "Unsupported channel", "success": False}))
            return
        if ours is None:
            error = f"Currency pair not supported {pair}"
            line.say(json.dumps({**said, "error": error, "success": False, "symbol": pair}))
            return
        interval = wanted.get("interval", 1)
        if str(interval) not in MINUTES:
            error = "Subscription ohlc interval not supported"
            line.say(json.dumps({**said, "error": error, "success": False, "symbol": pair}))
            return
        result = {"channel": "ohlc", "interval": interval, "snapshot": True, "symbol": pair}
        warned = ["timestamp is deprecated, use interval_begin"]
        line.say(json.dumps({**said, "result": {**result, "warnings": warned}, "success": True}))
        timeframe = next(one for one in Timeframe if one.minutes == interval)
        line.wants.add(self.wanted(ours, timeframe))
        begun = self.clock.timestamp() * 1_000_000
        rows = [row for row in self.rows(ours, timeframe) if row.opened <= begun]
        line.say(self._message("snapshot", ours, timeframe, *rows[-12:]))

    def wanted(self, symbol: str, timeframe: Timeframe) -> str:
        """See `Streaming.wanted`."""
        return f"{self.pairs[symbol]} {timeframe.minutes}"

    def live(self, symbol: str, timeframe: Timeframe, row: Row) -> str:
        """See `Streaming.live`: it looks as any other, and is the last of this bar."""
        return self._message("update", symbol, timeframe, row)

    def unfinished(self, symbol: str, timeframe: Timeframe, row: Row) -> str:
        """See `Streaming.unfinished`."""
        return self._message("update", symbol, timeframe, row)

    def chatter(self) -> list[str]:
        """See `Streaming.chatter`."""
        return [
            '{"channel": "heartbeat"}',
            json.dumps(UPDATE),
            '{"channel": "somethingNew", "type": "update", "data": [{"symbol": "BTC/USD"}]}',
            json.dumps({"method": "pong", "time_in": UPDATE["timestamp"]}),
        ]

    def _message(self, kind: str, symbol: str, timeframe: Timeframe, *rows: Row) -> str:
        bars = []
        for row in rows:
            opened = datetime.fromtimestamp(row.opened / 1_000_000, UTC)
            bar = {"symbol": self.pairs[symbol], "open": row.open, "high": row.high}
            bar |= {"low": row.low, "close": row.close, "trades": 23, "volume": row.volume}
            bar |= {"vwap": row.close, "interval_begin": f"{opened:%Y-%m-%dT%H:%M:%S.%f}000Z"}
            bar |= {"interval": timeframe.minutes}
            bars.append(bar | {"timestamp": f"{opened + timeframe.length:%Y-%m-%dT%H:%M:%S.%fZ}"})
        now = f"{self.clock:%Y-%m-%dT%H:%M:%S.%f}000Z"
        return json.dumps({"channel": "ohlc", "type": kind, "timestamp": now, "data": bars})


def _row(row: Row) -> list[Any]:
    opened = row.opened // 1_000_000
    prices = [f"{one:.4f}" for one in (row.open, row.high, row.low, row.close, row.close)]
    return [opened, *prices, f"{row.volume:.8f}", 23]


def _said(result: Mapping[str, Any], *errors: str) -> Reply:
    body: dict[str, Any] = {"error": list(errors)}
    return Reply(json.dumps(body if errors else {**body, "result": result}).encode())
