"""Which end of the bar a file's times name, and the UTC close that follows from it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE, covered, overlaps
from assay.core.calendars.table import Micros, micros, moment_of
from assay.core.errors import DataError, SettingsError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.layouts import Stamp

ENOUGH = 2
"""So many stretches of open time have to agree before the calendar is believed,"""
MOST = 0.5
"""such a share of the stretches that hold bars,"""
CLEAR = 0.9
"""and such a share of those that speak for either end."""
STRAY = 0.01
"""Such a share of bars outside the market's hours is no sign of another clock."""
DAY = 1440 * MINUTE
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Closes:
    """`values` are closes in microseconds since 1970 UTC where `known`; `reasons` says why not."""

    values: Micros
    known: npt.NDArray[np.bool_]
    reasons: dict[int, str]
    notes: tuple[Note, ...]


def usual_step(times: pl.Series) -> tuple[Timeframe | None, float]:
    """Return the timeframe whose length is the usual step of `times`, and its share of the steps.

    Of equal steps the shortest counts; a day's may be off by an hour. None where no timeframe is
    so long, or there is no step at all.
    """
    steps = np.diff(np.sort(micros(times)))
    steps = steps[steps > 0]
    if not len(steps):
        return None, 0.0
    found, counts = np.unique(steps, return_counts=True)
    usual = int(found[np.argmax(counts)])
    share = float(counts.max() / counts.sum())
    fits = (t for t in Timeframe if abs(usual - t.minutes * MINUTE) <= _slack(t))
    return next(fits, None), share


def _slack(timeframe: Timeframe) -> int:
    return 0 if timeframe.is_intraday else 60 * MINUTE


def check_step(times: Micros, timeframe: Timeframe, where: str) -> tuple[Note, ...]:
    """Refuse times whose usual step is not the timeframe's; of equal steps the shortest counts.

    A day's step may be off by an hour, for clocks change. A single row has no step, and is noted.
    """
    steps = np.diff(np.sort(times))
    steps = steps[steps > 0]
    if not len(steps):
        return (Note("one_row", f"With one row nothing shows that the bars are {timeframe} bars"),)
    found, counts = np.unique(steps, return_counts=True)
    usual = int(found[np.argmax(counts)])
    if abs(usual - timeframe.minutes * MINUTE) > _slack(timeframe):
        share = counts.max() / counts.sum()
        raise DataError(
            f"{where} was said to hold {timeframe} bars, but its usual step is "
            f"{_length(usual)} ({share:.0%} of {len(steps):,} steps)"
        )
    return ()


def _length(step: int) -> str:
    minutes = step / MINUTE
    known = {t.minutes: str(t) for t in Timeframe}
    return known.get(int(minutes), "") if minutes in known else f"{minutes:g} minutes"


def decide(
    asked: Stamp | None, told: Stamp | None, times: Micros, timeframe: Timeframe, market: Calendar
) -> tuple[Stamp | None, tuple[Note, ...]]:
    """Return which end the times name: what the person said, else the layout, else the calendar.

    None where nothing tells. A person's word holds even against the calendar, with a note; a
    layout that the calendar contradicts is `SettingsError`.
    """
    shown, said = evidence(times, timeframe, market)
    if asked is not None:
        doubt = shown is not None and shown is not asked
        note = Note("stamp_doubt", f"The times were said to be bar {asked}s, but {said}")
        return asked, (note,) if doubt else ()
    if told is not None and shown is not None and told is not shown:
        raise SettingsError(
            f"The layout says that times are bar {told}s, but {said}: say which with --stamp "
            "open or --stamp close"
        )
    if told is not None:
        return told, (Note("stamp", f"The layout says that times are bar {told}s"),)
    if shown is not None:
        return shown, (Note("stamp", f"Times were taken as bar {shown}s: {said}"),)
    return None, ()


def evidence(times: Micros, timeframe: Timeframe, market: Calendar) -> tuple[Stamp | None, str]:
    """Return what the market's hours show, and a sentence that says it.

    Bars stamped at their open fill a stretch of open time from its first grid step to the last
    but one; bars stamped at their close are one step later at both ends. Stretches that the times
    fill exactly in one of the two ways are counted. At least `ENOUGH`, `MOST` of all stretches
    with bars and `CLEAR` of the two counts must agree: a file in another clock than UTC fills few
    of them, and a market that never closes none, so that neither shows anything.
    """
    length = timeframe.minutes * MINUTE
    starts, ends = _stretches(market, times, length)
    there = np.sort(times)
    fits = {}
    for stamp, shift in ((Stamp.OPEN, 0), (Stamp.CLOSE, length)):
        first, last = starts + shift, ends - length + shift
        exact = _holds(there, first) & _holds(there, last)
        exact &= ~_holds(there, first - length) & ~_holds(there, last + length)
        fits[stamp] = int(exact.sum())
    busy = int((np.searchsorted(there, ends) > np.searchsorted(there, starts)).sum())
    both = sum(fits.values())
    said = (
        f"of {busy:,} stretches of open time of {market.name} they fill {fits[Stamp.OPEN]:,} as "
        f"bar opens do and {fits[Stamp.CLOSE]:,} as bar closes do"
    )
    for stamp, count in fits.items():
        if count >= ENOUGH and count >= MOST * busy and count >= CLEAR * both:
            return stamp, said
    return None, said


