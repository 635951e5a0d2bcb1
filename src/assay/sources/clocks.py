"""The clocks that bar files are written in, and the UTC that follows from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import Micros
from assay.core.errors import SettingsError

HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
HOW = (
    "a clock is an IANA zone (America/New_York), one moved by hours (America/New_York+7h), a fixed "
    'UTC+2, or several in turn ("Europe/Berlin until 2014-11-22, Europe/Athens")'
)
_FIXED = re.compile(r"^(?:UTC|GMT)([+-]\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
_MOVED = re.compile(r"^([A-Za-z]+(?:/[A-Za-z_+-]+)*)([+-]\d{1,2})h$")
_UNTIL = re.compile(r"^(.*\S)\s+until\s+(\d{4}-\d{2}-\d{2})$", re.IGNORECASE)
_SHORT = {"EST": "UTC-5", "EET": "Europe/Athens", "CET": "Europe/Berlin", "GMT": "UTC", "Z": "UTC"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock on a wall: the local time of `zone`, moved by `shift` microseconds."""

    name: str
    zone: str
    shift: int = 0

    def utc(self, local: Micros) -> tuple[Micros, npt.NDArray[np.bool_]]:
        """Return local times, in the order they were written, as UTC, and which of them exist.

        An hour that a clock shows twice is the first of the two until the times step back in it.
        An hour that it skips does not exist.
        """
        if self.zone == "UTC":
            return local - self.shift, np.ones(len(local), dtype=np.bool_)
        naive = pl.Series(local - self.shift).cast(pl.Datetime("us"))
        first, second = (
            naive.dt.replace_time_zone(self.zone, ambiguous=which, non_existent="null")
            for which in ("earliest", "latest")
        )
        known = first.is_not_null().to_numpy()
        early, late = (s.dt.epoch("us").fill_null(0).to_numpy() for s in (first, second))
        return np.where(_stepped_back(local, early != late), late, early), known


@dataclass(frozen=True, slots=True)
class Clocks:
    """Clocks in turn: `clocks[k]` holds for local times before `until[k]`, the last for more."""

    clocks: tuple[Clock, ...]
    until: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Return what `parse_clock` makes the same of."""
        days = [f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d}" for at in self.until]
        first = [f"{c.name} until {day}" for c, day in zip(self.clocks, days, strict=False)]
        return ", ".join([*first, self.clocks[-1].name])

    def utc(self, local: Micros) -> tuple[Micros, npt.NDArray[np.bool_]]:
        """Return local times as UTC, and which of them exist; see `Clock.utc`."""
        turn = np.searchsorted(np.array(self.until, dtype=np.int64), local, side="right")
        values, known = np.zeros_like(local), np.zeros(len(local), dtype=np.bool_)
        for place, clock in enumerate(self.clocks):
            rows = turn == place
            values[rows], known[rows] = clock.utc(local[rows])
        return values, known


def hours_in(zone: str, at: Micros) -> npt.NDArray[np.int64]:
    """Return the hour that clocks in `zone` show at UTC times."""
    times = pl.Series(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return times.dt.convert_time_zone(zone).dt.hour().to_numpy().astype(np.int64)


def _stepped_back(local: Micros, twice: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which ambiguous times come after a step back inside their run of such times."""
    later = np.zeros(len(local), dtype=np.bool_)
    places = np.flatnonzero(twice)
    if not len(places):
        return later
    runs = np.cumsum(np.concatenate([[0], np.diff(local[places]) > 12 * HOUR]))
    for run in np.unique(runs):
        own = places[runs == run]
        steps = np.concatenate([[0], np.diff(local[own]) <= 0])
        later[own] = np.cumsum(steps) > 0
    return later


def parse_clock(text: str) -> Clocks:
    """Return the clock called `text`; see `HOW` for what may be said."""
    clocks, until = [], []
    parts = [part.strip() for part in text.split(",")]
    for number, part in enumerate(parts, 1):
        found = _UNTIL.match(part)
        if (found is None) != (number == len(parts)):
            raise SettingsError(f"{text!r} is no clock: all but the last end in until DATE; {HOW}")
        name, day = found.groups() if found else (part, None)
        clocks.append(_clock(name))
        if day:
            until.append(_micros_of(day))
    if any(later <= earlier for earlier, later in pairwise(until)):
        raise SettingsError(f"{text!r} is no clock: its dates do not rise; {HOW}")
    return Clocks(tuple(clocks), tuple(until))


def _micros_of(day: str) -> int:
    try:
        return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1_000_000)
    except ValueError:
        raise SettingsError(f"{day!r} is no date; {HOW}") from None


def _clock(text: str) -> Clock:
    name = _SHORT.get(text.upper(), text)
    if name.upper() == "UTC":
        return Clock("UTC", "UTC")
    fixed = _FIXED.match(name)
    if fixed:
        hours, minutes = int(fixed[1]), int(fixed[2] or 0)
        east = hours * 60 + (minutes if hours >= 0 else -minutes)
        return fixed_clock(east)
    moved = _MOVED.match(name)
    zone, hours = (moved[1], int(moved[2])) if moved else (name, 0)
    zone = _SHORT.get(zone.upper(), zone)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"No clock is called {text!r}; {HOW}") from None
    return Clock(f"{zone}{hours:+d}h" if hours else zone, zone, hours * HOUR)


def fixed_clock(minutes: int) -> Clock:
    """Return the clock that is always so many minutes east of UTC."""
    if not -14 * 60 <= minutes <= 14 * 60:
        raise SettingsError(f"UTC{minutes / 60:+g} is no clock on earth; {HOW}")
    if not minutes:
        return Clock("UTC", "UTC")
    hours, rest = divmod(abs(minutes), 60)
    name = f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02d}" if rest else "")
    return Clock(name, "UTC", minutes * MINUTE)


KNOWN_CLOCKS: Sequence[Clock] = (
    Clock("UTC", "UTC"),
    *(
        _clock(name)
        for name in (
            "America/New_York",
            "Europe/Athens",
            "America/New_York+7h",
            "Europe/Berlin",
            "Europe/London",
            "Europe/London-5h",
            "America/Chicago",
            "Asia/Tokyo",
            "Asia/Kolkata",
            "Asia/Hong_Kong",
            "Australia/Sydney",
            "Europe/Moscow",
        )
    ),
    *(fixed_clock(60 * hours) for hours in range(-12, 15) if hours),
)
"""Tried on a file that does not say: what brokers, publishers and exchanges write in."""
