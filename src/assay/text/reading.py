"""One pass over a text: the words that carry tone, each with its weight and its place."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from assay.text import lexicon as lex
from assay.text.figures import REFERENCES, comparison
from assay.text.words import Phrase, Tables

_TOKEN = re.compile(
    r"u ?\. ?s ?\.|u ?\. ?k ?\.|\d+-[a-z]+(?:-[a-z]+)*|[-+]?\d[\d,]*(?:\.\d+)?%?"
    r"|n't|[a-z]+(?:[-'][a-z]+)*|[.;:!?|%,]"
)
_BROKEN_NUMBER = re.compile(r"(?<=\d) (?=[.,]\d)")
_DROPPED = re.compile(r"\b(?:before|after) tax(?:es|ation)?\b|\bpre-?tax\b")
_JOINED = re.compile(r"\b(?:share capital|capital of the company|number of (?:the )?shares)\b")
_BEFORE, _AFTER = 8, 5
"""How many tokens the noun of a direction may stand before and after it."""
_GETTING, _SIGNED = frozenset(lex.GETTING), frozenset(lex.SIGNED)
_LOSSES = frozenset(["loss", "losses"])
_BETTER = frozenset(["improvement", "improved", "improves", "improve", "recovery", "recovered"])


class Hit(NamedTuple):
    """A word or phrase at token `at` that adds `weight` to the tone; `said` names it."""

    at: int
    weight: float
    said: str


def tokens_of(text: str) -> list[str]:
    """Return the tokens of a plain text, in lower case; "EUR4 .8 m" is mended to "eur 4.8 m"."""
    lowered = _BROKEN_NUMBER.sub("", text.lower())
    if "tax" in lowered:
        lowered = _DROPPED.sub(" ", lowered)
    if "share" in lowered or "capital" in lowered:
        lowered = _JOINED.sub(" share-capital ", lowered)
    return _TOKEN.findall(lowered)


def hits_of(words: Sequence[str], known: Tables) -> list[Hit]:
    """Return what carries tone among `words`, in order of place."""
    found, turned, compared = _scan(words, known)
    used: set[int] = set()
    sure = False
    for at in turned:
        hit, noun_at, signed = _direction(words, at, known)
        if noun_at >= 0:
            used.add(noun_at)
        sure = sure or signed
        if hit is not None:
            found.append(hit)
    if compared and not sure:
        for at in compared:
            weight = comparison(words, at, known.nouns)
            if weight:
                found.append(Hit(at, weight, f"figures {words[at]}"))
                break
    return _without_echoes(sorted(hit for hit in found if hit.at not in used))


def _without_echoes(hits: Sequence[Hit]) -> list[Hit]:
    """Drop "record low" in "unemployment falls to a record low": the fall has been counted."""
    kept: list[Hit] = []
    for hit in hits:
        last = kept[-1] if kept else None
        is_level = hit.said.rpartition(" ")[2] in lex.LEVELS
        if is_level and last and hit.at - last.at <= 6 and hit.weight * last.weight < 0:
            continue
        kept.append(hit)
    return kept


def _scan(words: Sequence[str], known: Tables) -> tuple[list[Hit], list[int], list[int]]:
    """Return the hits of phrases and tones, and where directions and comparisons stand."""
    directions, tones, phrases = known.directions, known.tones, known.phrases
    found: list[Hit] = []
    turned: list[int] = []
    compared: list[int] = []
    after = 0
    for at, word in enumerate(words):
        if at < after:
            continue
        if word in phrases and (match := _match(words, at, phrases[word])):
            after = at + len(match[0])
            if match[1]:
                found.append(Hit(at, _negated(words, at, match[1]), " ".join(match[0])))
        elif word in directions:
            turned.append(at)
        elif word in tones:
            found.append(Hit(at, _negated(words, at, tones[word]), word))
        elif word in REFERENCES:
            compared.append(at)
        elif word in _SIGNED:
            found.extend(_signing(words, at))
        elif word[0] in "+-":
            found.extend(_signed_share(words, at))
    return found, turned, compared


def _match(words: Sequence[str], at: int, candidates: Sequence[Phrase]) -> Phrase | None:
    for phrase in candidates:
        if tuple(words[at : at + len(phrase[0])]) == phrase[0]:
            return phrase
    return None


def _negated(words: Sequence[str], at: int, weight: float) -> float:
    """Turn `weight` round where one of the three words before `at` denies it."""
    turns = sum(
        word in lex.NEGATIONS or word.endswith("n't") for word in words[max(0, at - 3) : at]
    )
    return -weight if turns % 2 else weight


def _signing(words: Sequence[str], at: int) -> list[Hit]:
    """Return a hit for a contract that is signed or won, within eight words before."""
    for word in words[max(0, at - 8) : at]:
        if word in _GETTING:
            return [Hit(at, _negated(words, at, 0.6), f"{word} {words[at]}")]
    return []


def _signed_share(words: Sequence[str], at: int) -> list[Hit]:
    """Return a hit for "+3%" that is not the end of a range ("5-7%")."""
    word = words[at]
    if not word.endswith("%") or (at and (words[at - 1][-1].isdigit() or words[at - 1] == "%")):
        return []
    return [Hit(at, 0.7 if word[0] == "+" else -0.7, word)]


def _direction(words: Sequence[str], at: int, known: Tables) -> tuple[Hit | None, int, bool]:
    """Return the hit of the direction word at `at`, its noun's place or -1, and if it is sure."""
    word = words[at]
    sign, alone = known.directions[word]
    noun, noun_at = _noun(words, at, known.nouns)
    if noun_at < 0:
        weight = sign * (0.8 if alone < 0.5 and _figure_near(words, at) else alone)
        return Hit(at, _negated(words, at, weight), word), -1, False
    if noun < 0 and words[noun_at] in _LOSSES and _into_or_out_of(words, at, noun_at):
        noun = 1
    if not noun:
        return None, noun_at, False
    weight = _negated(words, at, float(sign * noun))
    return Hit(at, weight, f"{words[noun_at]} {word}"), noun_at, True


def _into_or_out_of(words: Sequence[str], at: int, noun_at: int) -> bool:
    """Say whether a loss is the end or the start of the way ("slipped to a loss", "up from")."""
    if words[at] in _BETTER:
        return True
    between = words[at + 1 : noun_at]
    return noun_at > at and ("to" in between or "from" in between or "into" in between)


def _figure_near(words: Sequence[str], at: int) -> bool:
    """Say whether a figure stands right before or after a weak direction ("up 3 %")."""
    if any(word[0].isdigit() for word in words[at + 1 : at + 3]):
        return True
    before = words[at - 1] if at else ""
    return before in ("%", "pct", "percent") or before.endswith("%")


def _noun(words: Sequence[str], at: int, nouns: Mapping[str, int]) -> tuple[int, int]:
    """Return the sign and place of the nearest noun in the clause; a place of -1 means none."""
    sign, place, far = 0, -1, float(_BEFORE + 1)
    for back in range(at - 1, max(-1, at - 1 - _BEFORE), -1):
        word = words[back]
        if word in lex.CLAUSE_ENDS:
            break
        if word in nouns:
            sign, place, far = nouns[word], back, at - back
            break
    for ahead in range(at + 1, min(len(words), at + 1 + _AFTER)):
        word = words[ahead]
        if word in lex.CLAUSE_ENDS or (ahead - at) * 1.3 >= far:
            break
        if word in nouns:
            return nouns[word], ahead
    return sign, place
