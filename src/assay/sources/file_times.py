"""Times as files write them, made into UTC, or null where nobody can say what was meant."""

from dataclasses import dataclass, replace

import polars as pl

from assay.core.errors import DataError
from assay.sources.contract import Note

UTC_TIME = pl.Datetime("us", "UTC")
PATTERN = (
    r"^(\d{4})[-/.](\d{2})[-/.](\d{2})"
    r"(?:[T ]+(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
"""Year first: a date with the day or the month first cannot be told from its opposite."""
YEARS = (1900, 2199)
EPOCH_DIGITS = (("s", 8, 10), ("ms", 11, 13), ("us", 14, 16), ("ns", 17, 19))
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Times:
    """`values` (UTC, null where unreadable); `are_dates` if none of them names a clock time."""

    values: pl.Series
    are_dates: bool
    notes: tuple[Note, ...]


def parsed_times(column: pl.Series) -> Times:
    """Return the times of a column of text, dates, date-times or whole numbers since 1970.

    A time before 1900 or after 2199 is a slip of the pen and unreadable. Numbers are seconds,
    milliseconds, microseconds or nanoseconds by their size, one unit for the whole column. Times
    without a zone are taken as UTC, with a note.
    """
    times = _read_as(column)
    sane = times.values.dt.year().is_between(*YEARS).fill_null(value=False)
    return replace(times, values=times.values.set(~sane, None))


def _read_as(column: pl.Series) -> Times:
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        zoned = column if kind.time_zone else column.dt.replace_time_zone("UTC")
        notes = () if kind.time_zone else (_assumed(),)
        return Times(zoned.dt.convert_time_zone("UTC").cast(UTC_TIME), are_dates=False, notes=notes)
    if kind == pl.Date:
        midnights = column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        return Times(midnights, are_dates=True, notes=())
    if kind.is_integer():
        return _from_numbers(column.cast(pl.Int64, strict=False))
    if kind.is_float():
        return _from_numbers(_whole(column))
    if kind == pl.String:
        return _from_text(column.str.strip_chars())
    raise DataError(f"The time column {column.name!r} holds {kind}, which are no times")


def _assumed() -> Note:
    return Note("assumed_utc", "The times name no zone and were taken as UTC")


def _whole(column: pl.Series) -> pl.Series:
    finite = column.is_finite() & (column == column.round())
    return column.set(~finite.fill_null(value=False), None).cast(pl.Int64, strict=False)


def _from_numbers(column: pl.Series) -> Times:
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
    low, high = next((low, high) for u, low, high in EPOCH_DIGITS if u == unit)
    sane = column.set(~digits.is_between(low, high).fill_null(value=False), None)
    scale = PER_SECOND[unit]
    micro = sane // (scale // 1_000_000) if scale > 1_000_000 else sane * (1_000_000 // scale)
    values = micro.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    said = f"The times are numbers and were taken as {unit} since 1970 UTC"
    return Times(values, are_dates=False, notes=(Note("epoch", said),))


def _from_text(text: pl.Series) -> Times:
    filled = text.filter(text != "")
    if _mostly(filled, r"^\d{9,19}$"):
        return _from_numbers(text.cast(pl.Int64, strict=False))
    if _mostly(filled, r"^\d{8}( \d{6})?$"):
        text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})(?: (\d{2})(\d{2})(\d{2}))?$", _SPELLED)
        text = text.str.strip_suffix(" ::")
    values, naive = _machine_written(text)
    rest = values.is_null()
    dates = 0
    if rest.any():
        others, others_naive, dates = _hand_written(text.filter(rest))
        values = values.scatter(rest.arg_true(), others)
        naive = naive or others_naive
    are_dates = dates > 0 and dates == len(values) - values.null_count()
    return Times(values, are_dates, (_assumed(),) if naive and not are_dates else ())


def _mostly(text: pl.Series, pattern: str) -> bool:
    return int(text.str.contains(pattern).sum()) * 2 > len(text)


_SPELLED = "$1-$2-$3 $4:$5:$6"


def _machine_written(text: pl.Series) -> tuple[pl.Series, bool]:
    """Return the times that are written like the first one, the others null; say if naive."""
    first = text.drop_nulls().head(1)
    for zone in ("+00:00", "+0000", "Z", ""):
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"):
            if _read(first, form, zone).count():
                values = _read(text, form, zone)
                return values, not zone
    return pl.Series(text.name, [None] * len(text), dtype=UTC_TIME), False


def _read(text: pl.Series, form: str, zone: str) -> pl.Series:
    """Return the times written as `form` and `zone`, null where they are written otherwise."""
    if zone:
        right = text.str.ends_with(zone)
        text = text.str.strip_suffix(zone).set(~right.fill_null(value=False), None)
    read = text.str.to_datetime(form, time_unit="us", strict=False)
    return read.dt.replace_time_zone("UTC")


def _hand_written(text: pl.Series) -> tuple[pl.Series, bool, int]:
    """Return the times, whether one of them names no zone, and how many name no clock time."""
    parts = text.str.extract_groups(PATTERN).struct.unnest()
    year, month, day, hour, minute, second, fraction, zone = (parts[n] for n in parts.columns)
    clock = hour.fill_null("00") + ":" + minute.fill_null("00") + ":" + second.fill_null("00")
    micro = fraction.fill_null("0").str.pad_end(9, "0").str.slice(0, 6).cast(pl.Int64)
    digits = zone.str.replace_all(r"[^0-9]", "")
    minutes = (
        digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60
        + digits.str.slice(2, 2).cast(pl.Int64, strict=False)
    ).fill_null(0)
    east = (~zone.str.starts_with("-").fill_null(value=False)).cast(pl.Int64) * 2 - 1
    local = (year + "-" + month + "-" + day + " " + clock).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    moved = local.cast(pl.Int64) + micro - minutes * east * 60_000_000
    values = moved.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    known = values.is_not_null()
    naive = bool((known & zone.is_null() & hour.is_not_null()).any())
    return values, naive, int((known & zone.is_null() & hour.is_null()).sum())
