"""Longer bars out of shorter ones, stamped with their close and never before it."""

import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE, covered, day_ends, utc_micros
from assay.core.errors import SettingsError
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe


def resample(bars: Bars, to: Timeframe, calendar: Calendar) -> Bars:
    """Return `bars` as bars of the longer timeframe `to`: first, max, min, last, sum.

    Intraday bars sit on the grid anchored at 00:00 UTC. A day bar is stamped with the day's close
    in `calendar`, and holds the bars whose last open minute lies in that day: where the shorter
    bars do not nest in the day (4h bars in an FX day) the one that straddles the close goes to the
    next day, so that nothing known later gets in. A bar is given out only when a shorter bar has
    reached its end: every prefix of `bars` gives a prefix of the result. A gap stays a gap; a long
    bar of which some parts are missing is made of the parts there are.

    `SettingsError` where `to` is shorter or not a multiple; `HistoryError` where a day bar is
    asked for outside the calendar.
    """
    if to is bars.timeframe:
        return bars
    name = f"{bars.instrument.symbol} {bars.timeframe}"
    if to.minutes < bars.timeframe.minutes or to.minutes % bars.timeframe.minutes:
        raise SettingsError(
            f"{name} bars cannot be made into {to} bars: {to.minutes} minutes are not a multiple "
            f"of {bars.timeframe.minutes}"
        )
    if not len(bars):
        return Bars(bars.instrument, to, bars.frame)
    stamps = utc_micros(bars.frame["time"])
    if to.is_intraday:
        length = to.minutes * MINUTE
        ends = -(-stamps // length) * length
    else:
        covered(calendar.table, stamps)
        ends = day_ends(calendar.table, stamps, bars.timeframe)
    frame = (
        bars.frame.with_columns(end=pl.Series(ends))
        .filter(pl.col("end") <= int(stamps[-1]))
        .group_by("end", maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
        .with_columns(time=pl.col("end").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    )
    return Bars(bars.instrument, to, frame.select(list(BAR_SCHEMA)))
