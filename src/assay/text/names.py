"""The names by which currencies, central banks, metals and coins are called, as data.

`NAMES` and `ECONOMIES` are what the tone rules read too: a word added there changes tones, and
wants a new version of the scorer. The others only link stories to instruments.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

NAMES: Mapping[str, str] = {
    "usd": "dollar|greenback|usd|u.s. dollar|dxy|fed|federal reserve|fomc|powell",
    "eur": "euro|eur|single currency|ecb|european central bank|lagarde|draghi",
    "gbp": "pound|sterling|gbp|boe|bank of england|british pound",
    "jpy": "yen|jpy|boj|bank of japan|japanese yen",
    "chf": "franc|chf|snb|swiss national bank|swiss franc|swissie",
    "aud": "aussie|aud|rba|reserve bank of australia|australian dollar|aussie dollar",
    "nzd": "kiwi|nzd|rbnz|reserve bank of new zealand|new zealand dollar|kiwi dollar",
    "cad": "loonie|cad|boc|bank of canada|canadian dollar",
    "xau": "gold|bullion|xau|yellow metal|goldguinea",
    "xag": "silver|xag",
    "btc": "bitcoin|btc|xbt",
    "eth": "ethereum|ether|eth",
}
"""Currencies, their central banks, metals and coins: the names a market calls them by."""

ECONOMIES: Mapping[str, str] = {
    "usd": "u.s.|america|american",
    "eur": "euro zone|euro-zone|eurozone|euro area|germany|german",
    "gbp": "u.k.|uk|britain|british",
    "jpy": "japan|japanese",
    "chf": "switzerland|swiss",
    "aud": "australia|australian",
    "nzd": "new zealand",
    "cad": "canada|canadian",
}
"""Countries: their data move their currency; read so only where the subject is FX or metal."""

COIN_WORDS = (
    "crypto|cryptos|cryptocurrency|cryptocurrencies|digital asset|digital assets|coin|coins"
)
"""What all coins are called together."""

MORE_NAMES: Mapping[str, str] = {
    "usd": "jerome powell|janet yellen|yellen|bernanke|fed funds|us dollar|dollar index"
    "|nonfarm payrolls|non-farm payrolls|jobless claims|treasury yields|treasuries",
    "eur": "christine lagarde|mario draghi|common currency|bundesbank|euro zone bonds",
    "gbp": "andrew bailey|pound sterling|gilts|gilt yields",
    "jpy": "kazuo ueda|ueda|haruhiko kuroda|kuroda|jgb|jgbs",
    "chf": "thomas jordan|martin schlegel",
    "aud": "philip lowe|michele bullock",
    "nzd": "adrian orr",
    "cad": "tiff macklem|macklem|stephen poloz|poloz",
    "sek": "swedish krona|swedish crown|riksbank",
    "nok": "norwegian krone|norwegian crown|norges bank",
    "dkk": "danish krone|danish crown",
    "cny": "yuan|renminbi|pboc|people's bank of china",
    "mxn": "mexican peso|banxico",
    "try": "turkish lira|lira",
    "zar": "south african rand",
    "inr": "rupee|reserve bank of india",
    "brl": "brazilian real",
    "krw": "korean won|bank of korea",
    "rub": "rouble|ruble",
    "sgd": "singapore dollar",
    "hkd": "hong kong dollar|hkma",
    "pln": "zloty",
    "huf": "forint",
    "czk": "czech koruna|czech crown",
    "ils": "shekel",
    "thb": "thai baht|baht",
    "idr": "rupiah",
    "xau": "world gold council|gold bullion|goldm|goldpetal|precious metals",
    "xpt": "platinum",
    "xpd": "palladium",
    "btc": "satoshi nakamoto",
    "bnb": "binance coin",
    "xrp": "ripple",
    "sol": "solana",
    "ada": "cardano",
    "doge": "dogecoin",
    "dot": "polkadot",
    "ltc": "litecoin",
    "bch": "bitcoin cash",
    "etc": "ethereum classic",
    "shib": "shiba inu",
    "avax": "avalanche",
    "link": "chainlink",
    "uni": "uniswap",
    "xlm": "stellar",
    "xmr": "monero",
    "matic": "polygon",
    "ton": "toncoin",
}
"""Names that only link: further currencies and coins, governors, releases that name no country."""

PAIR_NAMES: Mapping[tuple[str, str], str] = {("gbp", "usd"): "cable"}
"""What traders call a pair; "euro-dollar" is read from its two sides."""

Value = TypeVar("Value")


def by_first_word(
    entries: Iterable[tuple[str, Value]], words_of: Callable[[str], Sequence[str]] = str.split
) -> dict[str, tuple[tuple[tuple[str, ...], Value], ...]]:
    """Return names and their values by first word, longest name first, then in order of words."""
    found: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
    for name, value in entries:
        words = tuple(words_of(name))
        found.setdefault(words[0], []).append((words, value))
    return {
        word: tuple(sorted(names, key=lambda one: (-len(one[0]), one[0])))
        for word, names in found.items()
    }
