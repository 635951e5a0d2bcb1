"""Which currency, metal or coin a text speaks of, and on which side of the subject it stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assay.core.instruments import KNOWN
from assay.text.names import COIN_WORDS, ECONOMIES, NAMES, by_first_word

_STABLE = {"usdt": "usd", "usdc": "usd", "busd": "usd"}
_TRADES = {"xau": "gold", "xag": "gold", "btc": "crypto", "eth": "crypto"}
AMOUNTS = frozenset(
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
        if before in AMOUNTS or before[-1:].isdigit():
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
    if base not in NAMES or quote not in NAMES:
        return None
    trade = _TRADES.get(base, "fx")
    more = {base: COIN_WORDS} if trade == "crypto" else ECONOMIES
    names = by_first_word(
        (name, code)
        for source in (NAMES, more)
        for code, listed in source.items()
        for name in listed.split("|")
    )
    return Subject(base, quote, trade, names)


def _bare(word: str) -> str:
    return word.removesuffix("'s")
