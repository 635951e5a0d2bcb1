"""Text from outside made plain: one form, nothing invisible, no endless lengths."""

import re
import unicodedata

MAX_CHARACTERS = 2_000
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = re.compile(r"\s+")


def plain_text(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return `text` in NFKC, without control, zero-width, bidirectional and unassigned characters.

    White space of any kind becomes one space; the result has at most `limit` characters. Letters
    that look alike in two scripts stay different. Never raises, whatever the characters.
    """
    text = text[: 4 * limit]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = text.translate(_QUOTES)
    if not (text.isascii() and text.isprintable()):
        text = "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or unicodedata.category(character) not in _INVISIBLE
        )
    return _SPACES.sub(" ", text).strip()[:limit].rstrip()


_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"}
