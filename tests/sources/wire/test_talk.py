"""What ccxt writes and reads for live bars, with the messages of exchanges' own documents."""

import gzip
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from assay.core.errors import NotFoundError, RefusedError, TransientError
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.ccxt import READ
from assay.sources.wire.socket import Heard
from assay.sources.wire.talk import GZIP, Row, Talk, led

pro = pytest.importorskip("ccxt.pro", reason="the extra `live` is not installed")

OKX = "https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-candlesticks-channel"
BYBIT = "https://bybit-exchange.github.io/docs/v5/websocket/public/kline"
HTX = "https://huobiapi.github.io/docs/spot/v1/en/#market-candlestick"
KUCOIN = "https://www.kucoin.com/docs/websocket/spot-trading/public-channels/klines"
BITGET = "https://www.bitget.com/api-doc/spot/websocket/public/Candlesticks-Channel"
CRYPTOCOM = (
    "https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html"
    "#candlestick-time_frame-instrument_name"
)
BITVAVO = "https://docs.bitvavo.com/docs/websocket-api/candles-subscription/"
BITFINEX = "https://docs.bitfinex.com/reference/ws-public-candles"
BULLET = {
    "code": "200000",
    "data": {
        "token": "2neAiuYvAU61ZDXANAGAsiL4",
        "instanceServers": [
            {"endpoint": "wss://ws-api-spot.kucoin.com/", "encrypt": True}
            | {"protocol": "websocket", "pingInterval": 18000, "pingTimeout": 10000}
        ],
    },
}


@dataclass
class Wire:
    """A stand-in for a `Socket`: it holds what was sent."""

    hears: list[Any] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    title: str = "The stream"

    def send(self, body: object) -> None:
        self.sent.append(body)

    def say(self, text: str) -> None:
        self.sent.append(text)

    def answer(self) -> Heard:
        return Heard(self.hears.pop(0))

    def receive(self, timeout: float) -> Heard | None:
        return Heard(self.hears.pop(0)) if self.hears else None

    def refused(self, said: str) -> RefusedError:
        return RefusedError(said)

    def busy(self, said: str) -> TransientError:
        return TransientError(said, 1.0)

    def unreadable(self, said: str) -> ValueError:
        return ValueError(said)


def talk(
    name: str,
    market_id: str,
    series: Sequence[tuple[str, Timeframe]] = (("BTC/USDT", Timeframe.M1),),
) -> Talk:
    return Talk(knowing(name, market_id), name.capitalize(), asked, series)


def knowing(name: str, market_id: str) -> Any:
    made = getattr(pro, name)()
    made.set_markets([made.safe_market_structure(a_market(market_id, "BTC/USDT", "spot"))])
    return made


def a_market(market_id: str, symbol: str, kind: str) -> dict[str, Any]:
    is_swap = kind == "swap"
    market: dict[str, Any] = {"id": market_id, "symbol": symbol, "base": "BTC", "quote": "USDT"}
    market |= {"baseId": "BTC", "quoteId": "USDT", "type": kind, "spot": not is_swap}
    market |= {"swap": is_swap, "contract": is_swap, "active": True, "future": False}
    market |= {"option": False, "info": {"wsname": "BTC/USDT"}}
    if is_swap:
        market |= {"settle": "USDT", "settleId": "USDT", "linear": True, "inverse": False}
        market |= {"contractSize": 1.0}
    return market


def asked(url: str, *_: object, **__: object) -> Any:
    assert url == "https://api.kucoin.com/api/v1/bullet-public"
    return BULLET


def refuses(url: str, *_: object, **__: object) -> Any:
    raise TransientError(f"{url} is asked, and nobody is there", 1.0)


