"""What an instrument is called: one plain symbol for the many ways in which it is written."""

import re
from collections.abc import Callable

from assay.core.errors import DataError
from assay.core.values.instrument import AssetClass

CURRENCIES = frozenset({
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "DKK", "PLN", "HUF",
    "CZK", "RON", "TRY", "ILS", "ZAR", "MXN", "BRL", "CLP", "COP", "PEN", "ARS", "CNY", "CNH",
    "HKD", "SGD", "KRW", "TWD", "THB", "INR", "IDR", "MYR", "PHP", "VND", "RUB", "UAH", "KZT",
    "SAR", "AED", "QAR", "KWD", "EGP",
})  # fmt: skip
"""ISO 4217 codes that are traded in pairs, and CNH, the offshore yuan."""
METALS = frozenset({"XAU", "XAG", "XPT", "XPD"})
COINS = frozenset({
    "BTC", "ETH", "BNB", "XRP", "SOL", "ADA", "DOGE", "TRX", "DOT", "MATIC", "POL", "LTC", "BCH",
    "LINK", "AVAX", "ATOM", "UNI", "XLM", "ETC", "XMR", "FIL", "APT", "ARB", "OP", "NEAR", "ICP",
    "HBAR", "VET", "ALGO", "EOS", "XTZ", "AAVE", "MKR", "SNX", "COMP", "CRV", "SUSHI", "YFI",
    "GRT", "SAND", "MANA", "AXS", "FTM", "EGLD", "THETA", "ZEC", "DASH", "NEO", "IOTA", "QTUM",
    "INJ", "SUI", "SEI", "TIA", "PEPE", "SHIB", "BONK", "LDO", "TON", "IMX", "STX",
})  # fmt: skip
QUOTES = ("USDT", "USDC", "USD", "BTC", "EUR")
"""What coins are quoted in."""
PERPETUAL = ".P"
"""How the symbol of a perpetual future ends: BTCUSDT.P."""
SHORTEST_PAIR = 5

_NOT_USED = re.compile(r"[^A-Za-z0-9./:_=^#+!&$-]+")
_SETTLED = re.compile(r"^([A-Za-z0-9]+)/([A-Za-z0-9]+):[A-Za-z0-9]+(-\w+)?$")
_VENUE = re.compile(r"^[\w.-]+:(?=.*[A-Za-z0-9])(.+)$")
_FUTURE = re.compile(r"^(.+?)(?:[._-]?(?:PERP|PERPETUAL|SWAP)|\.P)$", re.IGNORECASE)
_US_SHARE = re.compile(r"^(.*[A-Za-z0-9].*)\.US(?:/?USD)?$", re.IGNORECASE)
_BETWEEN = re.compile(r"[/_\-]")
_QUOTED = re.compile(r"^([A-Za-z0-9]+)[_-](USDT|USDC|USD)$", re.IGNORECASE)
_MARK = re.compile(r"^[.#+!_-](?!(?:MARK|INDEX)$)[A-Za-z]{0,5}[#+!]?$", re.IGNORECASE)
_SMALL = re.compile(r"^[a-z]{1,5}$")


def plain_symbol(text: str) -> str:
    """Return the symbol that `text` means, upper-case ASCII; what is plain already stays as it is.

    Venues before it (`FX:EURUSD`), separators (`EUR/USD`), a broker's mark behind it (`EURUSD.m`),
    Yahoo's `=X` and `^`, the `.US` of American shares go, but only where what is left is known
    (`kind_of_symbol`) or the notation leaves no doubt. A perpetual future ends in `.P`, XBT is BTC.
    A future on gold (`GC=F`) is not gold. `DataError` where no letter or digit is left.

    >>> [plain_symbol(one) for one in ("EUR/USD", "BTC/USDT:USDT", "EURUSDm", "aapl.us", "GC=F")]
    ['EURUSD', 'BTCUSDT.P', 'EURUSD', 'AAPL', 'GC=F']
    """
    name = _NOT_USED.sub("", text)
    if not any(letter.isalnum() for letter in name):
        raise DataError(f"{text!r} names no instrument")
    return _plainest(_plainest(name).upper())


def kind_of_symbol(symbol: str) -> AssetClass | None:
    """Return what a plain symbol is: two currencies, a metal in a currency, a coin; else None."""
    name = symbol.upper()
    pair = name.removesuffix(PERPETUAL)
    if _is_coin(pair):
        return AssetClass.CRYPTO
    base, quote = name[:3], name[3:]
    if quote not in CURRENCIES or base == quote:
        return None
    if base in METALS:
        return AssetClass.METAL
    return AssetClass.FX if base in CURRENCIES else None


def _is_coin(pair: str) -> bool:
    return any(
        pair.endswith(quote) and pair.removesuffix(quote) in COINS and pair != quote * 2
        for quote in QUOTES
    )


def _plainest(name: str) -> str:
    """Return what is left of `name` when no step makes it plainer; its case may mean something."""
    while True:
        found = next((one for step in _STEPS if (one := step(name))), name)
        if found == name:
            return name
        name = found


def _known(name: str) -> str | None:
    """Return the pair that `name` writes without separators, None if it is none."""
    upper = name.upper()
    if upper.startswith("XBT") and kind_of_symbol("BTC" + upper[3:]):
        return "BTC" + upper[3:]
    return upper if kind_of_symbol(upper) else None


def _joined(name: str) -> str | None:
    """Return the pair of EUR/USD, eur_usd and, without the venue, FX_IDC_EURUSD, OANDA_EUR_USD."""
    parts = _BETWEEN.split(name)
    for start in range(len(parts)):
        pair = _known("".join(parts[start:]))
        if pair is not None:
            return pair
    return None


def _settled(name: str) -> str | None:
    """Return the perpetual future of ccxt's BTC/USDT:USDT; a date behind it is one that expires."""
    found = _SETTLED.match(name)
    return found and f"{found[1]}{found[2]}{found[3] or PERPETUAL}"


def _without_venue(name: str) -> str | None:
    found = _VENUE.match(name)
    return found and found[1]


def _of_yahoo(name: str) -> str | None:
    if name.startswith("^") and len(name) > 1:
        return name[1:]
    if not name.upper().endswith("=X"):
        return None
    pair = name[:-2].upper()
    return _known("USD" + pair if pair in CURRENCIES - {"USD"} else pair)  # JPY=X is USDJPY


def _perpetual(name: str) -> str | None:
    found = _FUTURE.match(name)
    pair = found and _joined(found[1])
    return pair + PERPETUAL if pair and _is_coin(pair) else None


def _american(name: str) -> str | None:
    found = _US_SHARE.match(name)
    return found and found[1]


def _without_mark(name: str) -> str | None:
    """Return the pair of EURUSD.m, EURUSD#, and EURUSDm if the mark alone is in small letters."""
    for cut in range(len(name) - 1, SHORTEST_PAIR - 1, -1):
        pair, mark = name[:cut], name[cut:]
        small = _SMALL.match(mark) and pair == pair.upper()
        if (small or _MARK.match(mark)) and _joined(pair):
            return _joined(pair)
    return None


def _paired(name: str) -> str | None:
    """Return a pair without its slash, which always parts one; - and _ do before a dollar."""
    found = _QUOTED.match(name)
    if found:
        return f"{found[1]}{found[2]}"
    return name.replace("/", "") if "/" in name else None


_STEPS: tuple[Callable[[str], str | None], ...] = (
    _settled,
    _without_venue,
    _of_yahoo,
    _perpetual,
    _joined,
    _american,
    _without_mark,
    _paired,
)
