"""Everything that is wrong with bars, by rules with codes and fixed severities."""

import numpy as np
import polars as pl

from assay.core.calendars.calendar import Calendar
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.columns import Columns
from assay.sources.quality.flaw import Flaw
from assay.sources.quality.statistics import statistical
from assay.sources.quality.structure import Found, structural


def find_flaws(
    frame: pl.DataFrame,
    instrument: Instrument,
    timeframe: Timeframe,
    market: Calendar,
    *,
    is_open: bool = False,
) -> tuple[Flaw, ...]:
    """Return what is wrong with bars as they came, in the order of their rows.

    `frame` has the columns of `BAR_SCHEMA` and may hold anything: rows unordered, doubled, unknown.
    Rules of structure come first; those of likelihood see the sound bars in order of time, moved
    weeks put back. See `Code` for the classes. With `is_open` the last week is not over, and
    nothing is said of its clock: it lacks hours because they have not come yet.
    """
    bars = Columns.of(frame)
    found, mended, sound = structural(bars, timeframe, market, is_open=is_open)
    rows = np.flatnonzero(sound)
    rows = rows[np.argsort(mended.time[rows], kind="stable")]
    seen = statistical(mended.take(rows), instrument, timeframe, market)
    placed = [
        Found(f.code, int(rows[f.start]), int(rows[f.end]), int(rows[f.known]), f.sentence)
        for f in seen
    ]
    times = frame["time"]
    every = (
        Flaw(f.code, f.start, f.end, f.known, times[f.start], times[f.end], f.sentence, f.moved_by)
        for f in (*found, *placed)
    )
    return tuple(sorted(every, key=lambda flaw: (flaw.start, flaw.end, flaw.code)))
