"""Where spans lie when some groups of history are tested and all the others are learned from.

Combinatorial purged cross-validation of López de Prado, Advances in Financial Machine Learning
(2018), chapter 12; here what is not tested is dealt to four parts, where it is one there.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from assay.core.errors import HistoryError
from assay.evaluation.splits import Part, Span

LEARNING = (Part.TRAIN, Part.STOP, Part.CALIBRATE, Part.FUSE)
"""The parts that are learned from, in the order of time."""
INSTANT = timedelta(microseconds=1)


def equal_groups(start: datetime, end: datetime, count: int) -> tuple[Span, ...]:
    """Return `count` groups of equal time that tile history from `start` to `end` (both UTC).

    Each ends where the next begins; lengths differ by a microsecond at most. History of fewer
    microseconds than groups is a `SettingsError`.
    """
    edges = [start + (end - start) * number // count for number in range(count + 1)]
    return tuple(Span(left, right) for left, right in itertools.pairwise(edges))


def parts_around(
    groups: Sequence[Span],
    tested: Collection[int],
    shares: Sequence[float],
    embargo: timedelta,
) -> dict[Part, tuple[Span, ...]]:
    """Return the spans of every part when the groups numbered `tested` (from 0) are the test.

    Adjacent test groups are one span, others stay apart. All other time, before, between and after
    the tests, is put end to end and dealt to train, stop, calibrate and fuse in `shares`, each part
    later than the one before. A span begins `embargo` or more after the end of a test before it and
    of the part before its own; it may touch the test after it, because its labels end inside it.
    What is left shorter than twice the embargo is dropped; a part with nothing left, or a group
    that short, is a `HistoryError`.
    """
    least = max(2 * embargo, INSTANT)
    shortest = min(group.end - group.start for group in groups)
    if shortest < least:
        raise HistoryError(
            f"{(groups[-1].end - groups[0].start).days} days of history are too few for "
            f"{len(groups)} groups: one lasts {shortest}, but the embargo alone takes {embargo}; "
            f"import more bars or ask for fewer groups"
        )
    tests: list[Span] = []
    others: list[Span] = []
    for is_test, run in itertools.groupby(range(len(groups)), lambda number: number in tested):
        numbers = list(run)
        begin, end = groups[numbers[0]].start, groups[numbers[-1]].end
        if is_test:
            tests.append(Span(begin, end))
            continue
        if tests:
            begin += embargo
        if end - begin >= least:
            others.append(Span(begin, end))
    return _dealt(others, shares, embargo) | {Part.TEST: tuple(tests)}


def _dealt(
    others: Sequence[Span], shares: Sequence[float], embargo: timedelta
) -> dict[Part, tuple[Span, ...]]:
    total = sum((span.end - span.start for span in others), timedelta())
    edges = [total * share for share in itertools.accumulate(shares, initial=0.0)]
    edges[-1] = total
    least = max(2 * embargo, INSTANT)
    dealt: dict[Part, tuple[Span, ...]] = {}
    free_from: datetime | None = None
    for part, (left, right) in zip(LEARNING, itertools.pairwise(edges), strict=True):
        found = []
        for span in _stretch(others, left, right):
            begin = max(span.start, free_from) if free_from else span.start
            if span.end - begin >= least:
                found.append(Span(begin, span.end))
        if not found:
            raise HistoryError(
                f"Nothing is left for {part}: its share of the {total} outside the test is "
                f"{right - left}, and an embargo of {embargo} is kept after every test and part; "
                f"import more bars or ask for fewer groups or a shorter embargo"
            )
        dealt[part] = tuple(found)
        free_from = found[-1].end + embargo
    return dealt


def _stretch(others: Sequence[Span], left: timedelta, right: timedelta) -> Iterator[Span]:
    """Yield where `left` to `right` of the time put end to end lies in history."""
    before = timedelta()
    for span in others:
        length = span.end - span.start
        low, high = max(left - before, timedelta()), min(right - before, length)
        if low < high:
            yield Span(span.start + low, span.start + high)
        before += length
