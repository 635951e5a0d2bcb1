"""Which bars should exist, which day a bar belongs to, and what the clock says at its close."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.sessions import session_flags
from assay.core.calendars.table import Micros, Table, micro, micros, moment_of
from assay.core.errors import DataError, HistoryError
from assay.core.values.timeframe import Timeframe

MINUTE = 60_000_000
"""One minute in microseconds."""
WEEK_MINUTES = 7 * 1440
MONDAY = 4 * 1440
"""Minutes from Monday 1969-12-29 back to the epoch, a Thursday, taken modulo the week."""
TIME = pl.Datetime("us", "UTC")
FEW = 4_096
"""Stamps, of which what the calendar says is kept."""


def utc_micros(times: pl.Series) -> Micros:
    """Return a UTC time column as microseconds; a naive column or a null is refused."""
    kind = times.dtype
    if not isinstance(kind, pl.Datetime) or kind.time_zone is None:
        raise DataError(f"Times need a time zone; found a column of {kind}")
    if times.null_count():
        raise DataError(f"Times were missing in {times.null_count():,} of {len(times):,} rows")
    return micros(times)


def covered(table: Table, values: Micros) -> None:
    """Refuse times outside the table, saying how far it reaches."""
    if not len(values):
        return
    low, high = int(values.min()), int(values.max())
    first, last = _span(table)
    if low < first or high > last:
        outside = moment_of(low if low < first else high)
        raise HistoryError(
            f"The sessions of {table.name} are known from {table.first} to {table.last} "
            f"({table.rule}); asked for {outside:%Y-%m-%d %H:%M} UTC"
        )


def _span(table: Table) -> tuple[int, int]:
    """Return the first and the last moment the table speaks of."""
    first, after = (
        micro(datetime(day.year, day.month, day.day, tzinfo=UTC))
        for day in (table.first, table.last + timedelta(days=1))
    )
    return min(first, int(table.opens[0])), max(after, int(table.day_closes[-1]))


def day_index(table: Table, stamps: Micros, timeframe: Timeframe | None) -> npt.NDArray[np.int64]:
    """Return the index of the session each bar belongs to; `stamps` are closes.

    A bar belongs to the day of its last open minute; one that holds none to the next day that
    closes. Without a timeframe (or for day bars) only the stamp counts: the next day that closes
    at it or after.
    """
    coming = np.searchsorted(table.day_closes, stamps, side="left")
    if timeframe is not None and timeframe.is_intraday:
        last = np.searchsorted(table.from_, stamps, side="left") - 1
        known = np.maximum(last, 0)
        touched = (last >= 0) & (table.until[known] > stamps - timeframe.minutes * MINUTE)
        coming = np.where(touched, table.of[known], coming)
    return np.minimum(coming, len(table.day_closes) - 1)


def overlaps(table: Table, starts: Micros, ends: Micros) -> npt.NDArray[np.bool_]:
    """Say of each stretch `[start, end)` whether the market is open in any part of it."""
    last = np.searchsorted(table.from_, ends, side="left") - 1
    hit: npt.NDArray[np.bool_] = (last >= 0) & (table.until[np.maximum(last, 0)] > starts)
    return hit


def trading_day(table: Table, times: pl.Series, timeframe: Timeframe | None) -> pl.Series:
    """See `Calendar.trading_day`."""
    stamps = utc_micros(times)
    covered(table, stamps)
    return table.sessions["date"].gather(day_index(table, stamps, timeframe)).alias("date")


def day_ends(table: Table, stamps: Micros, timeframe: Timeframe) -> Micros:
    """Return, for each bar, the stamp of the day bar it goes into."""
    return table.day_closes[day_index(table, stamps, timeframe)]


def expected_closes(table: Table, timeframe: Timeframe, start: int, end: int) -> pl.Series:
    """See `Calendar.expected_closes`; `start` and `end` in microseconds."""
    covered(table, np.array([start, end], dtype=np.int64))
    if not timeframe.is_intraday:
        held = table.day_closes[(table.day_closes >= start) & (table.day_closes <= end)]
        return _as_times(np.unique(held))
    length = timeframe.minutes * MINUTE
    near = (table.until > start - length) & (table.from_ < end)
    first = np.maximum(table.from_[near] // length, (start - 1) // length)
    last = np.minimum(-(-table.until[near] // length), end // length)
    counts = np.maximum(last - first, 0)
    offsets = np.arange(counts.sum(), dtype=np.int64) - np.repeat(
        np.cumsum(counts) - counts, counts
    )
    stamps = (np.repeat(first, counts) + offsets + 1) * length
    return _as_times(np.unique(stamps))


def calendar_columns(table: Table, times: pl.Series, timeframe: Timeframe) -> pl.DataFrame:
    """See `Calendar.calendar_columns`."""
    stamps = utc_micros(times)
    if len(stamps) > FEW:
        return _columns(table, stamps, timeframe)
    return _columns_of_few(table, stamps.tobytes(), timeframe)


@lru_cache(maxsize=64)
def _columns_of_few(table: Table, stamps: bytes, timeframe: Timeframe) -> pl.DataFrame:
    """Return what `_columns` does; instruments of one market ask for the same newest bars."""
    return _columns(table, np.frombuffer(stamps, dtype=np.int64), timeframe)


def _columns(table: Table, stamps: Micros, timeframe: Timeframe) -> pl.DataFrame:
    covered(table, stamps)
    day = day_index(table, stamps, timeframe)
    opened, closed = table.opens[day], table.closes[day]
    start = stamps - timeframe.minutes * MINUTE
    first = np.full(len(stamps), fill_value=True)
    if timeframe.is_intraday:
        first = (start <= opened) & (opened < stamps)
    clock = pl.DataFrame({"time": _as_times(stamps)})
    return clock.select(
        pl.Series("minute_of_week", (stamps // MINUTE - MONDAY) % WEEK_MINUTES, pl.Float64),
        *session_flags(pl.col("time")),
        pl.Series("minutes_open", _minutes(stamps - opened, closed - opened)),
        pl.Series("minutes_to_close", _minutes(closed - stamps, None)),
        pl.Series("first_of_day", first).cast(pl.Float64),
        pl.Series("after_holiday", table.after_holiday[day]).cast(pl.Float64),
    )


def _minutes(spans: Micros, most: Micros | None) -> npt.NDArray[np.float64]:
    result: npt.NDArray[np.float64] = np.clip(spans, 0, most) / MINUTE
    return result


def _as_times(values: Micros) -> pl.Series:
    return pl.Series("time", values, dtype=pl.Int64).cast(TIME)
