"""Which rows may be learned from beside a test, and whether a cut kept to it."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from assay.core.calendars.table import Micros, moment_of
from assay.core.errors import SettingsError
from assay.evaluation.combinatorial import INSTANT, LEARNING
from assay.evaluation.cuts import Cut
from assay.evaluation.splits import Part


def purged(
    times: Micros, ends: Micros, test_times: Micros, test_ends: Micros, embargo: timedelta
) -> NDArray[np.bool_]:
    """Return (n,) which rows may be learned from beside the test rows (m,).

    A row lasts from its time to the end of its label, both included, in UTC microseconds. It is
    dropped if it shares an instant with any test row, or begins less than `embargo` after the end
    of one (López de Prado 2018, section 7.4). Rows may be of many instruments and in any order, and
    labels of any length; O((n + m) log m). A label that ends before it starts is a `SettingsError`:
    leave out rows without a label, or let them end at their own time.
    """
    _checked("the rows to keep", times, ends)
    _checked("the test", test_times, test_ends)
    if not len(test_times):
        return np.ones(len(times), dtype=np.bool_)
    order = np.argsort(test_times, kind="stable")
    # of all tests that have begun by the end of a row, the one that ends last is the nearest
    last_end: Micros = np.maximum.accumulate(test_ends[order])
    begun = np.searchsorted(test_times[order], ends, side="right")
    nearest: Micros = last_end[np.maximum(begun, 1) - 1]
    kept: NDArray[np.bool_] = (begun == 0) | (nearest + _wait(embargo) <= times)
    return kept


def check_cut(cut: Cut, rows: Mapping[Part, tuple[Micros, Micros]], embargo: timedelta) -> None:
    """Verify, independently of how a cut was made, that no row that is learned from knows a test.

    `rows` maps each part to the times and the label ends (UTC microseconds) of the rows used in it,
    over **all** instruments at once, in any order. A row that is learned from shares no instant
    with a row of any other part, and begins `embargo` or more after the end of every such row that
    is over before it. Before a test no embargo is asked for: the purge is enough there. Raises
    `SettingsError` naming the first broken pair, tests before other parts; O(n log n).
    """
    used = {part: rows[part] for part in Part if part in rows and len(rows[part][0])}
    for part, (times, ends) in rows.items():
        _checked(f"{part} of cut {cut.number}", times, ends)
    wait = _wait(embargo)
    sought = {p: (np.sort(times), np.sort(ends) + wait) for p, (times, ends) in used.items()}
    for part in LEARNING:
        # the test first: what it finds there is worse
        for other in sorted(sought, key=lambda other: other is not Part.TEST):
            if part not in used or part is other:
                continue
            times, ends = used[part]
            starts, free = sought[other]
            # what is over has begun, so the difference counts the rows of `other` that are near
            near = np.searchsorted(starts, ends, side="right") > np.searchsorted(
                free, times, side="right"
            )
            if near.any():
                raise SettingsError(
                    f"Cut {cut.number}: {_broken(part, used[part], near, other, used[other], wait)}"
                )


def _broken(
    part: Part,
    rows: tuple[Micros, Micros],
    near: NDArray[np.bool_],
    other: Part,
    others: tuple[Micros, Micros],
    wait: int,
) -> str:
    """Return a sentence on the earliest row that is near and the earliest one it is near to."""
    hits = np.flatnonzero(near)
    time, end = _earliest(rows, hits)
    begun, over = _earliest(others, np.flatnonzero((others[0] <= end) & (others[1] + wait > time)))
    pair = f"the row of {part} from {moment_of(time)} to {moment_of(end)}"
    against = f"the row of {other} from {moment_of(begun)} to {moment_of(over)}"
    if time <= over:
        return f"{pair} overlaps {against}; purge it"
    gap = timedelta(microseconds=time - over)
    return f"{pair} begins {gap} after {against}, less than the embargo; leave it out"


def _earliest(rows: tuple[Micros, Micros], places: Micros) -> tuple[int, int]:
    place = places[np.argmin(rows[0][places])]
    return int(rows[0][place]), int(rows[1][place])


def _checked(what: str, times: Micros, ends: Micros) -> None:
    if times.shape != ends.shape or times.ndim != 1:
        raise SettingsError(
            f"Every row of {what} needs a time and a label end; "
            f"found {times.shape} times and {ends.shape} ends"
        )
    if np.any(ends < times):
        place = int(np.argmax(ends < times))
        raise SettingsError(
            f"A label of {what} ends before it starts: found {moment_of(times[place])} to "
            f"{moment_of(ends[place])}; leave out rows without a label"
        )


def _wait(embargo: timedelta) -> int:
    """Return the microseconds from an end to the first time that is free again, one at least."""
    if embargo < timedelta():
        raise SettingsError(f"An embargo is no negative time; found {embargo}")
    return max(embargo, INSTANT) // INSTANT