CASES: dict[str, tuple[str, str, Any, Any, Row]] = {
    "okx": (
        OKX,
        "BTC-USDT",
        {"op": "subscribe", "args": [{"channel": "candle1m", "instId": "BTC-USDT"}]},
        {
            "arg": {"channel": "candle1m", "instId": "BTC-USDT"},
            "data": [
                [
                    "1629993600000",
                    "42500",
                    "48199.9",
                    "41006.1",
                    "41006.1",
                    "3587.41204591",
                    "166741046",
                    "0",
                    "0",
                ]
            ],
        },
        (1629993600000, 42500.0, 48199.9, 41006.1, 41006.1, 3587.41204591),
    ),
    "bybit": (
        BYBIT,
        "BTCUSDT",
        {"op": "subscribe", "args": ["kline.1.BTCUSDT"]},
        {
            "topic": "kline.1.BTCUSDT",
            "data": [
                {"start": 1672324800000, "end": 1672324859999, "interval": "1", "open": "16649.5"}
                | {"close": "16677", "high": "16677", "low": "16608", "volume": "2.081"}
                | {"turnover": "34666.4005", "confirm": False, "timestamp": 1672324988882}
            ],
            "ts": 1672324988882,
            "type": "snapshot",
        },
        (1672324800000, 16649.5, 16677.0, 16608.0, 16677.0, 2.081),
    ),
    "htx": (
        HTX,
        "btcusdt",
        {"sub": "market.btcusdt.kline.1min"},
        {
            "ch": "market.btcusdt.kline.1min",
            "ts": 1489474082831,
            "tick": {"id": 1489464480, "amount": 0.5, "count": 3, "open": 7962.62}
            | {"close": 7962.62, "low": 7962.0, "high": 7963.0, "vol": 3981.31},
        },
        (1489464480000, 7962.62, 7963.0, 7962.0, 7962.62, 0.5),
    ),
    "kucoin": (
        KUCOIN,
        "BTC-USDT",
        {"type": "subscribe", "topic": "/market/candles:BTC-USDT_1min"},
        {
            "type": "message",
            "topic": "/market/candles:BTC-USDT_1min",
            "subject": "trade.candles.update",
            "data": {
                "symbol": "BTC-USDT",
                "candles": [
                    "1589968800",
                    "9786.9",
                    "9740.8",
                    "9806.1",
                    "9732",
                    "27.45649579",
                    "268280.09",
                ],
                "time": 1589970010253893337,
            },
        },
        (1589968800000, 9786.9, 9806.1, 9732.0, 9740.8, 27.45649579),
    ),
    "bitget": (
        BITGET,
        "BTCUSDT",
        {"op": "subscribe", "args": [{"instType": "SPOT", "channel": "candle1m"}]},
        {
            "action": "snapshot",
            "arg": {"instType": "SPOT", "channel": "candle1m", "instId": "BTCUSDT"},
            "data": [
                [
                    "1695685500000",
                    "27000",
                    "27000.5",
                    "27000",
                    "27000.5",
                    "0.057",
                    "1539.0155",
                    "1539.0155",
                ]
            ],
            "ts": 1695715462250,
        },
        (1695685500000, 27000.0, 27000.5, 27000.0, 27000.5, 0.057),
    ),
    "cryptocom": (
        CRYPTOCOM,
        "BTC_USDT",
        {"method": "subscribe", "params": {"channels": ["candlestick.1m.BTC_USDT"]}},
        {
            "id": -1,
            "method": "subscribe",
            "code": 0,
            "result": {
                "instrument_name": "BTC_USDT",
                "subscription": "candlestick.1m.BTC_USDT",
                "channel": "candlestick",
                "interval": "1m",
                "data": [
                    {"o": "51140.500000", "h": "51699.000000", "l": "49212.000000"}
                    | {"c": "51313.500000", "v": "867.9432", "ut": 1640082855183}
                    | {"t": 1612224000000}
                ],
            },
        },
        (1612224000000, 51140.5, 51699.0, 49212.0, 51313.5, 867.9432),
    ),
    "bitvavo": (
        BITVAVO,
        "BTC-USDT",
        {
            "action": "subscribe",
            "channels": [{"name": "candles", "interval": ["1m"], "markets": ["BTC-USDT"]}],
        },
        {
            "event": "candle",
            "market": "BTC-USDT",
            "interval": "1m",
            "candle": [[1538784000000, "4999", "5012", "4999", "5012", "0.45"]],
        },
        (1538784000000, 4999.0, 5012.0, 4999.0, 5012.0, 0.45),
    ),
    "bitfinex": (
        BITFINEX,
        "tBTCUST",
        {"event": "subscribe", "channel": "candles", "key": "trade:1m:tBTCUST"},
        [343351, [1574698260000, 7379.785503, 7383.8, 7388.3, 7379.785503, 1.68829482]],
        (1574698260000, 7379.785503, 7388.3, 7379.785503, 7383.8, 1.68829482),
    ),
}
"""The document, the market, part of what must be asked, a message, and the bar that it is."""


