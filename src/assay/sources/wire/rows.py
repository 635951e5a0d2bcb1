"""From the rows of an answer to bars: checked, stamped with their close, closed, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.calendars.grid import MINUTE, overlaps
from assay.core.calendars.table import Micros, micro, moment_of
from assay.core.errors import DataError
from assay.core.values.bars import BAR_SCHEMA, PRICES, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_stamp import Closes, day_closes, intraday_closes
from assay.sources.layouts import Stamp
from assay.sources.provider import Page

MILLI, SECOND = 1_000, 1_000_000
"""Microseconds in what providers count time in."""
FEW, SHARE = 10, 0.01
"""Up to 10 unreadable rows of an answer, or 1 % of them, are left out; more refuse the answer."""
NAMED = 3
EIGHT_DAYS = 8 * 1440 * MINUTE
"""Longer than any market rests between two days: an earlier row was not asked for."""
FOREVER = 8_000 * 366 * 1440 * MINUTE
"""Microseconds; a time so far from 1970 is none, and cannot be written down either."""
COLUMNS = ("opened", *PRICES, "volume")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one answer, column by column, as the provider wrote them.

    `opened` are opens of bars in microseconds since 1970 UTC (for day bars the midnight of the
    date they name, as if it were UTC); what cannot be read is None. `volume` is None where the
    provider publishes none.
    """

    opened: Sequence[int | None]
    open: Sequence[object]
    high: Sequence[object]
    low: Sequence[object]
    close: Sequence[object]
    volume: Sequence[object] | None

    def at(self, places: Sequence[int]) -> "Rows":
        """Return the rows at `places` alone."""

        def some(values: Sequence[object]) -> list[object]:
            return [values[place] for place in places]

        return Rows(
            [self.opened[place] for place in places],
            some(self.open),
            some(self.high),
            some(self.low),
            some(self.close),
            None if self.volume is None else some(self.volume),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer was to: bars that closed after `start`, by `end`, and by `at` on the clock.

    `who` is the provider's name for people.
    """

    who: str
    instrument: Instrument
    timeframe: Timeframe
    start: datetime
    end: datetime
    at: datetime


def picked(rows: object, fields: Sequence[str | int], who: str) -> list[list[object]]:
    """Return the columns `fields` of `rows`, which are objects or lists; what is missing is None.

    Anything but a list of such rows is a `DataError`.
    """
    if not isinstance(rows, list):
        raise DataError(f"{who} answered with {_kind(rows)} where a list of bars was expected")
    return [[_field(row, field) for row in rows] for field in fields]


def instants(values: Sequence[object], unit: int) -> list[int | None]:
    """Return times counted in `unit` microseconds since 1970 as microseconds; else None."""
    return [
        value * unit
        if isinstance(value, int) and not isinstance(value, bool) and abs(value * unit) < FOREVER
        else None
        for value in values
    ]


def candles(rows: Sequence[Sequence[Any]]) -> Rows:
    """Return the rows of [opened in milliseconds, open, high, low, close, volume], by column."""
    opened, *rest = ([row[at] for row in rows] for at in range(6))
    return Rows(instants(opened, MILLI), *rest)


def named_instants(values: Sequence[object], zone: tzinfo = UTC) -> list[int | None]:
    """Return ISO 8601 times as microseconds since 1970; one without a zone is of `zone`."""
    return [_named_instant(value, zone) for value in values]


def page_of(rows: Rows, asked: Asked, *, more: bool, notes: Sequence[Note] = ()) -> Page:
    """Return the page that an answer is.

    `more` says that the answer was cut because it was full: then it holds up to its last bar.
    Left out, with a note: rows that cannot be bars (many of them refuse the answer), times off the
    grid, bars wholly in hours in which the market is closed, exact copies, and both of two rows
    that contradict each other. Rows out of order are put in order, with a note. What was not asked
    for and what is still open goes without one.
    """
    told = list(notes)
    frame = _readable(rows, asked, told)
    frame, last = _stamped(frame, asked, told)
    through = min(asked.end, asked.at)
    frame = frame.filter(pl.col("time") > asked.start, pl.col("time") <= through)
    frame = _once(frame, asked, told)
    if more:
        if last is None or last <= asked.start:
            raise DataError(
                f"{asked.who} answered for {_what(asked)} with a full page that holds no bar after "
                f"{asked.start:%Y-%m-%d %H:%M} UTC; nothing was taken"
            )
        through = min(through, last)
    bars = Bars(asked.instrument, asked.timeframe, frame.select(list(BAR_SCHEMA)))
    current = not more and asked.at < asked.end
    return Page(bars, tuple(told), max(through, asked.start), current=current)


def _readable(rows: Rows, asked: Asked, told: list[Note]) -> pl.DataFrame:
    count = len(rows.opened)
    columns: dict[str, npt.NDArray[np.float64]] = {
        name: _numbers(getattr(rows, name)) for name in PRICES
    }
    volume = np.zeros(count) if rows.volume is None else _numbers(rows.volume)
    known = np.array([at is not None for at in rows.opened], dtype=np.bool_)
    opened = np.array([at or 0 for at in rows.opened], dtype=np.int64)
    prices = np.array([columns[name] for name in PRICES]).reshape(len(PRICES), count)
    top, bottom = columns["high"], columns["low"]
    with np.errstate(invalid="ignore"):
        fine = known & np.isfinite(prices).all(axis=0) & (prices > 0).all(axis=0)
        fine &= (prices <= top).all(axis=0) & (prices >= bottom).all(axis=0)
        fine &= np.isfinite(volume) & (volume >= 0)
    wrong = np.flatnonzero(~fine)
    if len(wrong):
        said = "; ".join(_shown(rows, int(at)) for at in wrong[:NAMED])
        sentence = (
            f"{asked.who} answered for {_what(asked)} with {count:,} rows, {len(wrong):,} of which "
            f"cannot be bars ({said})"
        )
        if len(wrong) > max(FEW, SHARE * count) or len(wrong) == count:
            raise DataError(f"{sentence}; nothing was taken")
        told.append(Note("unreadable_row", f"{sentence}; they were left out"))
    frame = pl.DataFrame({"opened": opened, **columns, "volume": volume})
    return frame.filter(pl.Series(fine, dtype=pl.Boolean))


def _stamped(
    frame: pl.DataFrame, asked: Asked, told: list[Note]
) -> tuple[pl.DataFrame, datetime | None]:
    """Return the rows with `time`, the close of the bar, and the last close of the answer."""
    market = calendar(asked.instrument.calendar)
    if not asked.timeframe.is_intraday:  # a whole history may begin before the sessions known
        known = micro(datetime.combine(market.first, time(), UTC))
        before = max(known, micro(asked.start) - EIGHT_DAYS)
        frame = frame.filter(pl.col("opened") >= before)
    opened = frame["opened"].to_numpy()
    closes = _closes(opened, asked, market)
    good = closes.known.copy()
    if not good.all():
        at = int(np.flatnonzero(~good)[0])
        told.append(
            Note(
                "off_grid",
                f"{int((~good).sum()):,} bars of {asked.who} for {_what(asked)} were left out, the "
                f"first of {_moment(int(opened[at]))}: {closes.reasons[at]}",
            )
        )
    last = moment_of(int(closes.values[good].max())) if good.any() else None
    if asked.timeframe.is_intraday and asked.instrument.asset_class is not AssetClass.CRYPTO:
        length = asked.timeframe.minutes * MINUTE
        shut = good & ~overlaps(market.table, closes.values - length, closes.values)
        if shut.any():
            told.append(
                Note(
                    "outside_hours",
                    f"{int(shut.sum()):,} bars of {asked.who} for {_what(asked)} lie in hours in "
                    f"which {market.name} is closed and were left out",
                )
            )
            good &= ~shut
    times = pl.Series(closes.values).cast(BAR_SCHEMA["time"])
    return frame.with_columns(time=times).filter(pl.Series(good, dtype=pl.Boolean)), last


def _closes(opened: Micros, asked: Asked, market: Calendar) -> Closes:
    kind = asked.instrument.asset_class
    if asked.timeframe.is_intraday or kind is AssetClass.CRYPTO:  # a day of coins is one of UTC
        return intraday_closes(opened, asked.timeframe, Stamp.OPEN)
    if kind in (AssetClass.FX, AssetClass.METAL):
        return next_day_closes(opened, market)
    return day_closes(opened, None, asked.instrument, market, are_dates=True)


def next_day_closes(opened: Micros, market: Calendar) -> Closes:
    """Return for each UTC day the first close of the market's own day at or after its end.

    Providers' days of currencies end at midnight, two or three hours after 17:00 New York: stamped
    with the close before, a bar would hold what happened after it. So it gets the next one, and is
    most of a day old then; two bars that meet there (over a weekend) leave the later.
    """
    ends = opened + 1440 * MINUTE
    table = market.table
    index = np.searchsorted(table.day_closes, ends)
    inside = index < len(table.day_closes)
    values = table.day_closes[np.minimum(index, len(table.day_closes) - 1)]
    later = np.append(values[1:] != values[:-1], np.True_)
    reasons = {int(i): "a later day closes at the same time" for i in np.flatnonzero(~later)}
    return Closes(values, inside & later, reasons, ())


def _once(frame: pl.DataFrame, asked: Asked, told: list[Note]) -> pl.DataFrame:
    """Return the rows in order, each time once."""
    if not frame["time"].is_sorted():
        frame = frame.sort("time", maintain_order=True)
        said = f"The rows of {asked.who} for {_what(asked)} were not in order and were sorted"
        told.append(Note("reordered", said))
    if frame["time"].is_unique().all():
        return frame
    single = frame.unique(["time", *PRICES, "volume"], keep="first", maintain_order=True)
    torn = single.filter(pl.col("time").is_duplicated())
    copies = frame.height - single.height
    if copies:
        said = f"{copies:,} rows of {asked.who} for {_what(asked)} came twice"
        told.append(Note("copies", said))
    if torn.height:
        times = torn["time"].unique().sort()
        said = (
            f"{asked.who} gave two different bars of {_what(asked)} at {times.len():,} times, "
            f"first at {times[0]:%Y-%m-%d %H:%M} UTC; neither was taken"
        )
        told.append(Note("conflict", said))
    return single.filter(~pl.col("time").is_duplicated())


def _numbers(values: Sequence[object]) -> npt.NDArray[np.float64]:
    """Return numbers and texts of numbers as floats, anything else as NaN."""
    return np.array([_number(value) for value in values], dtype=np.float64)


def _number(value: object) -> float:
    if isinstance(value, float):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        return float("nan")
    try:
        return float(value)
    except (ValueError, OverflowError):
        return float("nan")


def _field(row: object, field: str | int) -> object:
    if isinstance(row, Mapping):
        return row.get(field)
    if isinstance(row, list) and isinstance(field, int) and field < len(row):
        return row[field]
    return None


def _named_instant(value: object, zone: tzinfo) -> int | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if found is None else micro(found if found.tzinfo else found.replace(tzinfo=zone))


def _shown(rows: Rows, at: int) -> str:
    values = [rows.opened[at], *(getattr(rows, name)[at] for name in PRICES)]
    return ", ".join(repr(value)[:24] for value in values)


def _what(asked: Asked) -> str:
    return f"{asked.instrument.symbol} {asked.timeframe}"


def _moment(value: int) -> str:
    return f"{moment_of(value):%Y-%m-%d %H:%M} UTC"


def _kind(value: object) -> str:
    """Return in a word what a JSON value is."""
    names = {dict: "an object", str: "a text", int: "a number", float: "a number", bool: "a truth"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
