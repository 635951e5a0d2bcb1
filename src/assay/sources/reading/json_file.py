"""From JSON to the table in it."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from assay.core.errors import DataError
from assay.sources.contract import Note
from assay.sources.reading.json_shapes import Found, found_in, says
from assay.sources.reading.json_table import frame_of
from assay.sources.reading.size import JSON_TIMES, available_memory, refuse_beyond_memory
from assay.sources.reading.table import Raw, listed

TICKER = re.compile(r"(?i)(?:\d+\.\s*)?(?:symbol|ticker|instrument|pair)")
"""The keys beside a table that name its instrument."""


def read_json(content: bytes, notes: tuple[Note, ...], name: str) -> Raw:
    """Return the only table of JSON in UTF-8: lists of rows, of objects, or beside each other.

    Several tables under the names of instruments become one with a column `symbol`. `DataError`
    where it is no JSON, or holds no table or several.
    """
    refuse_beyond_memory(name, len(content), JSON_TIMES, available_memory())
    try:
        document = _parsed(content.decode(), name)
        tables = list(found_in(document, name))
        if not tables:
            raise DataError(f"{name} is JSON without a table of bars: it holds {says(document)}")
        _refuse_several(tables, name)
        table = frame_of(tables, name)
        metadata = _metadata(tables)
    except RecursionError:
        raise DataError(f"{name} is JSON nested too deeply to hold a table") from None
    except UnicodeEncodeError:
        raise DataError(f"{name} is JSON with half a character (a lone surrogate) in it") from None
    if not table.rows:
        raise DataError(f"{name} is JSON with a table that has no rows")
    return Raw(
        table.frame,
        table.numbers,
        "row",
        table.rows,
        table.ragged,
        notes,
        metadata,
        name,
        table.named,
    )


def _parsed(text: str, name: str) -> Any:  # noqa: ANN401  # JSON is anything
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise DataError(f"{name} is JSON with an object that has the key {twice!r} twice")
        return made

    def no_number(token: str) -> None:
        raise DataError(f"{name} holds {token}, which is no number in JSON; write null instead")

    def load(part: str) -> Any:  # noqa: ANN401  # likewise
        return json.loads(part, object_pairs_hook=unique, parse_constant=no_number)

    try:
        return load(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.lineno > 1:
            return list(_by_line(text, load, name))
        raise _damaged(error, text, name) from None
    except ValueError as error:
        raise DataError(f"{name} is JSON that cannot be read: {error}") from None


def _by_line(text: str, load: Callable[[str], Any], name: str) -> Iterator[Any]:
    """Yield the values of JSON Lines: one in each line."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield load(line)
        except ValueError as error:
            said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise DataError(f"{name} is damaged JSON: line {number}: {said}") from None


def _damaged(error: json.JSONDecodeError, text: str, name: str) -> DataError:
    unclosed = error.msg.startswith("Unterminated string")
    if unclosed or error.pos >= len(text.rstrip()):
        return DataError(f"{name} is JSON that is cut off; fetch it again")
    place = f"line {error.lineno}, character {error.colno}"
    return DataError(f"{name} is damaged JSON: {place}: {error.msg}")


def _refuse_several(tables: list[Found], name: str) -> None:
    """Refuse tables that do not stand beside each other, as those of several instruments do."""
    if len(tables) > 1 and len({table.path[:-1] for table in tables}) > 1:
        paths = [".".join(table.path) or "the whole" for table in tables]
        raise DataError(f"{name} is JSON with {len(tables)} tables ({listed(paths)}); keep one")


def _metadata(tables: list[Found]) -> dict[str, str]:
    metadata = dict(tables[0].around)
    named = next((text for key, text in metadata.items() if TICKER.fullmatch(key)), None)
    if named is not None and len(tables) == 1:
        metadata.setdefault("ticker", named)
    return metadata
