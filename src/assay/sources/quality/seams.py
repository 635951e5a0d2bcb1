"""Runs of bars that moved in a market that never closes: they end in a step back and a gap."""

from collections.abc import Iterator

import numpy as np

from assay.core.calendars.table import Micros
from assay.sources.clocks import DAY, HOUR, WEEK
from assay.sources.quality.columns import Columns
from assay.sources.quality.courses import MOST

SHORTEST, LONGEST = 100 * HOUR, 216 * HOUR
"""A run of bars that moved has to last about a week."""
MORE, WHOLE = 12 * HOUR, 0.8
"""A gap may be longer by what the feed lacks there; so much of the run has no other."""
BOTH = 0.5
"""So much of a step back has bars on both sides: rows that came late have none."""

Run = tuple[int, int, int]


def between_seams(bars: Columns, length: int) -> list[Run]:
    """Return first row, last row and microseconds late of each run that moved.

    A late run begins after a gap and ends in a step back by as much, an early one begins with the
    step and ends in the gap. Where the feed lacks bars between, the step is less, the gap more.
    Rows that came late or twice step back as well, but do not go on from there.
    """
    extra = np.diff(bars.time) - length
    copy = (np.diff(bars.time) == 0) & (np.diff(bars.open) == 0) & (np.diff(bars.volume) == 0)
    whole = (extra % HOUR == 0) | (extra % length == 0)
    back = (extra < 0) & whole & (extra >= -MOST * HOUR) & ~copy
    found = []
    for seam in np.flatnonzero(back).tolist():
        if _doubled(bars.time, seam, length):
            found += sorted(_runs(bars.time, extra, seam))[:1]
    return [run for _, run in found]


def _doubled(time: Micros, seam: int, length: int) -> bool:
    """Say whether half of the time that the step goes back over has bars before and after it."""
    size = int(time[seam] - time[seam + 1]) // length + 1
    before = time[max(0, seam - 2 * size) : seam + 1]
    after = time[seam + 1 : seam + 2 + 2 * size]
    apart = np.abs(np.subtract.outer(after, before)).min(axis=1)
    count = int((apart < length).sum())
    return count >= max(BOTH * size, min(size, 2))


def _runs(time: Micros, extra: Micros, seam: int) -> Iterator[tuple[float, Run]]:
    """Yield the runs between the step and a gap, with how far each is from a week's own."""
    by = -(int(extra[seam]) // HOUR) * HOUR
    near = np.searchsorted(np.maximum.accumulate(time), time[seam] + np.array([-1, 1]) * LONGEST)
    first_row, after = near.tolist()
    inside = extra[first_row:after]
    for gap in (first_row + np.flatnonzero((inside >= by) & (inside <= by + MORE))).tolist():
        first, last = min(gap, seam), max(gap, seam)
        lasts = int(time[last] - time[first + 1])
        if SHORTEST <= lasts <= LONGEST and (extra[first + 1 : last] == 0).mean() > WHOLE:
            far = abs(lasts - WEEK) / DAY + (extra[gap] - by) / HOUR
            yield float(far), (first + 1, last, by if gap < seam else -by)
