"""What formats share: columns by their plain names, a look at the first rows, the usual notes."""

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.formats.contract import Layout, Stamp
from assay.sources.reading.raw import Raw

PRICE_NAMES: Mapping[str, str] = {name: name for name in ("open", "high", "low", "close")}
SHORT_NAMES: Mapping[str, str] = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
FIRST_ROWS = 100
BY_MINUTES = {timeframe.minutes: timeframe for timeframe in Timeframe}
_PARTS = re.compile(
    r"(?:n|num|count|bars)_?(?P<after>\d+)_?(?P<unit>m|min|h)"
    r"|(?P<before>\d+)_?(?P<of>m|min|h)_(?:n|num|count|bars)"
)
TICK_VOLUME = Note("tick_volume", "The volume counts changes of the price, not what was traded")


def plain(name: str) -> str:
    """Return a column's name in small letters, words joined by `_`, no brackets, no number ahead.

    >>> [plain(name) for name in ("<OPEN>", " Adj Close", "4. close")]
    ['open', 'adj_close', 'close']
    """
    words = re.sub(r"[^a-z0-9]+", "_", name.partition("\x00")[0].lower()).strip("_")
    return re.sub(r"^\d+_", "", words)


def by_plain_name(raw: Raw) -> dict[str, str]:
    """Return the columns by their plain names; those that share one are left out."""
    names = [plain(column) for column in raw.frame.columns] if raw.named else []
    return {
        name: column
        for name, column in zip(names, raw.frame.columns, strict=False)
        if names.count(name) == 1
    }


def chosen(known: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, str] | None:
    """Return the column of each role by its plain name in `roles`; volume alone may be missing."""
    found = {role: known[name] for role, name in roles.items() if name in known}
    return found if roles.keys() - found.keys() <= {"volume"} else None


def counted_part(name: str) -> Timeframe | None:
    """Return the shorter bars that a column of this name counts in each bar, None if it does not.

    >>> [counted_part(name) for name in ("n_1m", "5min_count", "volume")]
    [<Timeframe.M1: '1m'>, <Timeframe.M5: '5m'>, None]
    """
    found = _PARTS.fullmatch(plain(name))
    if found is None:
        return None
    minutes = 60 if (found["unit"] or found["of"]) == "h" else 1
    return BY_MINUTES.get(minutes * int(found["after"] or found["before"]))


def looks(column: pl.Series, pattern: str) -> bool:
    """Say whether most of the first filled values, as text, are written like `pattern`."""
    filled = _filled(column.head(FIRST_ROWS))
    like = int(filled.str.contains(f"^(?:{pattern})$").sum())
    return like * 2 > len(filled)


def is_epoch(column: pl.Series) -> bool:
    """Say whether the column holds numbers since 1970, of any unit."""
    return looks(column, r"\d{9,19}(?:\.0+)?")


def only_value(column: pl.Series) -> str | None:
    """Return what every filled row of the column says, None where they differ or nothing is."""
    held = _filled(column)
    return str(held[0]) if len(held) and (held == held[0]).all() else None


def _filled(column: pl.Series) -> pl.Series:
    """Return the values as text, without empty ones; none of a kind that has no text."""
    kind = column.dtype
    if kind.is_nested() or isinstance(kind, pl.Duration | pl.Binary | pl.Object):
        return pl.Series([], dtype=pl.String)
    text = column.cast(pl.String, strict=False).str.strip_chars()
    return text.filter(text != "")


def laid_out(
    raw: Raw,
    time: Sequence[str],
    columns: Mapping[str, str],
    stamp: Stamp | None,
    *,
    used: Iterable[str] = (),
) -> Layout:
    """Return a layout with the notes that every format gives: columns not used, no volume.

    `used` are columns that say something beside times, prices and volume; so do those that count
    the shorter bars in each bar (`counted_part`).
    """
    notes = []
    known = {*columns.values(), *time, *used}
    left = [name for name in raw.frame.columns if name not in known and not counted_part(name)]
    ignored = [name.partition("\x00")[0] for name in left]
    if ignored:
        said = ", ".join(repr(name) for name in ignored)
        notes.append(Note("ignored_columns", f"Columns not used: {said}"))
    if "volume" not in columns:
        notes.append(Note("no_volume", "There is no volume column: volume is 0 in every bar"))
    return Layout(tuple(time), columns, stamp, tuple(notes))
