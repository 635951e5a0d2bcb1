"""Times as files write them, made into UTC, or null where nobody can say what was meant."""

from dataclasses import dataclass, replace
from enum import StrEnum

import polars as pl

from assay.core.errors import DataError, SettingsError
from assay.sources.contract import Note
from assay.sources.time_texts import (
    ENDS_IN_YEAR,
    KINDS,
    UTC_TIME,
    Read,
    as_machines_write,
    as_people_write,
    composed,
    parts_of,
)

YEARS = (1900, 2199)
EPOCH_DIGITS = (("s", 8, 10), ("ms", 11, 13), ("us", 14, 16), ("ns", 17, 19))
YEAR_SECONDS = 366 * 24 * 3600
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
AS_WRITTEN = "as written"
"""For `days_in`: the clock that the times themselves are written in."""
_NUMBER = r"^\d{9,19}(?:\.0+)?$"
_CALENDAR = (
    r"^(?:19|20|21)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?$"
)
"""Digits that are a date, maybe with a clock; as seconds or milliseconds they would be of 1970."""


class DateOrder(StrEnum):
    """Which part of a date that ends in its year comes first."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class Times:
    """`values` (UTC, null where unreadable); `are_dates` if none of them names a clock time.

    `naive` says that some name a clock time and no zone and are no number since 1970: they stand
    here as if they were UTC, which the caller has to judge.
    """

    values: pl.Series
    are_dates: bool
    notes: tuple[Note, ...]
    naive: bool = False


def parsed_times(
    column: pl.Series, order: DateOrder | None = None, days_in: str | None = None
) -> Times:
    """Return the times of a column of text, dates, date-times or whole numbers since 1970.

    A time before 1900 or after 2199 is a slip of the pen and unreadable. Numbers are seconds,
    milliseconds, microseconds or nanoseconds by their size, and a column may change from one to
    another; eight, twelve or fourteen digits that are a date are one. Where dates end in their year
    (31/12/2014), `order` says which part comes first; without it a value that can only be one
    decides, with a note, and where there is none `SettingsError` asks. `days_in` is the zone (or
    `AS_WRITTEN`) in which day bars begin: if every time is a midnight there, the times are the
    dates that they name.
    """
    times, walls = _read_as(column, order)
    sane = times.values.dt.year().is_between(*YEARS).fill_null(value=False)
    times = replace(times, values=times.values.set(~sane, None))
    return times if days_in is None or times.are_dates else _as_days(times, walls, days_in)


def _read_as(column: pl.Series, order: DateOrder | None) -> tuple[Times, pl.Series]:
    """Return the times, and what a clock on the wall where they were written showed."""
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        zoned = column if kind.time_zone else column.dt.replace_time_zone("UTC")
        values = zoned.dt.convert_time_zone("UTC").cast(UTC_TIME)
        walls = column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
        return Times(values, are_dates=False, notes=(), naive=not kind.time_zone), walls
    if kind == pl.Date:
        walls = column.cast(pl.Datetime("us"))
        return Times(walls.dt.replace_time_zone("UTC"), are_dates=True, notes=()), walls
    if kind.is_integer() or kind.is_float():
        whole = column if kind.is_integer() else _whole(column)
        return _from_numbers(whole.cast(pl.Int64, strict=False), order)
    if kind == pl.String:
        return _from_text(column.str.strip_chars(), order)
    raise DataError(f"The time column {column.name!r} holds {kind}, which are no times")


def _as_days(times: Times, walls: pl.Series, days_in: str) -> Times:
    if days_in != AS_WRITTEN:
        walls = times.values.dt.convert_time_zone(days_in).dt.replace_time_zone(None)
    known = walls.set(times.values.is_null(), None)
    if not known.count() or not (known == known.dt.truncate("1d")).all():
        return times
    where = "of the clock they are written in" if days_in == AS_WRITTEN else f"in {days_in}"
    said = f"Every time is a midnight {where}: each was taken as the date that it names"
    dates = known.dt.replace_time_zone("UTC")
    return Times(dates, are_dates=True, notes=(*times.notes, Note("local_days", said)))


def _whole(column: pl.Series) -> pl.Series:
    finite = column.is_finite() & (column == column.round())
    return column.set(~finite.fill_null(value=False), None).cast(pl.Int64, strict=False)


def _from_numbers(column: pl.Series, order: DateOrder | None) -> tuple[Times, pl.Series]:
    text = column.cast(pl.String)
    if _all(text.drop_nulls(), _CALENDAR):
        return _from_text(text, order)
    digits = column.abs().cast(pl.String).str.len_chars()
    usual = digits.drop_nulls().mode().sort()
    unit = next(
        (u for u, low, high in EPOCH_DIGITS if len(usual) and low <= usual[-1] <= high), None
    )
    if unit is None:
        raise DataError(
            f"The numbers of the time column {column.name!r} are no seconds, milli-, micro- or "
            f"nanoseconds since 1970: the first is {column.drop_nulls().head(1).to_list()}"
        )
    digits = _without_strays(column, digits, unit)
    micro = pl.Series(column.name, [None] * len(column), dtype=pl.Int64)
    said = f"The times are numbers and were taken as {unit} since 1970 UTC"
    notes = [Note("epoch", said)]
    for other, low, high in EPOCH_DIGITS:
        whose = digits.is_between(low if other == unit else high, high).fill_null(value=False)
        if whose.any():
            micro = micro.zip_with(~whose, _micros(column, PER_SECOND[other]))
        if whose.any() and other != unit:
            first = column.filter(whose)[0]
            said = f"In {int(whose.sum()):,} rows, first {first}, the time was taken as {other}"
            notes.append(Note("epoch_units", said))
    walls = micro.cast(pl.Datetime("us"))
    values = walls.dt.replace_time_zone("UTC")
    return Times(values, are_dates=False, notes=tuple(notes)), walls


def _without_strays(column: pl.Series, digits: pl.Series, unit: str) -> pl.Series:
    """Return `digits`, null for rows that lost one: their times lie far from those of the rest.

    Numbers grow by a digit in September 2001; a file that spans it has both with no gap between.
    """
    low, high = next((low, high) for u, low, high in EPOCH_DIGITS if u == unit)
    fewer, full = digits.is_between(low, high - 1), digits == high
    if not fewer.any() or not full.any():
        return digits
    after, before = column.filter(full).min(), column.filter(fewer).max()
    assert isinstance(after, int), "whole numbers are compared"
    assert isinstance(before, int), "whole numbers are compared"
    if after - before <= YEAR_SECONDS * PER_SECOND[unit]:
        return digits
    return digits.set(fewer if fewer.sum() < full.sum() else full, None)


def _micros(column: pl.Series, scale: int) -> pl.Series:
    return column // (scale // 1_000_000) if scale > 1_000_000 else column * (1_000_000 // scale)


def _from_text(text: pl.Series, order: DateOrder | None) -> tuple[Times, pl.Series]:
    filled = text.filter(text != "")
    if _mostly(filled, _NUMBER) and not _all(filled, _CALENDAR):
        whole = text.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
        return _from_numbers(whole, order)
    read = as_machines_write(text)
    notes: tuple[Note, ...] = ()
    for pattern, names in KINDS:
        gaps = read.values.is_null()
        if not gaps.any():
            break
        read = read.filled(gaps, as_people_write(text.filter(gaps), pattern, names))
    gaps = read.values.is_null()
    if gaps.any() and _mostly(filled, ENDS_IN_YEAR):
        others, notes = _ending_in_year(text.filter(gaps), order)
        read = read.filled(gaps, others)
    if read.short_years:
        said = "Years of two digits were taken as 1970 to 2069"
        notes = (*notes, Note("short_years", said))
    known = read.values.count()
    are_dates = bool(known) and not (read.clocked | read.zoned).any()
    naive = bool((read.clocked & ~read.zoned).any())
    return Times(read.values, are_dates, notes, naive), read.walls


def _mostly(text: pl.Series, pattern: str) -> bool:
    return int(text.str.contains(pattern).sum()) * 2 > len(text)


def _all(text: pl.Series, pattern: str) -> bool:
    return bool(len(text)) and bool(text.str.contains(pattern).all())


def _ending_in_year(text: pl.Series, order: DateOrder | None) -> tuple[Read, tuple[Note, ...]]:
    """Return the times whose dates end in their year, and what showed which part comes first."""
    names = ("first", "one", "second", "other", "year", "hour", "minute", "second_of", "fraction")
    parts = parts_of(text, ENDS_IN_YEAR, (*names, "half", "zone"))
    same = (parts["one"] == parts["other"]).fill_null(value=False)
    first, second = (parts[n].cast(pl.Int64).set(~same, None) for n in ("first", "second"))
    found, notes = _order(text, first, second, order)
    _refuse_years_first(text, first, second, parts["year"], found)
    day, month = ("first", "second") if found is DateOrder.DAY_FIRST else ("second", "first")
    clock = {name: parts[name] for name in ("hour", "minute", "fraction", "half", "zone")}
    year = parts["year"].set(~same, None)
    dates = {"year": year, "month": parts[month], "day": parts[day], "second": parts["second_of"]}
    return composed({**dates, **clock}), notes


def _order(
    text: pl.Series, first: pl.Series, second: pl.Series, asked: DateOrder | None
) -> tuple[DateOrder, tuple[Note, ...]]:
    """Return which part comes first: as `asked`, or as a value proves that can only be one."""
    proofs = {
        DateOrder.DAY_FIRST: text.filter((first > 12) & (second <= 12)).head(1).to_list(),
        DateOrder.MONTH_FIRST: text.filter((second > 12) & (first <= 12)).head(1).to_list(),
    }
    day, month = proofs.values()
    if asked is not None:
        other = next(one for one in DateOrder if one is not asked)
        if proofs[other] and not proofs[asked]:
            raise DataError(
                f"The dates of the column {text.name!r} are to be read {asked}, but "
                f"{proofs[other][0]!r} can only be {other}"
            )
        return asked, ()
    if day and month:
        raise DataError(
            f"The dates of the column {text.name!r} are written in two ways: {day[0]!r} can only "
            f"be day-first and {month[0]!r} only month-first"
        )
    if not day and not month:
        if (first == second).all():
            return DateOrder.DAY_FIRST, ()
        shown = text.filter(first != second)[0]
        raise SettingsError(
            f"The dates of the column {text.name!r} (as {shown!r}) could be day-first or "
            "month-first: say which with --dates day-first or --dates month-first"
        )
    proven, other = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
    if month:
        proven, other = other, proven
    said = f"Dates were read {proven}: {(day or month)[0]!r} cannot be {other}"
    return proven, (Note("date_order", said),)


def _refuse_years_first(
    text: pl.Series, first: pl.Series, second: pl.Series, last: pl.Series, order: DateOrder
) -> None:
    """Refuse two-digit years that, from the order of the rows, stand first: 14-12-31."""
    if not (last.str.len_chars() == 2).any():
        return
    third = last.cast(pl.Int64)
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    as_read, year_first = (
        (a * 10_000 + b * 100 + c).drop_nulls()
        for a, b, c in ((third, month, day), (first, second, third))
    )
    if _runs(year_first) and not _runs(as_read) and bool((second <= 12).all()):
        raise DataError(
            f"The years of the column {text.name!r} have two digits and seem to stand first (as in "
            f"{text[0]!r}): write them with four"
        )


def _runs(values: pl.Series) -> bool:
    return values.is_sorted() or values.is_sorted(descending=True)
