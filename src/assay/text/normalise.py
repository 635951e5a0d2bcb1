"""Text from outside made plain: one form, nothing invisible, no endless lengths."""

import re
import unicodedata
from collections import Counter
from enum import StrEnum

MAX_CHARACTERS = 2_000
MAX_MARKS = 8
"""No living script puts more marks on one letter; what hides letters under marks does."""
_SPACES = re.compile(r"\s+")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"}


class Invisible(StrEnum):
    """What a character is that nobody sees, or that stands where nobody looks."""

    CONTROL = "control characters"
    ZERO_WIDTH = "zero-width characters"
    BIDIRECTIONAL = "marks that turn the direction of reading"
    TAG = "tag characters"
    SELECTOR = "variation selectors"
    UNKNOWN = "unassigned or private characters"
    MARK = "marks stacked on a letter"


_CATEGORIES = {
    "Cc": Invisible.CONTROL,
    "Cf": Invisible.ZERO_WIDTH,
    "Cs": Invisible.UNKNOWN,
    "Co": Invisible.UNKNOWN,
    "Cn": Invisible.UNKNOWN,
}
_RANGES = (
    ((0x034F, 0x034F), Invisible.ZERO_WIDTH),
    ((0x061C, 0x061C), Invisible.BIDIRECTIONAL),
    ((0x115F, 0x1160), Invisible.ZERO_WIDTH),
    ((0x17B4, 0x17B5), Invisible.ZERO_WIDTH),
    ((0x180B, 0x180D), Invisible.SELECTOR),
    ((0x180F, 0x180F), Invisible.SELECTOR),
    ((0x200E, 0x200F), Invisible.BIDIRECTIONAL),
    ((0x202A, 0x202E), Invisible.BIDIRECTIONAL),
    ((0x2066, 0x2069), Invisible.BIDIRECTIONAL),
    ((0x2800, 0x2800), Invisible.ZERO_WIDTH),
    ((0x3164, 0x3164), Invisible.ZERO_WIDTH),
    ((0xFE00, 0xFE0F), Invisible.SELECTOR),
    ((0xFFA0, 0xFFA0), Invisible.ZERO_WIDTH),
    ((0xE0000, 0xE007F), Invisible.TAG),
    ((0xE0100, 0xE01EF), Invisible.SELECTOR),
)
"""What the general category does not tell: default-ignorable letters and marks, and blanks."""
_NAMED = {code: kind for (low, high), kind in _RANGES for code in range(low, high + 1)}


def plain_text(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return `text` in NFKC, without control, zero-width, bidirectional and unassigned characters.

    Variation selectors, tag characters, blank letters and the ninth mark on one letter go too.
    White space of any kind becomes one space; the result has at most `limit` characters. Letters
    that look alike in two scripts stay different. What is plain stays as it is. Never raises,
    whatever the characters.
    """
    text = text[: 4 * limit]
    if not text.isascii():
        # before: what stands between a letter and its accent would keep the two apart
        # after: one character may come apart into several marks
        text = shown(unicodedata.normalize("NFKC", shown(text)[0]))[0].translate(_QUOTES)
    elif not text.isprintable():
        text = shown(text)[0]
    return _SPACES.sub(" ", text).strip()[:limit].rstrip()


def shown(text: str) -> tuple[str, Counter[Invisible]]:
    """Return what of `text` can be seen, white space as spaces, and how much cannot, by kind."""
    kept: list[str] = []
    unseen: Counter[Invisible] = Counter()
    marks = 0
    for character in text:
        if character.isspace():
            kept.append(" ")
            marks = 0
            continue
        category = unicodedata.category(character)
        kind = _NAMED.get(ord(character)) or _CATEGORIES.get(category)
        if kind is None:
            marks = marks + 1 if category in ("Mn", "Me") else 0
            kind = Invisible.MARK if marks > MAX_MARKS else None
        if kind is None:
            kept.append(character)
        else:
            unseen[kind] += 1
    return "".join(kept), unseen
