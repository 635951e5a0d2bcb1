"""The clock of a terminal's server: made out from its bars, never assumed, and read both ways.

Bars are stamped with their open as if the server's clock showed UTC. The clock is its broker's
choice, and changes to summer time with Europe or with America; a terminal tells only how far it is
ahead now.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros, micro, moment_of
from assay.core.errors import SettingsError
from assay.sources.clock_evidence import Verdict, by_hours
from assay.sources.clocks import DAY, HOUR, KNOWN_CLOCKS, WEEK, Clock, Clocks
from assay.sources.terminal.frames import TITLE

SECOND = 1_000_000
STEP = 15 * 60
"""Clocks are ahead of UTC by so many seconds, or several times that."""
SLACK = timedelta(hours=12)
"""So long before the first bar that shows a clock it is taken to hold, for others begin earlier."""
AHEAD = timedelta(days=400)
MARKET = Clock("America/New_York+7h", "America/New_York", 7 * HOUR)
"""On this clock a week of the market is one from Monday to Friday."""
MONDAY = 4 * DAY
ENOUGH, USUAL = 2, 0.8
"""Weeks at least, and the share of weeks in which the market closes at its usual hour."""
LATE = timedelta(days=3)
"""A terminal learns of a change of its server's clock with the next quote, after a weekend."""


def shown(clocks: Clocks, at: Micros) -> Micros:
    """Return what `clocks` show at UTC times."""
    values = np.zeros_like(at)
    open_yet = np.ones(len(at), dtype=np.bool_)
    for clock, until in zip(clocks.clocks, (*clocks.until, np.iinfo(np.int64).max), strict=True):
        local = _local(clock, at)
        rows = open_yet & (local < until)
        values[rows], open_yet = local[rows], open_yet & ~rows
    return values


def server_seconds(clocks: Clocks, moment: datetime) -> int:
    """Return what `clocks` show at `moment`, in seconds since 1970."""
    return int(shown(clocks, np.array([micro(moment)]))[0]) // SECOND


def opened(clocks: Clocks, seconds: Micros) -> tuple[Micros, npt.NDArray[np.bool_]]:
    """Return rising times of the server as UTC in microseconds, and which of them are certain.

    An hour that the clock shows twice is in a terminal's history once, and nobody knows which of
    the two it holds; an hour that it skips is not there at all.
    """
    local = seconds * SECOND
    values, known = clocks.utc(local)
    certain = known & (shown(clocks, values) == local) & (shown(clocks, values + HOUR) != local)
    return values, certain


