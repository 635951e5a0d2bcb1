"""From bytes to text: which encoding it is, and lines that end one way."""

import re
from dataclasses import dataclass

from assay.core.errors import DataError
from assay.sources.contract import Note

SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
"""A character of several bytes in UTF-8."""
MOST_ODD = 0.1
"""Above this share of bytes outside ASCII a file is no ASCII text with a few odd letters."""


@dataclass(frozen=True, slots=True)
class Text:
    """`content` is UTF-8 without a byte order mark, and every line ends with a line feed.

    `guessed` says that its letters outside ASCII were read as Windows-1252.
    """

    content: bytes
    notes: tuple[Note, ...] = ()
    guessed: bool = False


def decoded(content: bytes, name: str) -> Text:
    """Return the text that `content` is; `DataError` names the byte that cannot be read.

    UTF-8 and, with their byte order mark, UTF-16. Bytes that are no UTF-8 are Windows-1252 where
    they are few and no other bytes are UTF-8.
    """
    if content[:4] in {b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"}:
        raise DataError(f"{name} is UTF-32 text; save it as UTF-8")
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _from_utf16(content, name)
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in content:
        raise DataError(
            f"{name} is neither Parquet nor text: byte {content.index(0) + 1:,} is zero"
        )
    if content.isascii():
        return Text(_lines(content))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _from_windows(content, error.start, name)
    return Text(_lines(content))


def _lines(content: bytes) -> bytes:
    if b"\r" not in content:
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _from_utf16(content: bytes, name: str) -> Text:
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is damaged UTF-16 text: byte {error.start + 1:,} cannot be read; "
            "save it again as UTF-8"
        ) from None
    if "\x00" in text:
        raise DataError(f"{name} is damaged UTF-16 text: character {text.index(chr(0)):,} is zero")
    note = Note("encoding", "The text is UTF-16, as MetaTrader writes it, and was read as such")
    return Text(_lines(text.encode()), (note,))


def _from_windows(content: bytes, first: int, name: str) -> Text:
    whole = SEQUENCE.search(content)
    if whole is not None:
        raise DataError(
            f"{name} is in two encodings: byte {whole.start() + 1:,} is UTF-8 and byte "
            f"{first + 1:,} ({content[first]:#04x}) is not; save it as UTF-8"
        )
    odd = len(content) - len(content.decode("ascii", "ignore"))
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        first, odd = error.start, len(content)
    if odd > MOST_ODD * len(content):
        raise DataError(
            f"{name} is neither Parquet nor UTF-8 text: byte {first + 1:,} ({content[first]:#04x}) "
            "cannot be read"
        )
    said = (
        f"{odd:,} bytes are no UTF-8, the first byte {first + 1:,} ({content[first]:#04x}), and "
        "were read as Windows-1252 (Latin-1)"
    )
    return Text(_lines(text.encode()), (Note("encoding", said),), guessed=True)
