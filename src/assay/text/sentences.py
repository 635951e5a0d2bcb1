"""A text as words with their capitals, which tell names from other words."""

import re
from dataclasses import dataclass

from assay.text.entities import with_country
from assay.text.normalise import plain_text

_TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['.&][^\W_]+)*|[^\w\s]")
"""Words with a dot after each letter (u.s.), words and figures, and single marks."""
_STOPS = frozenset(".!?:;|-\"'")
_LONG = 3
"""Longer words begin with a capital in a title only."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, figure or mark and where it stands; `low` is it in small letters without "'s".

    `opens` says that a sentence, a quotation or a part of a headline begins here, where a capital
    means nothing.
    """

    text: str
    low: str
    at: int
    opens: bool

    @property
    def is_capital(self) -> bool:
        """Say whether it begins with a capital."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A plain text, its tokens, and what its capitals mean.

    In a title nearly every word has one, in small or shouted letters they tell nothing.
    """

    text: str
    tokens: tuple[Token, ...]
    is_titled: bool
    is_small: bool
    is_shouted: bool

    @property
    def tells_names(self) -> bool:
        """Say whether a capital inside the text is one of a name."""
        return not (self.is_titled or self.is_small or self.is_shouted)

    def said(self, start: int, stop: int) -> str:
        """Return the words of the tokens from `start` to before `stop`."""
        return " ".join(token.text for token in self.tokens[start:stop])


def sentence_of(text: str) -> Sentence:
    """Return the tokens of a text and what its capitals mean; "US", the country, becomes "u.s."."""
    plain = plain_text(text)
    spelled = with_country(plain)
    tokens: list[Token] = []
    for found in _TOKEN.finditer(spelled):
        tokens.append(Token(found[0], _low(found[0]), found.start(), _opens(tokens, found)))
    inner = [one for one in tokens if not one.opens and len(one.text) > _LONG and one.low.isalpha()]
    capitals = sum(token.is_capital for token in inner)
    return Sentence(
        spelled,
        tuple(tokens),
        is_titled=len(inner) > 1 and capitals > 0.6 * len(inner),
        is_small=plain == plain.lower(),
        is_shouted=plain == plain.upper(),
    )


def words_of_name(name: str) -> list[str]:
    """Return a name as the `low` of tokens, so that the two can be compared."""
    return [_low(found[0]) for found in _TOKEN.finditer(name)]


def _low(word: str) -> str:
    return word.lower().removesuffix("'s")


def _opens(before: list[Token], found: re.Match[str]) -> bool:
    if not before:
        return True
    last = before[-1]
    is_spaced = last.at + len(last.text) < found.start()
    return last.text in _STOPS and (is_spaced or last.text in "\"'")
