"""Which currency, metal or coin a text speaks of, and on which side of the subject it stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assay.core.instruments import KNOWN

_NAMES: Mapping[str, str] = {
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

_ECONOMIES: Mapping[str, str] = {
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

_COINS = "crypto|cryptos|cryptocurrency|cryptocurrencies|digital asset|digital assets|coin|coins"
_STABLE = {"usdt": "usd", "usdc": "usd", "busd": "usd"}
_TRADES = {"xau": "gold", "xag": "gold", "btc": "crypto", "eth": "crypto"}
_AMOUNTS = frozenset(
    ["million", "billion", "mn", "bn", "mln", "m", "trillion", "thousand", "hundred"]
)
_SHOPS = frozenset(["tree", "general", "sign"])
"""After "dollar" they make the name of a company or a mere sign."""
_COUNTRY = re.compile(r"\b(?:US|U ?\. ?S ?\.)(?=\W)|\bUS$")

Name = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Subject:
    """The two sides of a symbol: codes such as "eur"; `trade` names its lexicon.

    `names` maps a first word to the names that begin with it, longest first, with their codes.
    """

    base: str
    quote: str
    trade: str
    names: Mapping[str, tuple[Name, ...]]

    def sign(self, code: str) -> int:
        """Return +1 if good news for `code` is good for the price, -1 if bad, 0 if neither."""
        return 1 if code == self.base else -1 if code == self.quote else 0

    def marked(self, words: Sequence[str]) -> list[str]:
        """Return `words` with every known name replaced by one token such as "@eur"."""
        out: list[str] = []
        at = 0
        while at < len(words):
            found = self._name_at(words, at) if _bare(words[at]) in self.names else None
            if found is None:
                out.append(words[at])
                at += 1
            else:
                out.append("@" + found[1])
                at += len(found[0])
        return out

    def _name_at(self, words: Sequence[str], at: int) -> Name | None:
        before = words[at - 1] if at else ""
        if before in _AMOUNTS or before[-1:].isdigit():
            return None
        for name in self.names[_bare(words[at])]:
            stop = at + len(name[0])
            if tuple(map(_bare, words[at:stop])) == name[0]:
                after = words[stop] if stop < len(words) else ""
                return None if after in _SHOPS or after[:1].isdigit() else name
        return None


def with_country(text: str) -> str:
    """Return `text` with "US", the country, spelled so that lower case cannot make it a pronoun."""
    return _COUNTRY.sub("u.s.", text) if "U" in text else text


@cache
def subject_of(symbol: str) -> Subject | None:
    """Return the sides of `symbol`, or None where it is no currency, metal or coin we know.

    Known instruments are split as they are defined; any other six letters as two codes.
    """
    name = symbol.upper()
    if name in KNOWN:
        base, quote = KNOWN[name].base.lower(), KNOWN[name].quote.lower()
    else:
        base, quote = name[:3].lower(), name[3:].lower()
    quote = _STABLE.get(quote, quote)
    if base not in _NAMES or quote not in _NAMES:
        return None
    trade = _TRADES.get(base, "fx")
    more = {base: _COINS} if trade == "crypto" else _ECONOMIES
    found: dict[str, list[Name]] = {}
    for source in (_NAMES, more):
        for code, names in source.items():
            for text in names.split("|"):
                words = tuple(text.split())
                found.setdefault(words[0], []).append((words, code))
    by_first = {
        word: tuple(sorted(names, key=lambda one: (-len(one[0]), one[0])))
        for word, names in found.items()
    }
    return Subject(base, quote, trade, by_first)


def _bare(word: str) -> str:
    return word.removesuffix("'s")
