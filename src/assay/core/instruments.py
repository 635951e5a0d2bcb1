"""The instruments Assay knows by name, and how it makes the others."""

from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from assay.core.errors import NotFoundError, SettingsError
from assay.core.names import listed
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe

FX_PAIRS = (
    "EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "NZDUSD", "USDCAD", "EURGBP", "EURJPY",
    "EURCHF", "EURAUD", "EURCAD", "GBPJPY", "GBPCHF", "AUDJPY", "CADJPY", "CHFJPY", "NZDJPY",
)  # fmt: skip
STANDARD_GRID = tuple(
    (symbol, timeframe)
    for symbol in (*FX_PAIRS, "XAUUSD")
    for timeframe in (Timeframe.M5, Timeframe.M15, Timeframe.M30, Timeframe.H1, Timeframe.H4)
)
"""The 95 series of the standard grid: 18 pairs and gold, 5m to 4h."""


_COIN_QUOTES = ("USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USD", "EUR", "GBP", "BTC", "ETH")


def _pair(symbol: str) -> Instrument:
    base, quote = symbol[:3], symbol[3:]
    tick = Decimal("0.001") if quote == "JPY" else Decimal("0.00001")
    return Instrument(symbol, AssetClass.FX, "OTC", tick, Decimal(1000), quote, "FX", base)


KNOWN: dict[str, Instrument] = {symbol: _pair(symbol) for symbol in FX_PAIRS} | {
    "XAUUSD": Instrument(
        "XAUUSD", AssetClass.METAL, "OTC", Decimal("0.01"), Decimal(1), "USD", "METAL", "XAU"
    ),
    "BTCUSDT": Instrument(
        "BTCUSDT", AssetClass.CRYPTO, "BINANCE", Decimal("0.01"), Decimal("0.00001"), "USDT",
        "CRYPTO", "BTC",
    ),
    "ETHUSDT": Instrument(
        "ETHUSDT", AssetClass.CRYPTO, "BINANCE", Decimal("0.01"), Decimal("0.0001"), "USDT",
        "CRYPTO", "ETH",
    ),
}  # fmt: skip


def instrument(symbol: str) -> Instrument:
    """Return the known instrument called `symbol` (any case, with or without / - _)."""
    name = symbol.strip().upper().replace("/", "").replace("-", "").replace("_", "")
    if name in KNOWN:
        return KNOWN[name]
    near = get_close_matches(name, KNOWN, n=3)
    hint = f" (did you mean {listed(near, 'or')}?)" if near else ""
    raise NotFoundError(
        f"No instrument is called {symbol!r}{hint}; the known ones are currency pairs as EURUSD, "
        "XAUUSD, BTCUSDT and ETHUSDT"
    )


def equity(symbol: str, calendar: str = "XNYS", quote: str = "USD") -> Instrument:
    """Return a share: tick 0.01, lot 1, sessions of the named exchange."""
    return _listed(symbol, AssetClass.EQUITY, calendar, quote, Decimal("0.01"))


def index(symbol: str, calendar: str = "CMES", quote: str = "USD") -> Instrument:
    """Return an index or its CFD: tick 0.01, lot 1, sessions of the named exchange."""
    return _listed(symbol, AssetClass.INDEX, calendar, quote, Decimal("0.01"))


def defined(symbol: str, kind: AssetClass) -> Instrument:
    """Return the currency pair, metal or coin called `symbol`, by the customs of its market.

    A tick is 0.00001 of a currency (0.001 for yen and forint), 0.01 for gold and 0.001 for silver,
    0.0001 for a coin. A symbol that is none of that kind is a `SettingsError`.
    """
    if kind is AssetClass.CRYPTO:
        bare = symbol.removesuffix(".P")
        quote = next((q for q in _COIN_QUOTES if bare.endswith(q) and bare != q), None)
        if quote is None:
            raise SettingsError(
                f"{symbol} is no coin against {', '.join(_COIN_QUOTES)}; write it like BTCUSDT"
            )
        base = bare.removesuffix(quote)
        return Instrument(
            symbol, kind, "OTC", Decimal("0.0001"), Decimal("0.0001"), quote, "CRYPTO", base
        )
    if len(symbol) != 6 or not symbol.isalpha():
        raise SettingsError(f"{symbol} is no {kind} symbol; write it like EURUSD or XAGUSD")
    if kind is AssetClass.METAL:
        tick = Decimal("0.001" if symbol.startswith("XAG") else "0.01")
        return Instrument(symbol, kind, "OTC", tick, Decimal(1), symbol[3:], "METAL", symbol[:3])
    made = _pair(symbol)
    return replace(made, tick=Decimal("0.001")) if made.quote == "HUF" else made


def _listed(symbol: str, kind: AssetClass, calendar: str, quote: str, tick: Decimal) -> Instrument:
    name = symbol.strip().upper()
    return Instrument(name, kind, calendar, tick, Decimal(1), quote, calendar, name)