def holds(whole: Any, part: Any) -> bool:
    """Say whether everything in `part` is in `whole`."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], one) for name, one in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("name", CASES)
def test_it_asks_and_reads_as_the_document_says(name: str) -> None:
    document, market, question, message, bar = CASES[name]
    subscribed = {"event": "subscribed", "channel": "candles", "chanId": 343351}
    before = [{**subscribed, "key": question["key"]}] if name == "bitfinex" else []
    wire = Wire([*before, message])
    made = talk(name, market)

    made.greet(wire)  # type: ignore[arg-type]

    assert document.startswith("https://")
    assert made.address.startswith("wss://")
    assert len(wire.sent) == 1
    assert holds(wire.sent[0], question), wire.sent
    assert made.rows("BTC/USDT", Timeframe.M1) == [bar]


@pytest.mark.parametrize("kind", ["spot", "swap"])
def test_what_ccxt_streams_can_be_asked_for_or_is_refused_in_a_sentence(kind: str) -> None:
    asked: set[str] = set()
    for name in pro.exchanges:
        made = getattr(pro, name)({"options": {"defaultType": kind}})
        lengths = [one for one in Timeframe if one.value in (made.timeframes or {})]
        if made.has.get("watchOHLCV") is not True or not lengths:
            continue
        symbol = "BTC/USDT" if kind == "spot" else "BTC/USDT:USDT"
        made.set_markets([made.safe_market_structure(a_market("BTCUSDT", symbol, kind))])
        with suppress(NotFoundError, pro.BaseError):
            Talk(made, name.capitalize(), refuses, [(symbol, lengths[-1])])
            asked.add(name)

    assert len(asked) >= 45


def test_every_exchange_that_is_believed_was_read_here_or_has_a_double() -> None:
    assert set(CASES) | {"kraken"} == READ


def test_a_negotiated_address_is_used_with_its_token() -> None:
    made = talk("kucoin", "BTC-USDT")

    assert made.address == "wss://ws-api-spot.kucoin.com"
    assert "token=2neAiuYvAU61ZDXANAGAsiL4" in made.path


def test_packed_messages_are_unpacked_and_a_ping_is_answered() -> None:
    made, wire = talk("htx", "btcusdt"), Wire()

    made.hear(wire, made.decoded(gzip.compress(b'{"ping": 1492420473027}')))  # type: ignore[arg-type]

    assert wire.sent == [{"pong": 1492420473027}]


def test_pings_that_are_words_go_as_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made, wire = talk("okx", "BTC-USDT"), Wire()
    made.keep_alive(wire)  # type: ignore[arg-type]
    assert made.has_own_pings
    assert wire.sent == []

    monkeypatch.setattr("assay.sources.wire.talk.time.monotonic", lambda: 1e12)
    made.keep_alive(wire)  # type: ignore[arg-type]
    made.hear(wire, made.decoded(b"pong"))  # type: ignore[arg-type]

    assert wire.sent == ["ping"]


def test_what_the_exchange_refuses_is_raised() -> None:
    said = "channel:candle1m,instId:BTC-USDT doesn't exist"
    wire = Wire([{"event": "error", "msg": said, "code": "60018"}])

    with pytest.raises(RefusedError, match="doesn't exist"):
        talk("okx", "BTC-USDT").greet(wire)  # type: ignore[arg-type]


def test_an_exchange_that_is_out_of_order_is_tried_again() -> None:
    wire = Wire([{"event": "error", "msg": "Service temporarily unavailable", "code": "50001"}])

    with pytest.raises(TransientError, match=r"out of order .*unavailable"):
        talk("okx", "BTC-USDT").greet(wire)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"a":', b"[1,"])
def test_what_cannot_be_read_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        talk("okx", "BTC-USDT").decoded(content)


@pytest.mark.parametrize("content", [gzip.compress(b" " * 2**23), GZIP + b"no gzip", GZIP])
def test_what_cannot_or_must_not_be_unpacked_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        talk("htx", "btcusdt").decoded(content)


def test_a_correction_of_an_old_bar_is_seen_and_few_are_kept() -> None:
    made, wire = talk("okx", "BTC-USDT"), Wire()

    def hear(minute: int, close: str) -> None:
        row = [str(minute * 60_000), "1", "9", "1", close, "5", "5", "5", "0"]
        arg = {"channel": "candle1m", "instId": "BTC-USDT"}
        made.hear(wire, json.loads(json.dumps({"arg": arg, "data": [row]})))  # type: ignore[arg-type]

    for minute in range(1, 31):
        hear(minute, "2")
    hear(20, "3")

    rows = made.rows("BTC/USDT", Timeframe.M1)
    assert [row[0] // 60_000 for row in rows] == list(range(15, 31))
    assert [row[4] for row in rows if row[0] == 20 * 60_000] == [3.0]


def test_a_stream_for_each_series_is_refused() -> None:
    many = [("BTC/USDT", Timeframe.M1), ("BTC/USDT", Timeframe.M5)]

    with pytest.raises(NotFoundError, match="another stream for each series; it is asked again"):
        talk("extended", "BTC-USDT", many)


def test_most_exchanges_can_be_talked_to_and_the_others_say_so() -> None:
    fit = []
    for name in pro.exchanges:
        made = knowing(name, "BTCUSDT")
        if made.has.get("watchOHLCV") is not True:
            continue
        try:
            fit.append(Talk(made, name, lambda *_: BULLET, [("BTC/USDT", Timeframe.M1)]))
        except (NotFoundError, pro.BaseError):
            continue

    assert len(fit) >= 40


def test_led_keeps_what_follows_the_host() -> None:
    assert led("http://here/", "https://a.example/b?c=d") == "http://here/b?c=d"
