"""Text from outside is data: cleaned, capped, and kept out of every system prompt.

What this does not do is recognise every instruction; nothing can. It removes what hides, withholds
what is plainly addressed to a reader that obeys, and leaves the rest to the authority rules: a
closed answer, checked evidence, and a referee that can only shrink.
"""

import re

from assay.text.normalise import plain_text

MAX_HEADLINE = 240
MAX_SOURCE = 40
WITHHELD = "[withheld: addressed to the reader]"

_ADDRESSED = re.compile(
    r"ignore (?:all |any |the |your )*(?:previous|prior|above|earlier|instructions)"
    r"|disregard (?:all|any|the|your|previous|prior)|forget (?:all|everything|your|previous)"
    r"|\b(?:system|developer|assistant|user) ?(?:prompt|message|:)|new instructions?"
    r"|you (?:are|must|should|will) (?:now |always )?(?:an? |the )?"
    r"(?:ai|assistant|model|answer|output|respond|reply|set|confirm|return|bullish|bearish)"
    r"|\b(?:size_?cap|p_?up|verdict|challenge_reason|counter_evidence)\b"
    r"|</?(?:data|system|user|assistant|instructions?)\b|\[/?inst\]|<\|im_(?:start|end)\|>"
    r"|as an ai|jailbreak|prompt injection"
    r"|(?:respond|reply|answer|output) (?:only )?(?:with|in) json",
    re.IGNORECASE,
)


def headline_text(text: str) -> str:
    """Return the headline as data: plain, at most 240 characters, or the mark that it is withheld.

    A text is withheld where it reads as an instruction to a model.
    """
    plain = plain_text(text, limit=4 * MAX_HEADLINE)
    if is_addressed(plain):
        return WITHHELD
    return plain[:MAX_HEADLINE].rstrip()


def source_name(source: str) -> str:
    """Return the name of a source: plain, at most 40 characters."""
    plain = plain_text(source, limit=MAX_SOURCE)
    return "unnamed" if is_addressed(plain) or not plain else plain


def is_addressed(text: str) -> bool:
    """Say whether the text speaks to a reader that obeys; some that do will pass unseen."""
    return _ADDRESSED.search(text) is not None
