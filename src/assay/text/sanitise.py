"""What a provider sent made into what may be stored and read, and what was found in it named."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from assay.text.markup import MAX_MARKUP, read_page
from assay.text.normalise import MAX_CHARACTERS, Invisible, plain_text, shown

SAMPLE_CHARACTERS = 80

_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|&(?:#|[A-Za-z])[A-Za-z0-9]{0,40};?")
_WORD = re.compile(r"[^\W\d_]+")
_LOOK_LATIN = frozenset(
    "асеорхуікјѕԁԛԝһӏгпьѵАВЕКМНОРСТУХІЈЅԌԚԜҮӀανορυικτγηωΑΒΕΖΗΙΚΜΝΟΡΤΥΧօոսհցԼՕՏՍ"
)
"""Letters of Cyrillic, Greek and Armenian that a reader takes for Latin ones (as in UTS 39)."""


class Kind(StrEnum):
    """What else than invisible characters is found; all but `MIXED` was taken out or parted."""

    HIDDEN = "text that the page does not show"
    COMMENT = "comments"
    UNREAD = "scripts, styles and the like"
    BROKEN = "a tag or comment without an end"
    ESCAPED = "markup written as text"
    MIXED = "words of letters that look alike in two scripts"
    CUT = "a text longer than the limit"


SUSPECT: frozenset[Kind | Invisible] = frozenset(
    [Kind.HIDDEN, Kind.MIXED, Invisible.TAG, Invisible.BIDIRECTIONAL]
)
"""What an honest publisher has no use for; the other kinds stand in ordinary pages and posts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing found, how often, and the start of the first where it can be shown."""

    kind: Kind | Invisible
    count: int
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Clean:
    """A text that may be stored and read, and what was found while it was made so."""

    text: str
    findings: tuple[Finding, ...] = ()

    @property
    def is_suspect(self) -> bool:
        """Say whether something was found that an honest publisher has no use for."""
        return any(finding.kind in SUSPECT for finding in self.findings)


def sanitise(raw: str, limit: int = MAX_CHARACTERS) -> Clean:
    """Return what a reader would see of `raw`, HTML or plain, as one line of plain text.

    Markup goes, character references are decoded once, the rest is as `plain_text` leaves it. What
    still reads as markup then (a page that writes "&lt;b&gt;") is text: a space parts it, so that
    nobody takes it for markup later, and a clean text stays as it is. Letters that look alike in
    two scripts are reported and not altered. At most `limit` characters. Takes any text.
    """
    page = read_page(raw)
    plain = plain_text(page.text, MAX_MARKUP)
    whole = _MARKUP.sub(_parted, plain)
    text = whole[:limit].rstrip()
    mixed = [word for word in _WORD.findall(text) if not word.isascii() and _is_mixed(word)]
    counts: Mapping[Kind | Invisible, int] = {
        Kind.HIDDEN: len(page.hidden),
        Kind.COMMENT: page.comments,
        Kind.UNREAD: page.unread,
        Kind.BROKEN: page.is_broken,
        Kind.ESCAPED: len(whole) - len(plain),
        **{kind: count for kind, count in shown(page.text)[1].items()},  # noqa: C416 - widens
        Kind.MIXED: len(mixed),
        Kind.CUT: page.is_cut or len(whole) > limit,
    }
    samples: Mapping[Kind | Invisible, str] = {
        Kind.HIDDEN: _sample(page.hidden),
        Kind.MIXED: _sample(mixed),
    }
    findings = (
        Finding(kind, int(count), samples.get(kind, "")) for kind, count in counts.items() if count
    )
    return Clean(text, tuple(findings))


def _parted(found: re.Match[str]) -> str:
    """Return a tag's bracket or a character reference with a space behind its first character."""
    said = found[0]
    return said if said[0] == "&" and html.unescape(said) == said else f"{said[0]} {said[1:]}"


def _is_mixed(word: str) -> bool:
    """Say whether a word has Latin letters and others that only look like Latin ones."""
    return not _LOOK_LATIN.isdisjoint(word) and any(
        unicodedata.name(letter, "").startswith("LATIN ") for letter in word
    )


def _sample(texts: tuple[str, ...] | list[str]) -> str:
    return plain_text(texts[0], SAMPLE_CHARACTERS) if texts else ""
