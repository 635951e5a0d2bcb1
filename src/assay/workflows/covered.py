"""How much of what the calendar expects is there: of a series, and at each of its bars."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import micros, moment_of
from assay.core.errors import HistoryError
from assay.core.values.bars import Bars
from assay.sources.quality.columns import runs

WINDOW = 200
"""Bars that the calendar expects: features and the ATR look back no further than a few hundred."""


DAY = 86_400_000_000
"""One day in microseconds."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of expected bars that are missing: closes of its first and last bar, and how many."""

    first: datetime
    last: datetime
    bars: int


@dataclass(frozen=True, slots=True)
class Covered:
    """What the calendar expects between the first and the last bar, and which of it is there.

    `expected` are closes in microseconds since 1970 UTC, `there` says of each whether it is stored.
    """

    expected: NDArray[np.int64]
    there: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """Return the share of expected bars that are there, 0 to 1."""
        return float(self.there.mean()) if len(self.there) else 0.0

    def gaps(self) -> list[Gap]:
        """Return the runs of expected bars that are missing, the earliest first."""
        return [
            Gap(moment_of(self.expected[first]), moment_of(self.expected[last]), last - first + 1)
            for first, last in runs(~self.there)
        ]

    def by_day(self, flagged: NDArray[np.int64]) -> pl.DataFrame:
        """Return `day`, `expected`, `there` and `flagged` of each day (UTC) with any of them.

        `flagged` are closes of flagged bars, expected or not, in microseconds. A bar counts on the
        day of the instant before its stamp: the bar that closes at midnight on the day it ends.
        """
        expected, marked = (self.expected - 1) // DAY, (flagged - 1) // DAY
        first = expected[np.diff(expected, prepend=expected[:1] - 1) > 0]
        days = np.unique(np.concatenate([first, marked]))
        counted = {
            "expected": expected,
            "there": expected[self.there],
            "flagged": marked,
        }
        counts = {
            name: np.bincount(np.searchsorted(days, each), minlength=len(days))
            for name, each in counted.items()
        }
        return pl.DataFrame({"day": days.astype(np.int32), **counts}).cast({"day": pl.Date})


def covered(bars: Bars) -> Covered:
    """Return how much of what its calendar expects a series holds; without bars nothing."""
    if not len(bars):
        return Covered(np.array([], dtype=np.int64), np.array([], dtype=np.bool_))
    market = calendar(bars.instrument.calendar)
    closes = micros(market.expected_closes(bars.timeframe, bars.first_time, bars.last_time))
    times = bars.micros
    place = np.minimum(np.searchsorted(times, closes), len(times) - 1)
    return Covered(closes, times[place] == closes)


def sparse(bars: Bars, least: float) -> NDArray[np.bool_]:
    """Return (n,) at which bars less than `least` of the last `WINDOW` expected ones are there.

    Near the beginning of the bars the window is as long as they are; only what had closed by then
    counts.
    """
    found = covered(bars)
    if not len(found.expected):
        return np.zeros(len(bars), dtype=np.bool_)
    counts = np.concatenate([[0], np.cumsum(found.there)])
    end = np.searchsorted(found.expected, bars.micros, side="right")
    start = np.maximum(end - WINDOW, 0)
    there, due = counts[end] - counts[start], np.maximum(end - start, 1)
    short: NDArray[np.bool_] = there < least * due
    return short


def is_sparse(bars: Bars, least: float) -> bool:
    """Say of the last of the bars what `sparse` says of it, looking no further back than that."""
    rows = WINDOW
    while True:
        newest = Bars.again(bars.instrument, bars.timeframe, bars.frame.tail(rows))
        there = covered(newest).there[-WINDOW:]
        if len(there) == WINDOW or rows >= len(bars):
            return bool(there.sum() < least * len(there))
        rows *= 2


def refuse_sparse(bars: Bars, least: float) -> None:
    """Stop with a `HistoryError` where less than `least` (0 to 1) of what is expected is there."""
    share = covered(bars).share
    if share >= least or not len(bars):
        return
    name = f"{bars.instrument.symbol} {bars.timeframe}"
    raise HistoryError(
        f"{name}: only {share:.1%} of the bars that {bars.instrument.calendar} expects from "
        f"{bars.first_time:%Y-%m-%d} to {bars.last_time:%Y-%m-%d} are stored, and {least:.0%} are "
        f"needed (least_coverage): assay data gaps {name.replace(' ', ' --timeframe ')} says which "
        "are missing, assay data fill-gaps asks its sources for them"
    )
