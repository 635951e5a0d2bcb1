"""What a field looks like: data, or a word as in a header."""

import re
from collections.abc import Sequence

MONTHS = "january february march april may june july august september october november december"
DAYS = "monday tuesday wednesday thursday friday saturday sunday"
NAMES = "|".join(
    rf"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in f"{MONTHS} {DAYS}".split()
)
AROUND_DIGITS = re.compile(
    rf"(?i)\b(?:{NAMES}|sept)\b|(?<=\d)\s?(?:am|pm|utc|gmt|z|[kmb])\b|(?<=\d)[te](?=[\d+-])"
)
"""The letters that times and numbers may hold."""
DIGITS = re.compile(r"[\s\d.,:;/+\-'%$€£¥()\u2019]*\d[\s\d.,:;/+\-'%$€£¥()\u2019]*")
SAYS_NOTHING = frozenset(
    {"", "nan", "null", "none", "n/a", "na", "-", "inf", "-inf", "true", "false", "nat"}
)
MOSTLY_DATA = r"^\s*[+-]?\d[\d.,:/TZ +-]*$"
"""For polars: what times and numbers look like, roughly."""


def looks_like_data(text: str) -> bool:
    """Say whether `text` is a number or a time, in any common writing.

    >>> [looks_like_data(text) for text in ("1.5", "2024-01-31T00:00Z", "Jan 2, 2024", "close")]
    [True, True, True, False]
    """
    return DIGITS.fullmatch(AROUND_DIGITS.sub("", text[:100])) is not None


def says_nothing(text: str) -> bool:
    """Say whether `text` is empty or stands for a missing value or a yes or no."""
    return text.strip().lower() in SAYS_NOTHING


def is_data_line(fields: Sequence[str], below: Sequence[str]) -> bool:
    """Say whether a line of `fields` with `below` under it is data rather than a header.

    It is if every field that says something looks like data, or if the fields that do not, as the
    name of an instrument, stand in the line below too.
    """
    data = [at for at, text in enumerate(fields) if looks_like_data(text)]
    words = [at for at, text in enumerate(fields) if at not in data and not says_nothing(text)]
    if not words:
        return bool(data)
    if len(below) != len(fields) or len(data) < 3:
        return False
    same = all(fields[at] == below[at] for at in words)
    return same and all(looks_like_data(below[at]) for at in data)
