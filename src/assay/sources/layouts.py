"""Which column is which: the names that bar files use, and what a name says of the stamp."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from assay.core.errors import DataError
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_raw import Raw, pandas_index

STAMP_KEY = "assay.stamp"
"""The Parquet metadata key under which Assay's own exports say "open" or "close"."""


class Stamp(StrEnum):
    """Which end of the bar its time names."""

    OPEN = "open"
    CLOSE = "close"


OPEN_TIMES = ("open_time", "opentime", "time_open", "bar_open", "start_time", "timestamp")
CLOSE_TIMES = ("close_time", "closetime", "time_close", "bar_close", "end_time")
TIMES = (
    "time", "datetime", "date_time", "time_utc", "gmt_time", "ts", "date", "index", "index_level_0",
    "unnamed_0", "",
)  # fmt: skip
ROLES: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price", "max"),
    "low": ("low", "l", "low_price", "min"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v", "tick_volume", "tickvol", "tickvolume", "volume_base"),
}
CLOCK = re.compile(r"^\s*\d{1,2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a format says of a table, and `evidence` in words for it.

    `time` is one column, or a date and a clock beside it; `columns` maps the roles open, high, low,
    close, volume to columns. `clock` names the clock of the times (`clocks`), None where the format
    does not tell. `symbol` and `timeframe` are what the table or its name says, as written there;
    `instruments` is a column that names an instrument in each row.
    """

    time: tuple[str, ...]
    columns: Mapping[str, str]
    stamp: Stamp | None
    notes: tuple[Note, ...]
    format: str = "generic"
    evidence: str = ""
    clock: str | None = None
    symbol: str | None = None
    timeframe: Timeframe | None = None
    instruments: str | None = None


def layout_of(raw: Raw, where: str) -> Layout:
    """Return what the columns of `raw` mean; `where` names the file in an error.

    Names are matched whatever their case and punctuation. The column `timestamp` holds the open of
    the bar, as do `open_time` and its like; `close_time` its close; the metadata of our own
    exports say it too; `time`, `date` and the rest say nothing. `DataError` where a column is
    missing or there twice.
    """
    known = _by_name(raw.frame.columns, where)
    columns = {role: found for role, names in ROLES.items() if (found := _first(names, known))}
    time, stamp = _time(raw, known)
    missing = [role for role in ROLES if role not in columns and role != "volume"]
    if time is None or missing:
        _refuse(raw, ([] if time else ["time"]) + missing, where)
    notes = []
    used = {*columns.values(), *(time or ())}
    ignored = [name for name in raw.frame.columns if name not in used]
    if ignored:
        said = ", ".join(repr(name) for name in ignored)
        notes.append(Note("ignored_columns", f"Columns not used: {said}"))
    if "volume" not in columns:
        notes.append(Note("no_volume", "There is no volume column: volume is 0 in every bar"))
    return Layout(time or (), columns, stamp, tuple(notes))


def _time(raw: Raw, known: Mapping[str, str]) -> tuple[tuple[str, ...] | None, Stamp | None]:
    for names, stamp in ((OPEN_TIMES, Stamp.OPEN), (CLOSE_TIMES, Stamp.CLOSE)):
        found = _first(names, known)
        if found is not None:
            return (found,), stamp
    said = raw.metadata.get(STAMP_KEY)
    own = Stamp(said) if said in set(Stamp) else None
    if "date" in known and "time" in known and _is_clock(raw.frame[known["time"]]):
        return (known["date"], known["time"]), own
    found = _first(TIMES, known)
    found = _index(raw) if found is None else found
    return (None if found is None else (found,)), own


def _index(raw: Raw) -> str | None:
    """Return the index of a pandas frame, or the only column that holds times."""
    for name in pandas_index(raw.metadata):
        if name in raw.frame.columns:
            return name
    temporal = [name for name, kind in raw.frame.schema.items() if kind.is_temporal()]
    return temporal[0] if len(temporal) == 1 else None


def _is_clock(values: pl.Series) -> bool:
    if values.dtype != pl.String:
        return False
    first = values.drop_nulls().head(1).to_list()
    return bool(first) and CLOCK.match(first[0]) is not None


def _by_name(columns: list[str], where: str) -> dict[str, str]:
    known: dict[str, str] = {}
    roles = {name for names in ROLES.values() for name in names}
    for column in columns:
        plain = re.sub(r"[^a-z0-9]+", "_", column.partition("\x00")[0].lower()).strip("_")
        if plain in known and plain in roles | {*OPEN_TIMES, *CLOSE_TIMES, *TIMES}:
            raise DataError(f"{where} has two columns called {plain!r}; keep the one that is meant")
        known.setdefault(plain, column)
    return known


def _first(names: tuple[str, ...], known: Mapping[str, str]) -> str | None:
    return next((known[name] for name in names if name in known), None)


def _refuse(raw: Raw, missing: list[str], where: str) -> None:
    header = [name.partition("\x00")[0] for name in raw.frame.columns]
    if all(_is_data(name) for name in header):
        raise DataError(
            f"{where} has no header line: the first line is data; add one such as "
            "timestamp,open,high,low,close,volume"
        )
    plural = "columns" if len(missing) > 1 else "column"
    raise DataError(f"{where} lacks the {plural} {', '.join(missing)}; found {', '.join(header)}")


def _is_data(name: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+\d.:/ TZ]+\s*", name)) and any(c.isdigit() for c in name)
