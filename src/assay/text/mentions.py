"""Which currencies, metals, coins and pairs a text speaks of, and how sure that is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from assay.core.symbols import COINS, CURRENCIES, METALS, QUOTES, kind_of_symbol
from assay.core.values.instrument import AssetClass
from assay.text import traps
from assay.text.entities import AMOUNTS
from assay.text.names import COIN_WORDS, ECONOMIES, MORE_NAMES, NAMES, PAIR_NAMES, by_first_word
from assay.text.sentences import Sentence, Token, words_of_name
from assay.text.words import tables_for

PAIR, SURE, LIKELY, COUNTRY, ANY_COIN = 0.95, 0.8, 0.65, 0.5, 0.4
"""How sure a link is: a pair is written; a name means nothing else; it does, but the text speaks of
a market; a country's data are named; coins are, and none in particular."""
ALL_COINS = "coins"
"""The code of all coins together."""

_FALSE = re.compile(rf"(?<!\w)(?:{'|'.join(traps.FALSE_FRIENDS)})(?!\w)", re.IGNORECASE)
_MACRO = re.compile(rf"(?<!\w)(?:{traps.MACRO})(?!\w)", re.IGNORECASE)
_RATE = re.compile(r"(?<![\w.])[01]\.\d{2,5}(?![\w.])")
_NEAR = 5
"""How many words may stand between a country and what is said of its economy."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIAT = {code.lower() for code in CURRENCIES}
_COINS = {code.lower() for code in COINS}
_PRICED = _FIAT | {"euro"}
_CODES = _FIAT | _COINS | {code.lower() for code in METALS}
_LISTED = {name for names in NAMES.values() for name in names.split("|")}
_DOUBTFUL = traps.NEEDS_MARKET | traps.NEEDS_CURRENCY | traps.NEEDS_COINS
_WITH_CAPITAL = traps.NEEDS_COINS | {"fed", "powell"}


@dataclass(frozen=True, slots=True)
class Mention:
    """What is named by the tokens from `start` to before `stop`.

    `codes` are one such as "eur", or two, a pair; `name` is in small letters; `sureness` in 0..1.
    """

    start: int
    stop: int
    codes: tuple[str, ...]
    name: str
    sureness: float


def mentions_of(sentence: Sentence) -> list[Mention]:
    """Return the currencies, metals, coins and pairs that are meant, in order.

    A name that means something else too counts where the text speaks of a market, of exchange
    rates, of coins, or names another one; a country where it speaks of its economy.
    """
    found = _named(sentence)
    taken = {at for one in found for at in range(one.start, one.stop)}
    words = {token.low for at, token in enumerate(sentence.tokens) if at not in taken}
    return [one for one in found if _is_meant(one, words, found, sentence)]


def _named(sentence: Sentence) -> list[Mention]:
    masked = [found.span() for found in _FALSE.finditer(sentence.text)]
    found: list[Mention] = []
    at = 0
    while at < len(sentence.tokens):
        place = sentence.tokens[at].at
        is_masked = any(start <= place < stop for start, stop in masked)
        mention = None if is_masked else _at(sentence, at)
        if mention is not None:
            found.append(mention)
        at = mention.stop if mention is not None else at + 1
    return _joined(found, sentence.tokens)


def _at(sentence: Sentence, at: int) -> Mention | None:
    tokens = sentence.tokens
    pair = _written_pair(tokens[at], sentence)
    if pair is not None:
        return Mention(at, at + 1, pair, tokens[at].low, PAIR)
    for words, code in _names().get(tokens[at].low, ()):
        stop = at + len(words)
        if tuple(token.low for token in tokens[at:stop]) == words:
            found = Mention(at, stop, tuple(code.split("/")), " ".join(words), 0.0)
            return _graded(found) if _is_written(found, sentence) else None
    return None


def _graded(found: Mention) -> Mention:
    if found.codes == (ALL_COINS,):
        sureness = ANY_COIN
    elif len(found.codes) > 1:
        sureness = PAIR
    elif found.name in _economies():
        sureness = COUNTRY
    else:
        sureness = LIKELY if found.name in _DOUBTFUL else SURE
    return Mention(found.start, found.stop, found.codes, found.name, sureness)


def _written_pair(token: Token, sentence: Sentence) -> tuple[str, str] | None:
    """Return the sides of EURUSD or BTCUSDT; in small letters where the whole text is small."""
    symbol = token.text.upper()
    kind = kind_of_symbol(symbol)
    if kind is None or not (token.text == symbol or sentence.is_small):
        return None
    is_coin = kind is AssetClass.CRYPTO
    quote = next(q for q in QUOTES if symbol.endswith(q)) if is_coin else symbol[3:]
    return symbol.removesuffix(quote).lower(), quote.lower()


def _is_written(found: Mention, sentence: Sentence) -> bool:
    """Say whether a name has the capitals that it needs, and is no amount or part of a name."""
    token = sentence.tokens[found.start]
    if found.codes[0] in _FIAT and _is_amount(found, sentence.tokens):
        return False
    if sentence.is_small or sentence.is_shouted:
        return found.name not in _CODES or found.name in _LISTED
    if found.name in _CODES or found.name in traps.ABBREVIATIONS:
        return sum(letter.isupper() for letter in token.text) > 1
    if found.name in _WITH_CAPITAL and not token.is_capital:
        return False
    return not (sentence.tells_names and _is_compound(found, sentence.tokens))


def _is_amount(found: Mention, tokens: Sequence[Token]) -> bool:
    before = tokens[found.start - 1].low if found.start else ""
    after = "".join(token.low for token in tokens[found.stop : found.stop + 2]).lstrip("-+$)")
    is_priced = found.name in _PRICED and after[:1].isdigit()  # "EUR 5 mn"
    is_counted = before[:1].isdigit() and not _YEAR.fullmatch(before)
    return is_priced or is_counted or before in AMOUNTS


def _is_compound(found: Mention, tokens: Sequence[Token]) -> bool:
    """Say whether a capital beside makes the name part of another one ("Sterling Bancorp")."""
    token = tokens[found.start]
    if found.name not in traps.COMPOUNDS or not token.is_capital:
        return False
    beside = [] if token.opens else [tokens[found.start - 1]]
    beside += tokens[found.stop : found.stop + 1]
    known = _market_words() | traps.MONTHS
    return any(one.is_capital and one.low not in known for one in beside)


def _joined(found: Iterable[Mention], tokens: Sequence[Token]) -> list[Mention]:
    """Join two names with a slash or hyphen between them: EUR/USD, dollar-yen."""
    joined: list[Mention] = []
    for one in found:
        if joined and _are_joined(joined[-1], one, tokens):
            last = joined.pop()
            name = f"{last.name}/{one.name}"
            joined.append(Mention(last.start, one.stop, last.codes + one.codes, name, PAIR))
        else:
            joined.append(one)
    return joined


def _are_joined(one: Mention, other: Mention, tokens: Sequence[Token]) -> bool:
    if one.stop + 1 != other.start or tokens[one.stop].text not in ("/", "-"):
        return False
    codes = (*one.codes, *other.codes)
    loose = _economies() | traps.ABBREVIATIONS | {"fed"}
    is_money = not {one.name, other.name} & loose and ALL_COINS not in codes
    return is_money and len(set(codes)) == len(codes) == 2


def _is_meant(one: Mention, words: set[str], found: Sequence[Mention], sentence: Sentence) -> bool:
    if one.sureness == COUNTRY:
        near = sentence.said(max(0, one.start - _NEAR), one.stop + _NEAR)
        return _MACRO.search(near) is not None
    names = [other for other in found if other is not one and other.sureness != COUNTRY]
    besides = {code for other in names for code in other.codes}
    others = besides - {*one.codes}
    if one.name in traps.NEEDS_CURRENCY:
        is_rate = bool(words & traps.CURRENCY_WORDS) or _RATE.search(sentence.text) is not None
        return is_rate or bool(besides & _FIAT)
    if one.name in traps.NEEDS_COINS or (one.name in _COINS and one.name not in _LISTED):
        return bool(words & traps.COIN_MARKET_WORDS) or bool(others & (_COINS | {ALL_COINS}))
    if one.name in traps.NEEDS_MARKET:
        return bool(words & _market_words()) or bool(others)
    return True


@cache
def _economies() -> frozenset[str]:
    names = (name for listed in ECONOMIES.values() for name in listed.split("|"))
    return frozenset(" ".join(words_of_name(name)) for name in names)


@cache
def _market_words() -> frozenset[str]:
    return traps.MARKET_WORDS | tables_for("general").directions.keys()


@cache
def _names() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return every name by its first word, longest first."""
    return by_first_word(_entries(), words_of_name)


def _entries() -> Iterable[tuple[str, str]]:
    for source in (NAMES, MORE_NAMES, ECONOMIES, {ALL_COINS: COIN_WORDS}):
        for code, names in source.items():
            yield from ((name, code) for name in names.split("|"))
    yield from ((name, "/".join(pair)) for pair, name in PAIR_NAMES.items())
    yield from ((code, code) for code in sorted(_CODES - _LISTED))
