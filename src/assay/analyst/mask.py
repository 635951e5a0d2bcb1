"""Taking the when and the what out of a text, so that a model cannot remember the day.

Names of the instrument, years, dates and price levels go; events and people stay, and may still
tell. A masked replay is therefore less leaky, not clean: only live answers count for the gate.
"""

import re
from functools import cache

from assay.text.entities import subject_of, with_country

_MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:{_MONTHS})\.?"
    r"(?: \d{1,2}(?:st|nd|rd|th)?\b)(?:,? \d{4})?"
    rf"|\b(?:{_MONTHS})\.? \d{{4}}\b|\b\d{{1,2}} (?:{_MONTHS})\b(?: \d{{4}})?"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:/\d\d)?\b")
_LEVEL = re.compile(r"[$€£¥]\s?\d[\d,]*(?:\.\d+)?|\b\d{1,3}(?:,\d{3})+(?:\.\d+)?\b|\b\d+\.\d{3,}\b"
                    r"|\b\d{4,}(?:\.\d+)?\b")  # fmt: skip


def masked_text(text: str, symbol: str) -> str:
    """Return `text` with "[base]", "[quote]", "[date]", "[year]" and "[level]" where they stood."""
    text = _DATE.sub("[date]", text)
    text = _YEAR.sub("[year]", text)
    text = _LEVEL.sub("[level]", text)
    pattern, sides = _names(symbol)
    if pattern is None:
        return text
    text = with_country(text) if subject_of(symbol) else text
    return pattern.sub(lambda found: sides[" ".join(found.group().lower().split())], text)


@cache
def _names(symbol: str) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    subject = subject_of(symbol)
    sides = {symbol.lower(): "[base]/[quote]" if subject else "[base]"}
    if subject is not None:
        for names in subject.names.values():
            for words, code in names:
                side = {1: "[base]", -1: "[quote]"}.get(subject.sign(code))
                if side:
                    sides[" ".join(words)] = side
    ordered = sorted((name for name in sides if name), key=lambda name: (-len(name), name))
    if not ordered:
        return None, sides
    joined = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in ordered)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE), sides
