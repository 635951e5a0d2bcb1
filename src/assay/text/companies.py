"""Which companies a text names, by a marked ticker or by a name out of a table handed in."""

import re
from collections.abc import Iterator, Mapping, Sequence

from assay.text import traps
from assay.text.names import by_first_word
from assay.text.sentences import Sentence, Token, words_of_name

_LEGAL = re.compile(
    r"(?:,? (?:&|and))?,? (?:inc|incorporated|corp|corporation|co|company|companies|plc|p\.l\.c|ltd"
    r"|limited|llc|l\.p|lp|sa|s\.a|ag|nv|n\.v|se|holdings?|group|class [a-c])\.?$",
    re.IGNORECASE,
)
_VENUES = (
    "NASDAQ|NASDAQGS|NASDAQGM|NASDAQCM|NYSE|NYSEARCA|NYSE ARCA|NYSE AMERICAN|ARCA|AMEX|BATS|CBOE"
    "|OTC|OTCMKTS|OTCQB|OTCQX|TSX|TSXV|CSE|LSE|LON|AIM|ASX|HKEX|HKG|TYO|TSE|FRA|ETR|XETRA|EPA|AMS"
    "|BIT|BME|SWX|SIX|STO|NSE|BSE"
)
_TICKER = r"[A-Z][A-Z0-9]{0,5}(?:[.\-][A-Z]{1,2})?"
_MARKED = (
    re.compile(r"(?<![\w$])\$([A-Za-z][A-Za-z0-9]{0,9}(?:[.\-][A-Za-z]{1,2})?)(?!\w)"),
    re.compile(rf"\b(?:{_VENUES}) ?: ?({_TICKER})(?!\w)"),
    re.compile(r"\(([A-Z][A-Z0-9]{1,5}(?:[.\-][A-Z]{1,2})?)\)"),
)
"""$AAPL; NASDAQ: AAPL; (AAPL)."""
_NEAR = 2
"""A word so near to a name tells what kind of name it is."""

Companies = Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, str]]]]
"""Names by first word, longest first: their words, and the name as written with its symbol."""


def companies_of(names: Mapping[str, str]) -> Companies:
    """Return the table of names (a name to its symbol) as `named_companies` looks them up.

    "The", "Inc." and the like are left away: what is left is what people write.
    """
    plain = {_common(name): symbol for name, symbol in names.items()}
    entries = ((name, (name, symbol)) for name, symbol in plain.items() if words_of_name(name))
    return by_first_word(entries, words_of_name)


def marked_tickers(text: str) -> Iterator[tuple[str, str]]:
    """Yield every ticker that a text marks as one, and how it is written."""
    for pattern in _MARKED:
        for found in pattern.finditer(text):
            yield found[1].upper(), found[0]


def named_companies(sentence: Sentence, companies: Companies) -> Iterator[tuple[str, str, bool]]:
    """Yield the symbol of every company that is named, how, and whether that is beyond doubt.

    A name has the capitals of the table; a single word that is an ordinary one too ("Target") needs
    a word such as "shares" beside it, or a capital that only a name can have.
    """
    at = 0
    while at < len(sentence.tokens):
        found = _at(sentence, at, companies)
        if found is None:
            at += 1
            continue
        stop, symbol, is_sure = found
        yield symbol, sentence.said(at, stop), is_sure
        at = stop


def _at(sentence: Sentence, at: int, companies: Companies) -> tuple[int, str, bool] | None:
    tokens = sentence.tokens
    for words, (name, symbol) in companies.get(tokens[at].low, ()):
        stop = at + len(words)
        if tuple(token.low for token in tokens[at:stop]) != words:
            continue
        has_cue = _has_cue(tokens, at, stop)
        if sentence.is_small:
            return (stop, symbol, False) if has_cue else None
        if not (sentence.is_shouted or _has_capitals(tokens[at:stop], name)):
            return None
        if len(words) > 1 or words[0] not in traps.ORDINARY:
            return stop, symbol, True
        return (stop, symbol, False) if has_cue or _is_name(sentence, at) else None
    return None


def _common(name: str) -> str:
    """Return the name that people use: "Apple" for "Apple Inc."."""
    name = " ".join(name.split()).removeprefix("The ")
    while (shorter := _LEGAL.sub("", name)) != name and shorter:
        name = shorter
    return name


def _has_capitals(tokens: Sequence[Token], name: str) -> bool:
    said = "".join(token.text for token in tokens).removesuffix("'s")
    return said in (name.replace(" ", ""), name.replace(" ", "").upper())


def _has_cue(tokens: Sequence[Token], at: int, stop: int) -> bool:
    beside = (*tokens[max(0, at - _NEAR) : at], *tokens[stop : stop + _NEAR])
    return any(token.low in traps.COMPANY_WORDS for token in beside)


def _is_name(sentence: Sentence, at: int) -> bool:
    """Say whether the capital of an ordinary word can only be one of a name of its own."""
    token = sentence.tokens[at]
    if token.opens or not sentence.tells_names:
        return False
    beside = (sentence.tokens[at - 1], *sentence.tokens[at + 1 : at + 2])
    return not any(one.is_capital for one in beside)