def open_stretches(market: Calendar, length: int) -> tuple[Micros, Micros]:
    """Return starts and ends of open time on the grid of the bars, those that touch joined."""
    starts = market.table.from_ // length * length
    ends = -(-market.table.until // length) * length
    apart = starts[1:] > ends[:-1]
    return starts[np.concatenate([[True], apart])], ends[np.concatenate([apart, [True]])]


def _stretches(market: Calendar, times: Micros, length: int) -> tuple[Micros, Micros]:
    """Return the stretches of open time that lie within the times, widened to the bars' grid."""
    starts, ends = open_stretches(market, length)
    if not len(times):
        return starts[:0], ends[:0]
    inside = (starts >= times.min()) & (ends <= times.max())
    return starts[inside], ends[inside]


def _holds(there: Micros, wanted: Micros) -> npt.NDArray[np.bool_]:
    return _matching(there, wanted)[1]


def outside_hours(closes: Micros, timeframe: Timeframe, market: Calendar) -> tuple[Note, ...]:
    """Return a note if some bars lie wholly in hours in which the market is closed.

    Above `STRAY` of the bars the clock is doubted; fewer are what a feed sends before and after
    the hours.
    """
    length = timeframe.minutes * MINUTE
    outside = closes[~overlaps(market.table, closes - length, closes)]
    if not len(outside):
        return ()
    first, last = (f"{moment_of(int(at)):%Y-%m-%d %H:%M}" for at in (outside.min(), outside.max()))
    said = (
        f"{len(outside):,} of {len(closes):,} bars lie in hours in which {market.name} is closed, "
        f"their closes from {first} to {last} UTC"
    )
    if len(outside) > STRAY * len(closes):
        return (Note("outside_hours", f"{said}; were the times in UTC?"),)
    return (Note("outside_hours", f"{said}; they were kept"),)


def cannot_tell(where: str, column: str, market: Calendar) -> SettingsError:
    """Return the error that asks the person which end of the bar the times name."""
    return SettingsError(
        f"{where} does not tell whether its column {column!r} holds the open or the close of the "
        f"bars (the hours of {market.name} do not show it): say which with --stamp open or "
        "--stamp close"
    )


def intraday_closes(times: Micros, timeframe: Timeframe, stamp: Stamp) -> Closes:
    """Return the close of each bar; a time off the grid of the timeframe has none.

    Close times of the form 12:59:59.999 (the last instant of the bar) count as the full second.
    """
    length = timeframe.minutes * MINUTE
    notes: tuple[Note, ...] = ()
    if stamp is Stamp.CLOSE:
        left = SECOND - times % SECOND
        almost = left <= 1000
        if almost.any():
            times = np.where(almost, times + left, times)
            said = (
                f"In {int(almost.sum()):,} rows the close was one instant short and was rounded up"
            )
            notes = (Note("last_instant", said),)
    else:
        times = times + length
    off = np.flatnonzero(times % length)
    reasons = {int(i): f"its time is not on the {timeframe} grid from 00:00 UTC" for i in off}
    return Closes(times, times % length == 0, reasons, notes)


def day_closes(
    times: Micros, stamp: Stamp | None, instrument: Instrument, market: Calendar, *, are_dates: bool
) -> Closes:
    """Return the close of each day bar, on the calendar of the instrument.

    Bars that name a date (or open at its midnight) get the close of that day; bars that open or
    close at another time get the close of the day they lie in. An FX or metal day ends 17:00 New
    York while many providers end it elsewhere, so a bare date is believed only when the person
    says that it closes so: otherwise `SettingsError`, for such a bar may hold hours after its
    stamp. A date on which the market has no day has no close.
    """
    table = market.table
    covered(table, times)
    midnight = bool((times % DAY == 0).all())
    kind = instrument.asset_class
    if midnight and kind in (AssetClass.FX, AssetClass.METAL) and stamp is not Stamp.CLOSE:
        raise SettingsError(
            f"The day bars of {instrument.symbol} are stamped at midnight, but its day closes "
            "17:00 New York: say --stamp close if each date names the day that closes so, else "
            "import hourly bars and resample them"
        )
    exact_close = kind is AssetClass.CRYPTO and stamp is Stamp.CLOSE and not are_dates
    named = midnight and not exact_close
    if named:
        dates = table.sessions["date"].cast(pl.Int64).to_numpy() * DAY
        index, there = _matching(dates, times)
        why = f"{market.name} has no session on that date"
    elif stamp is Stamp.OPEN:
        index = np.searchsorted(table.opens, times, side="right") - 1
        there = (index >= 0) & (table.closes[np.maximum(index, 0)] > times)
        why = f"{market.name} was closed then"
    else:
        index, there = _matching(table.day_closes, times)
        why = f"no day of {market.name} closes then"
    index = np.clip(index, 0, len(table.day_closes) - 1)
    reasons = {int(i): why for i in np.flatnonzero(~there)}
    notes: tuple[Note, ...] = ()
    if named:
        said = f"Each date was taken as the day of {market.name} that it names"
        notes = (Note("named_days", said),)
    return Closes(table.day_closes[index], there, reasons, notes)


def _matching(sorted_values: Micros, wanted: Micros) -> tuple[Micros, npt.NDArray[np.bool_]]:
    """Return where each wanted value stands, and whether it is there."""
    index = np.searchsorted(sorted_values, wanted)
    return index, sorted_values[np.minimum(index, len(sorted_values) - 1)] == wanted
