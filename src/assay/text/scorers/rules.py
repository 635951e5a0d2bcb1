"""Tone by rules: a direction times what it happens to, turned round by a negation.

No training, no fitted weight: the lists of `text/lexicon.py` are data that a person can read and
dispute. They were written from knowledge of the genre, after reading 60 labelled tweets, 40
labelled gold headlines and 70 unlabelled wire headlines, and then developed by reading errors on
70 % of the training part of the Financial PhraseBank (a hash of the sentence's id below 7 of 10).
No sentence of the other 30 % was read; its figures were looked at during the work and decided
nothing. See `tests/text/test_labelled_sets.py`.
"""

from collections.abc import Sequence

from assay.text import lexicon as lex
from assay.text.contract import Scorer, Tone
from assay.text.entities import Subject, subject_of, with_country
from assay.text.normalise import plain_text
from assay.text.reading import Hit, hits_of, tokens_of
from assay.text.words import tables_for

LABEL_AT = 0.25
"""A score above it reads as positive, below its negative as negative, between as neutral."""

_OBJECTS = frozenset(["against", "versus", "vs", "to", "than", "on", "from", "with"])
_MEASURES = frozenset(["against", "versus", "vs", "over"])
_BREAKS = lex.CLAUSE_ENDS | {",", "as", "after", "amid", "despite", "because"}
_ADJECTIVES = frozenset(
    ["weaker", "stronger", "softer", "firmer", "weak", "strong", "soft", "firm", "robust"]
) | {"rising", "falling", "lower", "higher"}
_ACTING = lex.ACTING_UP | lex.ACTING_DOWN


class Rules(Scorer):
    """Rules over words, 10,000 sentences a second and more; the same text, the same tone.

    `score` is the sum of the hits over one more than the sum of their sizes, `spread` the share of
    the hits that the others cancel. With a `subject` each hit belongs to the currency, metal or
    coin that its sentence gives it to: +1 for the base, -1 for the quote, 0 for a third one. A text
    that names no currency, metal or coin gets the plain tone, as does a symbol without sides; one
    that names only others says nothing of the subject and scores 0.
    """

    version = 1

    def score(self, texts: Sequence[str], subject: str | None = None) -> list[Tone]:
        """See `Scorer.score`."""
        sides = subject_of(subject) if subject else None
        return [_tone_of(plain_text(text), sides) for text in texts]


def names_side(text: str, sides: Subject) -> bool:
    """Say whether `text` names the base or the quote of a subject."""
    words = sides.marked(tokens_of(with_country(plain_text(text))))
    return any(word in (f"@{sides.base}", f"@{sides.quote}") for word in words)


def label_of(tone: Tone) -> str:
    """Return "positive", "negative" or "neutral"."""
    if abs(tone.score) <= LABEL_AT:
        return "neutral"
    return "positive" if tone.score > 0 else "negative"


def _tone_of(text: str, sides: Subject | None) -> Tone:
    if sides is not None:
        words = sides.marked(tokens_of(with_country(text)))
        named = {at: word[1:] for at, word in enumerate(words) if word[0] == "@"}
        if named:
            hits = hits_of(words, tables_for(sides.trade))
            return _tone([_given(hit, words, named, sides) for hit in hits])
    return _tone(hits_of(tokens_of(text), tables_for("general")))


def _tone(hits: Sequence[Hit]) -> Tone:
    hits = [hit for hit in hits if hit.weight]
    size = sum(abs(hit.weight) for hit in hits)
    if not size:
        return Tone(0.0, 0.0, ())
    total = sum(hit.weight for hit in hits)
    said = tuple(f"{hit.said} {hit.weight:+.2f}" for hit in hits)
    return Tone(total / (1.0 + size), 1.0 - abs(total) / size, said)


def _given(hit: Hit, words: Sequence[str], named: dict[int, str], sides: Subject) -> Hit:
    """Return the hit with the sign it has for the subject's price."""
    if sides.trade != "fx" and _is_special(hit, sides.trade):
        return hit
    at = _owner(hit.at, words, named)
    if at is None:
        return hit._replace(weight=0.0)
    sign = sides.sign(named[at])
    if not sign:
        sign = -_against(at, words, named, sides)
    return hit._replace(weight=hit.weight * sign, said=f"{named[at]}: {hit.said}")


def _is_special(hit: Hit, trade: str) -> bool:
    """Say whether the word's weight is already about the price of the metal or coin."""
    return hit.said in (lex.GOLD if trade == "gold" else lex.CRYPTO)


def _owner(at: int, words: Sequence[str], named: dict[int, str]) -> int | None:
    """Return the place of the name that the word at `at` is about."""
    after = next((place for place in sorted(named) if at < place <= at + 5), None)
    if after is not None and (
        (words[at] in _ACTING and not _broken(words, at, after))
        or (words[at] in _ADJECTIVES and after <= at + 2)
    ):
        return after
    before = [place for place in sorted(named) if place < at]
    own = [p for p in before if not _broken(words, p, at) and words[p - 1] not in _OBJECTS]
    if own:
        return own[-1]
    if after is not None and not _broken(words, at, after):
        return after
    free = [p for p in before if not p or words[p - 1] not in _OBJECTS]
    return free[-1] if free else min(named, default=None)


def _broken(words: Sequence[str], start: int, stop: int) -> bool:
    return any(word in _BREAKS for word in words[start + 1 : stop])


def _against(at: int, words: Sequence[str], named: dict[int, str], sides: Subject) -> int:
    """Return the side of what a third currency is measured against, 0 if none or both are."""
    ahead = next((k for k in range(at + 1, len(words)) if words[k] in _MEASURES), None)
    if ahead is None:
        return 0
    measured = {sides.sign(code) for place, code in named.items() if ahead < place <= ahead + 6}
    return sum(measured)
