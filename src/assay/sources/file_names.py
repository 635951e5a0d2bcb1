"""What the name of a file says: the symbol and the timeframe of the bars in it."""

import re
from dataclasses import dataclass
from itertools import pairwise

from assay.core.symbols import PERPETUAL, kind_of_symbol, plain_symbol
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe

LENGTHS = {timeframe.minutes: timeframe for timeframe in Timeframe}
NO_SYMBOLS = frozenset({
    "ALL", "ASK", "BARS", "BID", "BINANCE", "CANDLES", "CLOSE", "CRYPTO", "CSV", "DATA",
    "DATASET", "DUKASCOPY", "EXPORT", "FILE", "FOREX", "FX", "HISTDATA", "HISTORY", "INDEX",
    "JSON", "KRAKEN", "M", "MT", "MT4", "MT5", "OANDA", "OHLC", "OHLCV", "OPEN", "PERP", "PRICE",
    "PRICES", "QUOTES", "RAW", "SPOT", "STOCK", "STOCKS", "TEST", "TICK", "TICKS", "TRAIN",
    "UTC", "VOLUME", "YAHOO",
})  # fmt: skip
"""Words in capitals that name no instrument though they stand where one could."""

_PACKED = re.compile(r"(?<=\.zip|\.tar|\.tgz)[:!]\s*|:\s+", re.IGNORECASE)
_ENDING = re.compile(
    r"\.(?:csv|txt|tsv|dat|parquet|pq|feather|arrow|ipc|jsonl?|ndjson|xlsx?|gz|zip|bz2|xz|zst|tar|tgz)$",
    re.IGNORECASE,
)
_HISTDATA = re.compile(r"^(?:HISTDATA_COM|DAT)_[A-Z0-9]+_([A-Z0-9]{6,8}?)_(M1|T)_?(?:\d{4,6})?$")
_TRADINGVIEW = re.compile(r"^(?:\S+_)?([^\s_]+), (\w+?)(?:_[0-9a-f]{4,6})?(?: ?\(\d+\))?$")
_DUKASCOPY = re.compile(
    r"^([A-Za-z0-9.]+)_(?:Candlestick_)?(\d+[_ ][A-Za-z]+|Hourly|Daily)_(?:BID|ASK|Bid|Ask)_"
)
_STOOQ = re.compile(r"^([\w^.-]+?)_(us|uk|de|jp|hk|hu|pl|v)_d$", re.IGNORECASE)
_AMERICAN = re.compile(r"^[A-Za-z][\w-]*(?:\.[A-Za-z])?\.us$", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[^A-Za-z0-9.^=!#+]+")
_TICKER = re.compile(r"^\^?[A-Z][A-Z0-9.]{0,9}$")
_GLUED = (
    re.compile(r"^([A-Za-z]{5,10}?)([mhd]\d{1,2})$", re.IGNORECASE),
    re.compile(r"^([A-Za-z]{5,10})(\d{1,4})$"),
)
_METATRADER = re.compile(r"^(M|H|D|W|MN)(\d{1,3})$", re.IGNORECASE)
_COUNTED = re.compile(r"^(\d{1,4})[_ -]?([A-Za-z]+)$")
_UNITS = {
    "min": 1, "mins": 1, "minute": 1, "minutes": 1, "m": 1,
    "h": 60, "hr": 60, "hrs": 60, "hour": 60, "hours": 60,
    "d": 1440, "day": 1440, "days": 1440,
    "w": 0, "wk": 0, "week": 0, "weeks": 0, "mn": 0, "mo": 0, "month": 0, "months": 0,
}  # fmt: skip
"""Minutes in a unit; 0 for those that are longer than any timeframe."""
_WORDS = {"hourly": 60, "daily": 1440, "weekly": 0, "monthly": 0}
_CHARTS = (1, 5, 15, 30, 60, 240, 1440, 10080, 43200)
"""MetaTrader 4 names a chart by its minutes: EURUSD60."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one level of a path says; `minutes` is 0 where the bars are no timeframe of ours."""

    symbol: str | None = None
    minutes: int | None = None


def from_name(name: str) -> tuple[str | None, Timeframe | None]:
    """Return the plain symbol and the timeframe that the path `name` tells, None for what is not.

    The file's own name (`archive.zip: member.csv`: the member's) comes first, then its archive and
    the folders. A word is a symbol if `kind_of_symbol` knows it, or, in the file's name and in
    capitals, if it is all of the name (`AAPL.csv`) or stands right before the timeframe
    (`AAPL_15m`). M1 is a minute, 1M a month; weeks, months and lengths that are no `Timeframe` are
    None, and so is what is said in two ways.

    >>> from_name("GBPUSD_2018/ejtrader_h1.csv")
    ('GBPUSD', <Timeframe.H1: '1h'>)
    """
    levels = [part for part in re.split(r"[/\\]", _PACKED.sub("/", name)) if part.strip()]
    if not levels:
        return None, None
    stems = [_stem(level) for level in reversed(levels)]
    packed = [level.lower().endswith((".zip", ".tar", ".tgz")) for level in reversed(levels)]
    own = _level(stems[0], own=True)
    symbol, minutes = own.symbol, own.minutes
    for number, stem in enumerate(stems[1:], 1):
        found = _level(stem, own=packed[number])
        symbol = symbol or found.symbol
        if minutes is None and number == 1:
            minutes = found.minutes if packed[number] else _minutes(stem)
    if symbol and _in_futures(stems) and kind_of_symbol(symbol) is AssetClass.CRYPTO:
        symbol = symbol.removesuffix(PERPETUAL) + PERPETUAL
    return symbol, LENGTHS.get(minutes) if minutes else None


def _stem(level: str) -> str:
    while _ENDING.search(level):
        level = _ENDING.sub("", level)
    return level.strip()


def _in_futures(stems: list[str]) -> bool:
    """Say whether the path is that of Binance's futures: .../futures/um/..."""
    return any(
        inner.lower() in {"um", "cm"} and outer.lower() == "futures"
        for inner, outer in pairwise(stems)
    )


def _level(stem: str, *, own: bool) -> _Found:
    """Return what a name without endings says; only known symbols unless it is a file's `own`."""
    for pattern in (_HISTDATA, _TRADINGVIEW, _DUKASCOPY):
        found = pattern.match(stem)
        if found:
            length = found[2].replace("M", "m") if pattern is _DUKASCOPY else found[2]
            return _Found(_plain(found[1]), _minutes(length, bare=True))
    share = _STOOQ.match(stem)
    if share:
        return _Found(_plain(f"{share[1]}.{share[2]}"), 1440)
    if own and _AMERICAN.match(stem):
        return _Found(plain_symbol(stem), None)
    words = [word.strip(".") for word in _BETWEEN_WORDS.split(stem)]
    words = [word for word in words if word]
    symbols, ends, lengths = _known_symbols(words)
    lengths |= _lengths(words, ends)
    exact = {minutes for minutes, is_exact in lengths.values() if is_exact}
    said = exact or {minutes for minutes, _ in lengths.values()}
    minutes = (said.pop() if len(said) == 1 else 0) if said else None
    if len(symbols) > 1:
        return _Found(None, minutes)
    symbol = next(iter(symbols), None)
    if symbol is None and own:
        symbol = _unknown_symbol(words, min(lengths, default=None))
    return _Found(symbol, minutes)


def _plain(word: str) -> str | None:
    return plain_symbol(word) if any(letter.isalnum() for letter in word) else None


def _known_symbols(words: list[str]) -> tuple[set[str], set[int], dict[int, tuple[int, bool]]]:
    """Return known symbols, the places behind them, and lengths that are glued to them."""
    symbols: set[str] = set()
    ends: set[int] = set()
    lengths: dict[int, tuple[int, bool]] = {}
    for place, word in enumerate(words):
        if ends and place < max(ends):
            continue
        pair, end = _pair("".join(words[place : place + 2])), min(place + 2, len(words))
        if not pair:
            pair, end = _pair(word), place + 1
        if not pair:
            pair, minutes = _unglued(word)
            if minutes is not None:
                lengths[place] = (minutes, True)
        if pair:
            symbols.add(_future(pair, words, place, end))
            ends.add(end)
    return symbols, ends, lengths


def _unglued(word: str) -> tuple[str | None, int | None]:
    """Return the pair and the minutes of a word such as GBPUSDh1 or, of MetaTrader 4, EURUSD60."""
    for pattern in _GLUED:
        found = pattern.match(word)
        pair = found and _pair(found[1])
        if found and pair:
            length = _minutes(found[2]) if found[2][0].isalpha() else _chart(found[2])
            if length is not None or len(found[2]) == len("2019"):
                return pair, length
    return None, None


def _pair(word: str) -> str | None:
    if not word.isascii() or not word[:1].isalnum():
        return None
    pair = plain_symbol(word)
    return pair if kind_of_symbol(pair) else None


def _future(pair: str, words: list[str], place: int, end: int) -> str:
    """Return the perpetual of `pair` if PERP follows, or what it settles in (BTC_USDT_USDT)."""
    if kind_of_symbol(pair) is not AssetClass.CRYPTO or pair.endswith(PERPETUAL):
        return pair
    after = words[end].upper() if end < len(words) else ""
    halves = {word.upper() for word in words[place:end]} if end - place == 2 else set()
    return pair + PERPETUAL if after in {"PERP", "PERPETUAL", "SWAP"} | halves else pair


def _unknown_symbol(words: list[str], length_at: int | None) -> str | None:
    """Return the ticker that is all of the name or stands right before the length."""
    at = 0 if len(words) == 1 else -1 if length_at is None else length_at - 1
    if at < 0 or at == length_at:
        return None
    word = words[at]
    return plain_symbol(word) if _TICKER.match(word) and word not in NO_SYMBOLS else None


def _lengths(words: list[str], ends: set[int]) -> dict[int, tuple[int, bool]]:
    """Return minutes by the place of the word that says them, and whether it is exact.

    Words such as daily are not exact: they may speak of something else in the file.
    """
    found: dict[int, tuple[int, bool]] = {}
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        minutes = _minutes(word)
        if minutes is None and word.isdigit() and following.isalpha() and len(word) <= 3:
            minutes = _minutes(f"{word}_{following}")
        if minutes is None and place in ends and word.isdigit():
            minutes = _chart(word)
        if minutes is not None:
            found[place] = (minutes, word.lower() not in _WORDS)
    return found


def _chart(digits: str) -> int | None:
    return int(digits) if int(digits) in _CHARTS else None


def _minutes(word: str, *, bare: bool = False) -> int | None:
    """Return the minutes that `word` says, 0 for a length of no use; a `bare` number is minutes."""
    if bare and word.isdigit():
        return int(word)
    if bare and word.upper() in {"D", "W", "M"}:
        return 1440 if word.upper() == "D" else 0
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    chart = _METATRADER.match(word)
    if chart:
        return _UNITS[chart[1].lower()] * int(chart[2])
    counted = _COUNTED.match(word)
    if not counted or counted[2].lower() not in _UNITS:
        return None
    if counted[2] == "M" and counted[1] == "1":
        return 0  # a month; nobody has bars of five or fifteen of them, so 5M is minutes
    return _UNITS[counted[2].lower()] * int(counted[1])
