"""When a market is open: `calendar("XNYS")` answers for one moment or for a million stamps."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from assay.core.calendars import grid
from assay.core.calendars.frozen import EXCHANGES, frozen_days
from assay.core.calendars.overrides import overridden
from assay.core.calendars.rules import rule_days
from assay.core.calendars.table import Table, laid_out, micro, moment_of
from assay.core.clock import utc
from assay.core.errors import HistoryError
from assay.core.names import unknown
from assay.core.values.timeframe import Timeframe

RULES = ("FX", "METAL", "CRYPTO")
CALENDARS = (*RULES, *EXCHANGES)
"""The names an instrument's `calendar` may have."""


def calendar(name: str, overrides: Path | None = None) -> "Calendar":
    """Return the calendar called `name`; `overrides` is a person's file of corrections.

    `NotFoundError` for a name nobody knows, listing those there are.
    """
    known = name.strip().upper()
    if known not in CALENDARS:
        raise unknown("calendar", name, CALENDARS)
    if overrides is None:
        return _plain(known)
    days = rule_days(known) if known in RULES else frozen_days(known)
    return Calendar(laid_out(overridden(days, overrides)))


@lru_cache(maxsize=len(CALENDARS))
def _plain(name: str) -> "Calendar":
    return Calendar(laid_out(rule_days(name) if name in RULES else frozen_days(name)))


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The opening times of one market.

    All moments are aware; all answers are UTC. A market is open from `open` up to, not including,
    `close`. Exchanges are known from 2007 to 2027, rules from 1990 to 2049; a question outside is
    `HistoryError`. Where only part of a rule is known, `degraded(moment)` says what is missing.
    """

    table: Table

    @property
    def name(self) -> str:
        """Return the name it was asked for by."""
        return self.table.name

    @property
    def zone(self) -> str:
        """Return the IANA zone of the market's local time."""
        return self.table.zone

    @property
    def first(self) -> date:
        """Return the first date it knows."""
        return self.table.first

    @property
    def last(self) -> date:
        """Return the last date it knows."""
        return self.table.last

    def degraded(self, moment: datetime) -> str | None:
        """Return what is not known of the market at `moment`, or None."""
        after = self.table.degraded_after
        if after is None or self._local(moment).date() <= after:
            return None
        return self.table.degraded

    def is_open(self, moment: datetime) -> bool:
        """Say whether trading is on at `moment`; a break is closed."""
        value = self._known(moment)
        last = int(np.searchsorted(self.table.from_, value, side="right")) - 1
        return last >= 0 and value < int(self.table.until[last])

    def are_open(self, times: pl.Series) -> pl.Series:
        """Say of each of `times` (UTC) whether trading is on then, as `is_open` does: Boolean."""
        stamps = grid.utc_micros(times)
        grid.covered(self.table, stamps)
        return pl.Series("open", grid.overlaps(self.table, stamps, stamps + 1))

    def sessions(self, start: datetime, end: datetime) -> pl.DataFrame:
        """Return the sessions that are open at any time in `[start, end)`.

        Columns `date` (the market's name for the day), `open`, `close`, `day_close` (the stamp of
        the day's bar), `break_start`, `break_end` (null without a break), all UTC, and `note`
        ("early close" and the like, else null).
        """
        low, high = self._known(start), self._known(end)
        held = (self.table.closes > low) & (self.table.opens < high)
        return self.table.sessions.filter(pl.Series(held))

    def expected_closes(self, timeframe: Timeframe, start: datetime, end: datetime) -> pl.Series:
        """Return the closes of the bars that should exist, `start` and `end` included.

        An intraday bar should exist where any part of it is open time; its grid is anchored at
        00:00 UTC. A day bar closes with its day. The series is `time`, UTC microseconds.
        """
        return grid.expected_closes(self.table, timeframe, self._known(start), self._known(end))

    def holidays(self, start: date, end: date) -> pl.DataFrame:
        """Return `date`, `name` of weekdays without a session and of days with other hours.

        Both ends included; a closed day has the holiday's name or "closed", a day with other hours
        says which ("early close").
        """
        if start < self.first or end > self.last:
            raise HistoryError(
                f"The holidays of {self.name} are known from {self.first} to {self.last}; "
                f"asked for {start} to {end}"
            )
        other = self.table.sessions.filter(pl.col("note").is_not_null())
        both = pl.concat([self.table.closed, other.select("date", name="note")])
        return both.filter(pl.col("date").is_between(start, end)).sort("date")

    def next_open(self, moment: datetime) -> datetime:
        """Return the first time at or after `moment` at which the market is open."""
        value = self._known(moment)
        index = int(np.searchsorted(self.table.until, value, side="right"))
        if index >= len(self.table.from_):
            raise HistoryError(f"{self.name} does not open again before {self.last}, its last day")
        return moment_of(max(value, int(self.table.from_[index])))

    def next_close(self, moment: datetime) -> datetime | None:
        """Return the first time after `moment` at which trading stops; None if it never does.

        Days that follow one another without a break are one stretch: FX closes on Friday. A stretch
        that goes on to the calendar's last day has no close that it knows.
        """
        value = self._known(moment)
        begun = int(np.searchsorted(self.table.until, value, side="right"))
        stops = self.table.until[begun:-1] < self.table.from_[begun + 1 :]
        index = int(np.argmax(stops)) if stops.any() else None
        return None if index is None else moment_of(self.table.until[begun + index])

    def last_close(self, moment: datetime) -> datetime:
        """Return the last close of a day at or before `moment`: the newest day bar there can be."""
        index = int(np.searchsorted(self.table.day_closes, self._known(moment), side="right")) - 1
        if index < 0:
            raise HistoryError(f"{self.name} has no close before {self.first}, its first day")
        return moment_of(self.table.day_closes[index])

    def explain(self, moment: datetime) -> str:
        """Return one sentence: whether the market was open at `moment`, and why not."""
        said = self._open(moment) if self.is_open(moment) else self._closed(moment)
        missing = self.degraded(moment)
        return f"{said} ({missing})" if missing else said

    def trading_day(self, times: pl.Series, timeframe: Timeframe | None = None) -> pl.Series:
        """Return the day (`date`) that the bars closing at `times` belong to.

        With the bars' `timeframe`, a bar belongs to the day of its last open minute, so that an
        hour that runs past the close stays with its day; without, to the next day that closes at
        its stamp or after. A bar with no open time in it belongs to the next day that closes.
        """
        return grid.trading_day(self.table, times, timeframe)

    def calendar_columns(self, times: pl.Series, timeframe: Timeframe) -> pl.DataFrame:
        """Return what the calendar says at the close of each bar, all Float64, row for row.

        `minute_of_week` (UTC, Monday 00:00 = 0), `session_sydney session_tokyo session_london
        session_new_york` (1 if the centre is at its desks at the stamp), `minutes_open` since the
        day's open (at most the day's length), `minutes_to_close` (0 after it), `first_of_day` (the
        bar that holds the day's open; every day bar), `after_holiday` (all bars of the first day
        after a named holiday). The day is that of `trading_day(times, timeframe)`. Only the stamps
        and the calendar are used, never the other rows.
        """
        return grid.calendar_columns(self.table, times, timeframe)

    def _local(self, moment: datetime) -> datetime:
        return utc(moment).astimezone(ZoneInfo(self.zone))

    def _known(self, moment: datetime) -> int:
        value = micro(utc(moment, f"time asked of {self.name}"))
        grid.covered(self.table, np.array([value], dtype=np.int64))
        return value

    def _session(self, moment: datetime) -> dict[str, object] | None:
        """Return the session of `moment`: the one it is in, else the one of its local date."""
        at = utc(moment)
        within = (pl.col("open") <= at) & (pl.col("day_close") > at)
        named = pl.col("date") == self._local(moment).date()
        for rule in (within, named):
            found = self.table.sessions.filter(rule)
            if found.height:
                return found.row(0, named=True)
        return None

    def _open(self, moment: datetime) -> str:
        if self.name == "CRYPTO":
            return f"{self.name} was open at {_said(moment)}: it never closes"
        return f"{self.name} was open at {_said(moment)}: {self._hours(moment)}"

    def _closed(self, moment: datetime) -> str:
        day = self._closed_date(moment)
        named = self.table.closed.filter(pl.col("date") == day)
        if named.height:
            return f"{self.name} was closed on {day} ({named['name'][0]})"
        if self._session(moment) is None:
            return f"{self.name} was closed on {day} (weekend)"
        return f"{self.name} was closed at {_said(moment)}: {self._hours(moment)}"

    def _closed_date(self, moment: datetime) -> date:
        """Return the market's name for a moment without a session: its date, or the day it fell in.

        Where days open the evening before (FX, metal, futures), the evening counts to the next
        date if that is a holiday.
        """
        local = self._local(moment)
        if (self.table.sessions["open"][0]).astimezone(ZoneInfo(self.zone)).hour >= 12:
            evening = local.replace(hour=17, minute=0, second=0, microsecond=0)
            coming = local.date() + timedelta(days=1)
            if local >= evening and self.table.closed.filter(pl.col("date") == coming).height:
                return coming
        return local.date()

    def _hours(self, moment: datetime) -> str:
        session = self._session(moment)
        assert session is not None, "asked only where there is a session"
        said = f"the session of {session['date']} ran {_clock(session['open'])} to "
        said += f"{_clock(session['close'])} UTC"
        if session["break_start"] is not None:
            start, end = session["break_start"], session["break_end"]
            said += f" with a break {_clock(start)} to {_clock(end)}"
        return f"{said}, {session['note']}" if session["note"] else said


def _said(moment: datetime) -> str:
    return f"{utc(moment):%Y-%m-%d %H:%M} UTC"


def _clock(moment: object) -> str:
    assert isinstance(moment, datetime), "times of a session are times"
    return f"{utc(moment):%H:%M}"
