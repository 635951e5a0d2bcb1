"""From bytes that are in memory to the table in them."""

from assay.core.errors import DataError
from assay.sources.reading.columnar import read_arrow, read_parquet
from assay.sources.reading.encoding import decoded
from assay.sources.reading.json_file import read_json
from assay.sources.reading.kinds import HEAD_BYTES, Kind, kind_of
from assay.sources.reading.size import (
    TEXT_TIMES,
    available_memory,
    refuse_beyond_memory,
    refuse_long_text,
)
from assay.sources.reading.table import Raw
from assay.sources.reading.text import read_table


def read_content(content: bytes, name: str) -> Raw:
    """Return the table that `content` is, whose first bytes say how it is read.

    `DataError` where it is no table, and where it is an archive or packed: what it came from was
    one already.
    """
    if not content:
        raise DataError(f"{name} is empty")
    kind = kind_of(content[:HEAD_BYTES], name)
    if kind is Kind.PARQUET:
        return read_parquet(content, name)
    if kind is Kind.ARROW:
        return read_arrow(content, name)
    if kind is not Kind.TEXT:
        raise DataError(f"{name} is packed twice, with {kind.value} inside; unpack it once")
    return read_text(content, name)


def read_text(content: bytes, name: str) -> Raw:
    """Return the table of a text: JSON if it begins as JSON does, else CSV."""
    refuse_long_text(name, len(content))
    refuse_beyond_memory(name, len(content), TEXT_TIMES, available_memory())
    text = decoded(content, name)
    if text.content[:HEAD_BYTES].lstrip()[:1] in {b"[", b"{"}:
        if text.guessed:
            raise DataError(f"{name} is JSON that is not UTF-8: {text.notes[0].sentence}")
        return read_json(text.content, text.notes, name)
    return read_table(text, name)
