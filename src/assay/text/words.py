"""The lexicon turned into tables that one pass over a text can look words up in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from assay.text import lexicon as lex
from assay.text.names import by_first_word

Phrase = tuple[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Tables:
    """What each word means.

    `directions` maps a word to its sign and its weight where no noun stands by; `tones` a word to
    its weight; `nouns` a word to +1, -1 or 0; `phrases` a first word to its phrases, longest first.
    """

    directions: Mapping[str, tuple[int, float]]
    tones: Mapping[str, float]
    nouns: Mapping[str, int]
    phrases: Mapping[str, tuple[Phrase, ...]]


@cache
def tables_for(trade: str) -> Tables:
    """Return the tables of a trade: "general", "fx", "gold" or "crypto"."""
    special, nouns = {
        "general": ({}, {}),
        "fx": (lex.FX, lex.FX_NOUNS),
        "gold": (lex.GOLD, {}),
        "crypto": (lex.CRYPTO, {}),
    }[trade]
    tones = dict.fromkeys(lex.GOOD, 0.8) | dict.fromkeys(lex.BAD, -0.8)
    tones |= dict.fromkeys(lex.GOOD_SOFT, 0.2) | dict.fromkeys(lex.BAD_SOFT, -0.2)
    tones |= _singles(lex.PHRASES) | _singles(special)
    directions = (
        dict.fromkeys(lex.UP, (1, 0.7))
        | dict.fromkeys(lex.DOWN, (-1, 0.7))
        | dict.fromkeys(lex.HIGHER, (1, 0.2))
        | dict.fromkeys(lex.LOWER, (-1, 0.2))
    )
    signs = (
        dict.fromkeys(lex.GOOD_NOUNS, 1)
        | dict.fromkeys(lex.BAD_NOUNS, -1)
        | dict.fromkeys(lex.INERT_NOUNS, 0)
        | dict(nouns)
    )
    return Tables(directions, tones, signs, _by_first_word([lex.PHRASES, special]))


def _singles(source: Mapping[str, float]) -> dict[str, float]:
    return {word: weight for word, weight in source.items() if " " not in word}


def _by_first_word(sources: Iterable[Mapping[str, float]]) -> dict[str, tuple[Phrase, ...]]:
    known: dict[tuple[str, ...], float] = {}
    for source in sources:
        known |= {tuple(text.split()): w for text, w in source.items() if " " in text}
    return by_first_word((" ".join(words), weight) for words, weight in known.items())
