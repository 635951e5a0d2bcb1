"""The tables that stand somewhere in a JSON document, in the shapes that programs write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.core.errors import DataError
from assay.sources.reading.cells import looks_like_data
from assay.sources.reading.table import listed, shortened

DEEPEST = 6
"""No table is looked for below so many objects."""
FEW_LISTS = 3
"""As many lists beside each other are the columns of a table."""
COMPLAINTS = ("error", "message", "note", "information", "s", "status", "detail", "description")
"""The keys under which a server says why there is no table."""


@dataclass(frozen=True, slots=True)
class Found:
    """A table as it stands: `rows` of lists or objects, or `columns` of values.

    `path` are the keys above it; `around` are the scalars beside them, as text; `names` are the
    names of the columns where they stand elsewhere, and `index` the values of one more column.
    """

    path: tuple[str, ...]
    around: Mapping[str, str]
    rows: Sequence[Any] | None = None
    columns: Mapping[str, Sequence[Any]] | None = None
    names: Sequence[str] | None = None
    index: Sequence[str | int | float] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document we are."""

    name: str
    path: tuple[str, ...] = ()
    around: Mapping[str, str] = field(default_factory=dict)

    def under(self, key: str, around: Mapping[str, str]) -> "_Place":
        return _Place(self.name, (*self.path, key), {**around, **self.around})


def found_in(document: Any, name: str) -> Iterator[Found]:  # noqa: ANN401  # JSON is anything
    """Yield every table of a document; `DataError` where one contradicts itself."""
    yield from _in(document, _Place(name))


def _in(value: Any, place: _Place) -> Iterator[Found]:  # noqa: ANN401  # likewise
    if isinstance(value, list):
        if any(isinstance(row, list | dict) for row in value):
            yield Found(place.path, place.around, rows=value)
    elif isinstance(value, dict) and len(place.path) <= DEEPEST:
        found = _split(value, place) or _chart(value, place) or _columns(value, place)
        found = found or _keyed(value, place)
        if found is not None:
            yield from found
            return
        around = _scalars(value)
        for key, inner in value.items():
            yield from _in(inner, place.under(key, around))


def _scalars(value: Mapping[str, Any]) -> dict[str, str]:
    """Return the scalars of an object and of the objects in it, as text."""
    scalars = {key: _text(inner) for key, inner in value.items() if _is_scalar(inner)}
    for inner in value.values():
        if isinstance(inner, dict):
            for key, deeper in inner.items():
                if _is_scalar(deeper):
                    scalars.setdefault(key, _text(deeper))
    return scalars


def _is_scalar(value: Any) -> bool:  # noqa: ANN401  # likewise
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:  # noqa: ANN401  # likewise
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(value: Mapping[str, Any], place: _Place) -> list[Found] | None:
    """Return the table that pandas writes with orient="split"."""
    names, rows, index = (value.get(key) for key in ("columns", "data", "index"))
    if not isinstance(names, list) or not isinstance(rows, list):
        return None
    said = [text if isinstance(text, str) else str(text) for text in names]
    counts = index == list(range(len(rows)))
    fits = isinstance(index, list) and len(index) == len(rows)
    beside = index if fits and not counts else None
    return [Found(place.path, place.around, rows=rows, names=said, index=beside)]


def _chart(value: Mapping[str, Any], place: _Place) -> list[Found] | None:
    """Return the tables of an answer of Yahoo's chart service."""
    chart = value.get("chart")
    results = chart.get("result") if isinstance(chart, dict) else None
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        return None
    return [_result(result, place) for result in results if "timestamp" in result] or None


def _result(result: Mapping[str, Any], place: _Place) -> Found:
    columns: dict[str, Sequence[Any]] = {"timestamp": result["timestamp"]}
    indicators = result.get("indicators")
    for blocks in indicators.values() if isinstance(indicators, dict) else ():
        if isinstance(blocks, list) and blocks and isinstance(blocks[0], dict):
            columns |= blocks[0]
    meta = result.get("meta")
    around = _scalars(meta) if isinstance(meta, dict) else {}
    symbol = around.get("symbol", "")
    tables = _columns(columns, _Place(place.name))
    if not tables:
        raise DataError(f"{place.name} is an answer of Yahoo without prices")
    return Found(("chart", symbol), around, columns=tables[0].columns)


def _columns(value: Mapping[str, Any], place: _Place) -> list[Found] | None:
    """Return the table whose columns are lists beside each other."""
    lists = {
        key: inner
        for key, inner in value.items()
        if isinstance(inner, list) and not any(isinstance(cell, list | dict) for cell in inner)
    }
    if len(lists) < FEW_LISTS or not any(lists.values()):
        return None
    lengths = {key: len(inner) for key, inner in lists.items()}
    if len(set(lengths.values())) > 1:
        said = listed([f"{key} {length:,}" for key, length in lengths.items()], 8)
        raise DataError(f"{place.name} is JSON with columns of different lengths: {said}")
    around = {**_scalars(value), **place.around}
    return [Found(place.path, around, columns=lists)]


def _keyed(value: Mapping[str, Any], place: _Place) -> list[Found] | None:
    """Return the table whose rows, or whose columns, are objects: index or name to values."""
    inner = list(value.values())
    if len(inner) < 1 or not all(isinstance(part, dict) and part for part in inner):
        return None
    if not all(_are_cells(part) for part in inner):
        return None
    if all(looks_like_data(key) for key in value):
        return [Found(place.path, place.around, rows=inner, index=_index(list(value)))]
    keys = list(inner[0])
    if len(inner) < FEW_LISTS or not all(looks_like_data(key) for key in keys):
        return None
    if any(list(part) != keys for part in inner):
        raise DataError(f"{place.name} is JSON with columns of different rows")
    columns = {key: list(part.values()) for key, part in value.items()}
    return [Found(place.path, place.around, columns=columns, index=_index(keys))]


def _are_cells(part: Mapping[str, Any]) -> bool:
    return not any(isinstance(cell, list | dict) for cell in part.values())


def _index(keys: Sequence[str]) -> list[str | int] | None:
    """Return the keys as an index, as numbers if they are; None where they only count rows."""
    if all(key.isdecimal() and len(key) < 20 for key in keys):
        numbers = [int(key) for key in keys]
        return None if numbers == list(range(len(keys))) else list(numbers)
    return list(keys)


def says(document: Any) -> str:  # noqa: ANN401  # JSON is anything
    """Return what a document without a table holds, for a sentence."""
    if isinstance(document, list):
        return f"a list of {len(document):,} plain values" if document else "an empty list"
    if not isinstance(document, dict):
        return "one value"
    if not document:
        return "an empty object"
    complaint = _complaint(document, DEEPEST)
    keys = listed([repr(key) for key in document], 5)
    return f"an object that says {complaint!r}" if complaint else f"an object with the keys {keys}"


def _complaint(value: Mapping[str, Any], depth: int) -> str:
    for key, inner in value.items():
        if isinstance(inner, str) and key.lower().split(" ")[0] in COMPLAINTS and inner != "ok":
            return shortened(inner, 100)
    for inner in value.values():
        if isinstance(inner, dict) and depth and (found := _complaint(inner, depth - 1)):
            return found
    return ""
