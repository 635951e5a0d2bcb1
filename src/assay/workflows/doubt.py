"""Bars that are flagged as bad data: while one is in the ATR, nothing is decided."""

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Severity
from assay.sources.quality.rules import find_flaws
from assay.sources.quality.statistics import ATR_BARS, QUIET_BARS

DAYS_BACK = timedelta(days=45)
"""Within so many days a time of day comes 20 times, holidays allowed for."""


def looks_back(timeframe: Timeframe) -> timedelta:
    """Return how much of the past the rules need to say of a bar what they say with all of it."""
    bars = QUIET_BARS + 3 * ATR_BARS
    return max(DAYS_BACK, 3 * bars * timeframe.length)


def doubted(bars: Bars) -> NDArray[np.bool_]:
    """Return (n,) at which bars a flag is known that forbids a decision.

    From the bar with which the flaw is known, for as long as the ATR of 14 bars holds the flawed
    ones. Only flaws that a bar can have (`Severity.MISLEADING`) count: the others are never stored.
    """
    market = calendar(bars.instrument.calendar)
    found = np.zeros(len(bars), dtype=np.bool_)
    for flaw in find_flaws(bars.frame, bars.instrument, bars.timeframe, market):
        if flaw.severity is Severity.MISLEADING and flaw.known < len(bars):
            found[flaw.known : max(flaw.end, flaw.known) + ATR_BARS] = True
    return found


def at_times(mask: NDArray[np.bool_], bars: Bars, times: pl.Series) -> NDArray[np.bool_]:
    """Return `mask` of `bars` at `times`, which are among theirs."""
    return np.asarray(mask[bars.frame["time"].search_sorted(times).to_numpy()])