def covered_until(clocks: Clocks, seconds: int) -> int:
    """Return the last UTC time (microseconds) by which all that shows up to `seconds` has passed.

    Of an hour that is shown twice it is the second; in one that is skipped, where it is skipped.
    """
    local = np.array([seconds * SECOND])
    values, known = clocks.utc(local)
    if not known[0]:
        before, _ = clocks.utc(local // HOUR * HOUR - HOUR)
        return int(before[0]) + HOUR
    again = values + HOUR
    return int(again[0] if shown(clocks, again)[0] == local[0] else values[0])


def seen(frame: pl.DataFrame, market: Calendar) -> Verdict:
    """Return what the hours of `market` show of hourly bars: `time` (rising), `high`, `low`."""
    spread = (frame["high"] / frame["low"]).log().to_numpy()
    return by_hours(frame["time"].to_numpy() * SECOND, spread, 60 * MINUTE, market)


def chosen(
    verdict: Verdict, times: Micros, offset: int | None, now: datetime, where: str
) -> tuple[Clocks, datetime | None]:
    """Return the clock that the bars at `times` (seconds, rising) show, and until when it holds.

    It is `offset` seconds ahead of UTC now. Clocks that have read the same so far count as one,
    until they part; None where they never do. `SettingsError` where no clock fits, where clocks do
    that have parted, or where the clock was changed on the way.
    """
    if verdict.changes:
        assert verdict.clock is not None
        raise SettingsError(
            f"{TITLE}: the clock of its server was changed on the way ({verdict.said}); if that is "
            f'so, say it in {where}: zone = "{verdict.clock.name}"'
        )
    named = verdict.clock.clocks if verdict.clock is not None else verdict.between
    found = [Clocks((one,)) for one in named]
    if not found:
        raise SettingsError(
            f"{TITLE}: nothing shows which clock its server writes in ({verdict.said}); say it in "
            f'{where}, for example zone = "Europe/Athens" or zone = "America/New_York+7h"'
        )
    local = times * SECOND
    found = [one for one in found if (_last_bars(one, local)[1] == 0).mean() >= USUAL]
    if not found:
        raise SettingsError(
            f"{TITLE}: nothing shows which clock its server writes in (on none the weeks end with "
            f'the market); say it in {where}, for example zone = "Europe/Athens"'
        )
    fitting = [one for one in _with_twins(found, times) if fits(one, offset, now)]
    if not fitting:
        raise SettingsError(
            f"{TITLE}: its bars say that the server's clock is {_named(found)}, but the terminal "
            f"says that it is {ahead(offset)} ahead of UTC now; set the clock of the terminal's "
            f'computer right, or say it in {where}: zone = "{found[0].name}"'
        )
    fitting = _by_last_bars(fitting, times)
    first, _ = found[0].utc(times[:1] * SECOND)
    apart = _parting(fitting, moment_of(first[0]) - SLACK, now)
    if apart is not None:
        raise SettingsError(
            f"{TITLE}: the server's clock may be {_named(fitting)}, for the bars fit them alike "
            f'({verdict.said}); say which in {where}: zone = "{fitting[0].name}"'
        )
    return fitting[0], _parting(fitting, now, now + AHEAD)


def _with_twins(found: Sequence[Clocks], times: Micros) -> list[Clocks]:
    """Return the clocks, and all known ones that read the same of the times as one of them."""
    local = times * SECOND
    read = {one.utc(local)[0].tobytes() for one in found}
    twins = [Clocks((one,)) for one in KNOWN_CLOCKS]
    twins = [one for one in twins if one not in found and one.utc(local)[0].tobytes() in read]
    return [*found, *twins]


def _by_last_bars(clocks: list[Clocks], times: Micros) -> list[Clocks]:
    """Leave out the clocks that move with New York where the last bars of the weeks do not.

    The market closes at an hour of New York. Servers that run with Europe often leave out the first
    hour of a week in which the two differ, so that it opens and closes alike on both clocks: an
    hour is missing at one end. On a clock of New York nothing moves in such weeks; so where in most
    of them (`USUAL`, of `ENOUGH`) the last bar comes as much earlier as the clocks differ, and in
    most others at its usual hour, the clock is Europe's.
    """
    theirs = [one for one in clocks if one.clocks[0].zone == MARKET.zone]
    others = [one for one in clocks if one not in theirs]
    if not theirs or not others:
        return clocks
    local = times * SECOND
    moved = others[0].utc(local)[0] - theirs[0].utc(local)[0]
    last, early = _last_bars(theirs[0], local)
    moved = moved[last]
    if (moved != 0).sum() < ENOUGH or (early[moved == 0] == 0).mean() < USUAL:
        return clocks
    return others if (early == moved)[moved != 0].mean() >= USUAL else clocks


def _last_bars(clocks: Clocks, local: Micros) -> tuple[npt.NDArray[np.int64], Micros]:
    """Return the places of the last bars of the weeks, and how much earlier each is than usual.

    Usual is the hour before the market closes, read on `clocks`. The week that runs has no end yet.
    """
    passed = _local(MARKET, clocks.utc(local)[0]) - MONDAY
    last = np.flatnonzero(np.diff(passed // WEEK) > 0)
    return last, 5 * DAY - HOUR - passed[last] % WEEK


def _parting(clocks: Sequence[Clocks], start: datetime, end: datetime) -> datetime | None:
    """Return the first hour from `start` to `end` at which the clocks show different times."""
    at = np.arange(micro(start) // HOUR * HOUR, micro(end), HOUR)
    times = np.array([shown(one, at) for one in clocks])
    apart = np.flatnonzero((times != times[0]).any(axis=0))
    return moment_of(at[apart[0]]) if len(apart) else None


def fits(clocks: Clocks, offset: int | None, now: datetime) -> bool:
    """Say whether a clock is `offset` seconds ahead of UTC, a minute or so more or less."""
    if offset is None:
        return True
    reckoned = round(offset / STEP) * STEP
    moments = np.array([micro(now), micro(now - LATE)])
    return reckoned in ((shown(clocks, moments) - moments) // SECOND).tolist()


def _local(clock: Clock, at: Micros) -> Micros:
    times = pl.Series(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    local = times.dt.convert_time_zone(clock.zone).dt.replace_time_zone(None)
    return local.dt.epoch("us").to_numpy() + clock.shift


def _named(clocks: Sequence[Clocks]) -> str:
    return " or ".join(one.name for one in clocks)


def ahead(offset: int | None) -> str:
    """Return in words how far a clock is ahead that is `offset` seconds ahead."""
    hours = round((offset or 0) / STEP) * STEP / 3_600
    return f"{hours:g} hour{'s' * (abs(hours) != 1)}"
