"""Bars that are flagged as bad data: while one is in the ATR, nothing is decided."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.columns import Columns
from assay.sources.quality.statistics import ATR_BARS, QUIET_BARS, statistical
from assay.sources.quality.structure import Found

DAYS_BACK = timedelta(days=45)
"""Within so many days a time of day comes 20 times, holidays allowed for."""


def looks_back(timeframe: Timeframe) -> timedelta:
    """Return how much of the past the rules need to say of a bar what they say with all of it."""
    bars = QUIET_BARS + 3 * ATR_BARS
    return max(DAYS_BACK, 3 * bars * timeframe.length)


def doubted(bars: Bars) -> NDArray[np.bool_]:
    """Return (n,) at which bars a flag is known that forbids a decision.

    From the bar with which the flaw is known, for as long as the ATR of 14 bars holds the flawed
    ones. Only the rules of likelihood are asked: what breaks those of structure is never stored,
    and whether a week was stamped in another zone is told by later weeks too.
    """
    found = np.zeros(len(bars), dtype=np.bool_)
    for flaw in _flaws(bars):
        if flaw.known < len(bars):
            found[flaw.known : max(flaw.end, flaw.known) + ATR_BARS] = True
    return found


def is_doubted(bars: Bars) -> bool:
    """Say of the last of the bars what `doubted` says of it, looking only at what can reach it."""
    since = max(0, len(bars) - ATR_BARS)
    return any(
        flaw.known < len(bars) <= max(flaw.end, flaw.known) + ATR_BARS
        for flaw in _flaws(bars, since)
    )


def _flaws(bars: Bars, since: int = 0) -> list[Found]:
    market, columns = calendar(bars.instrument.calendar), Columns.of(bars.frame)
    return statistical(columns, bars.instrument, bars.timeframe, market, since=since)
