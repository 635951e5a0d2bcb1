"""Markets that follow a rule instead of a table: FX, metals over the counter, crypto.

FX: Sunday 17:00 to Friday 17:00 New York without a break; a day closes 17:00 New York. The days of
Christmas (25 December) and New Year (1 January) are closed, from 17:00 the evening before.

METAL: as FX with the daily break 17:00-18:00 New York. Holidays are those of CME's Globex, from the
frozen table of CMES: closed on New Year, Good Friday and Christmas (as observed); on the other US
holidays trading stops at 13:00 New York, and at 13:45 on the Friday after Thanksgiving and on
24 December (gold's own hours; checked against published minute bars). The day's bar is still
stamped 17:00 New York. One-off closures of the equity futures (mourning) do not bind metals. Where
the table of CMES does not reach (before 2007, after 2027) only the rule of FX is left, and that is
said.

CRYPTO: always open; a day runs from 00:00 to 24:00 UTC and is named by the date it opened on.
"""

from datetime import date, timedelta

import polars as pl

from assay.core.calendars.frozen import frozen_days
from assay.core.calendars.table import (
    CLOSED_SCHEMA,
    DAY_SCHEMA,
    Days,
    usual_days,
    weekdays,
)

FIRST, LAST = date(1990, 1, 1), date(2049, 12, 31)
NEW_YORK = "America/New_York"


def rule_days(name: str) -> Days:
    """Return the days of FX, METAL or CRYPTO in the market's local time."""
    return {"FX": _fx, "METAL": _metal, "CRYPTO": _crypto}[name]()


def _fx() -> Days:
    closed = _christmas_and_new_year()
    days = usual_days(weekdays(FIRST, LAST), "17:00", "17:00", open_day=-1)
    rule = "the rule of FX: Sunday 17:00 to Friday 17:00 New York"
    return Days("FX", NEW_YORK, FIRST, LAST, days.join(closed, on="date", how="anti"), closed, rule)


def _metal() -> Days:
    futures = frozen_days("CMES")
    named = ("New Year's Day", "Good Friday", "Christmas")
    covered = pl.col("date").is_between(futures.first, futures.last)
    closed = pl.concat(
        [
            futures.closed.filter(pl.col("name").is_in(named)),
            _christmas_and_new_year().filter(~covered),
        ]
    )
    early = futures.days.filter(pl.col("note") == "early close").select(
        "date", stop=_early_stop(), early=pl.lit("early close")
    )
    days = (
        usual_days(weekdays(FIRST, LAST), "18:00", "17:00", open_day=-1)
        .join(closed, on="date", how="anti")
        .join(early, on="date", how="left", maintain_order="left")
        .with_columns(close=pl.coalesce("stop", "close"), note=pl.coalesce("early", "note"))
        .select(list(DAY_SCHEMA))
    )
    return Days(
        "METAL",
        NEW_YORK,
        FIRST,
        LAST,
        days,
        closed,
        "the rule of FX with a daily break 17:00-18:00 New York and the US holidays of CMES",
        degraded_after=futures.last,
        degraded=f"US holidays and early closes are not known after {futures.last}",
    )


def _early_stop() -> pl.Expr:
    day = pl.col("date")
    eve = (day.dt.month() == 12) | ((day.dt.month() == 11) & (day.dt.weekday() == 5))
    minutes = pl.when(eve).then(13 * 60 + 45).otherwise(13 * 60)
    return day.cast(pl.Datetime("us")) + pl.duration(minutes=minutes)


def _crypto() -> Days:
    every = pl.date_range(FIRST, LAST, "1d", eager=True).alias("date")
    days = usual_days(every, "00:00", "00:00").with_columns(
        pl.col("close", "day_close") + timedelta(days=1)
    )
    return Days("CRYPTO", "UTC", FIRST, LAST, days, CLOSED_SCHEMA.to_frame(), "always open")


def _christmas_and_new_year() -> pl.DataFrame:
    every = weekdays(FIRST, LAST)
    month, day = pl.col("date").dt.month(), pl.col("date").dt.day()
    name = (
        pl.when((month == 12) & (day == 25))
        .then(pl.lit("Christmas"))
        .when((month == 1) & (day == 1))
        .then(pl.lit("New Year's Day"))
    )
    return pl.DataFrame({"date": every}).with_columns(name=name).drop_nulls()
