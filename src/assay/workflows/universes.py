"""Bring universes out of files into the store, and say who belonged to one when."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.errors import DataError, SettingsError
from assay.core.symbols import plain_symbol
from assay.sources.file_times import parsed_times
from assay.sources.reading.raw import Raw, read_tables
from assay.store.universes import Membership, UniverseInfo, Universes
from assay.workflows.desk import Desk

SYMBOLS = ("symbol", "ticker", "instrument")
FIRSTS = ("from", "first", "start", "start_date", "added", "date_added", "from_date", "in")
LASTS = ("to", "last", "end", "end_date", "removed", "date_removed", "to_date", "thru", "out")
"""Names of columns, the best first; case, spaces and hyphens do not matter."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class UniverseRead:
    """What an import of a universe read and stored: `added` memberships said something new."""

    name: str
    file: Path
    rows: int
    added: int
    ever: int
    now: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**plain, "file": str(self.file)}


def import_universe(desk: Desk, file: Path, name: str) -> UniverseRead:
    """Store the memberships that a table names: a symbol, the day it came, the day it left.

    The last day is empty for who belongs still. A row without a symbol or a first day, or a day
    that cannot be read, is a `DataError` that names the rows: half a universe is none.
    """
    tables = list(read_tables(file))
    if len(tables) != 1:
        raise DataError(f"{file} holds {len(tables)} tables; a universe is one")
    memberships = _memberships(tables[0])
    universes = Universes(desk.database)
    added = universes.add(name, memberships, known_at=desk.clock.now(), source=f"file:{file.name}")
    info = next(one for one in universes.list() if one.name == name)
    return UniverseRead(name, file, len(memberships), added, info.ever, info.now)


def list_universes(desk: Desk) -> list[UniverseInfo]:
    """Return the universes that are stored."""
    return Universes(desk.database).list()


def show_universe(
    desk: Desk, name: str, on: date | None, known_at: datetime | None
) -> list[Membership]:
    """Return the memberships of a universe as known by a time, those of one day if it is named."""
    every = Universes(desk.database).history(name, known_at)
    return every if on is None else [one for one in every if one.holds_on(on)]


def _memberships(raw: Raw) -> list[Membership]:
    plain = {_plain(column): column for column in reversed(raw.frame.columns)}
    symbols, firsts, lasts = (
        next((plain[one] for one in names if one in plain), None)
        for names in (SYMBOLS, FIRSTS, LASTS)
    )
    if symbols is None or firsts is None:
        raise SettingsError(
            f"{raw.name}: a universe needs a column of symbols ({', '.join(SYMBOLS)}) and one of "
            f"first days ({', '.join(FIRSTS[:4])} …); it has {', '.join(raw.frame.columns)}"
        )
    names = raw.frame[symbols].cast(pl.String).str.strip_chars()
    came = _days(raw.frame[firsts])
    left = _days(raw.frame[lasts]) if lasts else pl.Series([None] * names.len(), dtype=pl.Date)
    written = _filled(raw.frame[lasts]) if lasts else pl.Series([False] * names.len())
    wrong = names.is_null() | (names == "") | came.is_null() | (written & left.is_null())
    if wrong.any() or not names.len():
        rows = ", ".join(str(number) for number in raw.numbers.filter(wrong).head(SHOWN))
        raise DataError(
            f"{raw.name}: {int(wrong.sum()):,} of {names.len():,} rows name no symbol or no day "
            f"(first in {raw.unit} {rows or 'none'}); nothing was stored"
        )
    return [
        Membership(plain_symbol(symbol), first, last)
        for symbol, first, last in zip(names, came, left, strict=True)
    ]


def _days(column: pl.Series) -> pl.Series:
    """Return the days that a column names, null where it names none that can be read."""
    if column.dtype == pl.Date:
        return column
    text = column.cast(pl.String).str.strip_chars()
    filled = text.set(~_filled(text), None)
    return parsed_times(filled, None).values.dt.date()


def _filled(column: pl.Series) -> pl.Series:
    """Say which rows hold anything."""
    text = column.cast(pl.String).str.strip_chars()
    return (text.is_not_null() & (text != "")).fill_null(value=False)


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())
