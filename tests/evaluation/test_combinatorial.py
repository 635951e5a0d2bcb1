"""Groups tile history, gaps between tests are learned from, paths use every test once."""

import itertools
import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import HistoryError, SettingsError
from assay.evaluation.combinatorial import LEARNING, equal_groups, parts_around
from assay.evaluation.cuts import Cut, CutKind, CutPlan, combinatorial, paths
from assay.evaluation.splits import Part, Span

START = datetime(2016, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
SHARES = (0.50, 0.08, 0.12, 0.30)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[tuple[Span, ...], tuple[int, ...], timedelta]:
    """Return groups of history, those that are tested, and an embargo that leaves room."""
    count = draw(st.integers(2, 9))
    tested = draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=count - 1))
    length = draw(st.integers(100, 400))
    embargo = timedelta(hours=draw(st.integers(0, 36)))
    odd = timedelta(microseconds=draw(st.integers(0, 10**9)))
    groups = equal_groups(START, START + length * count * DAY + odd, count)
    return groups, tuple(sorted(tested)), embargo


def total(spans: tuple[Span, ...]) -> timedelta:
    return sum((span.end - span.start for span in spans), timedelta())


@given(
    count=st.integers(1, 40),
    history=st.timedeltas(timedelta(days=1), timedelta(days=9000)),
)
@settings(deadline=None)
def test_groups_tile_history_exactly(count: int, history: timedelta) -> None:
    groups = equal_groups(START, START + history, count)

    assert (groups[0].start, groups[-1].end) == (START, START + history)
    assert all(early.end == late.start for early, late in itertools.pairwise(groups))
    lengths = [group.end - group.start for group in groups]
    assert max(lengths) - min(lengths) <= INSTANT


@given(case=grouped())
@settings(max_examples=300, deadline=None)
def test_the_test_is_the_chosen_groups_and_nothing_else(
    case: tuple[tuple[Span, ...], tuple[int, ...], timedelta],
) -> None:
    groups, tested, embargo = case

    tests = parts_around(groups, tested, SHARES, embargo)[Part.TEST]

    inside = [
        number
        for number, group in enumerate(groups)
        if any(test.start <= group.start and group.end <= test.end for test in tests)
    ]
    assert tuple(inside) == tested
    assert total(tests) == total(tuple(groups[number] for number in tested))
    assert all(early.end < late.start for early, late in itertools.pairwise(tests))


@given(case=grouped())
@settings(max_examples=300, deadline=None)
def test_the_embargo_is_kept_after_tests_and_between_parts(
    case: tuple[tuple[Span, ...], tuple[int, ...], timedelta],
) -> None:
    groups, tested, embargo = case

    parts = parts_around(groups, tested, SHARES, embargo)

    for part in LEARNING:
        for span in parts[part]:
            assert span.end - span.start >= 2 * embargo
            for test in parts[Part.TEST]:
                assert span.end <= test.start or span.start - test.end >= embargo
    for early, late in itertools.pairwise(LEARNING):
        assert parts[late][0].start - parts[early][-1].end >= embargo
    assert all(list(spans) == sorted(spans, key=lambda s: s.start) for spans in parts.values())


@given(case=grouped())
@settings(max_examples=300, deadline=None)
def test_every_group_that_is_not_tested_is_learned_from_also_between_tests(
    case: tuple[tuple[Span, ...], tuple[int, ...], timedelta],
) -> None:
    groups, tested, embargo = case

    parts = parts_around(groups, tested, SHARES, embargo)

    learned = [span for part in LEARNING for span in parts[part]]
    for number, group in enumerate(groups):
        meets = any(span.start < group.end and group.start < span.end for span in learned)
        assert meets == (number not in tested)
    # lost at most: an embargo after each test and part, and what that left too short
    lost = total(groups) - total(tuple(learned)) - total(parts[Part.TEST])
    assert lost <= 3 * embargo * (len(parts[Part.TEST]) + 3)


@given(case=grouped())
@settings(max_examples=100, deadline=None)
def test_without_an_embargo_the_shares_are_those_of_the_time_outside_the_test(
    case: tuple[tuple[Span, ...], tuple[int, ...], timedelta],
) -> None:
    groups, tested, _ = case
    outside = total(groups) - total(tuple(groups[number] for number in tested))

    parts = parts_around(groups, tested, SHARES, timedelta())

    for part, share in zip(LEARNING, SHARES, strict=True):
        assert abs(total(parts[part]) - outside * share) <= 2 * INSTANT


def test_tests_that_touch_are_one_span_and_others_stay_apart() -> None:
    groups = equal_groups(START, START + 60 * DAY, 6)

    parts = parts_around(groups, (1, 2, 4), (0.4, 0.2, 0.2, 0.2), DAY)

    def days(part: Part) -> list[tuple[float, float]]:
        ends = [(span.start - START, span.end - START) for span in parts[part]]
        return [(round(begin / DAY, 6), round(end / DAY, 6)) for begin, end in ends]

    # 28 days are left: 0-10, 31-40, 51-60; train has 11.2 of them, the others 5.6 each
    assert days(Part.TEST) == [(10, 30), (40, 50)]
    assert days(Part.TRAIN) == [(0, 10)]  # 31-32.2 is too short for anything
    assert days(Part.STOP) == [(32.2, 37.8)]
    assert days(Part.CALIBRATE) == [(51, 54.4)]  # of 38.8-40 nothing is left
    assert days(Part.FUSE) == [(55.4, 60)]


def test_a_gap_too_short_for_anything_takes_no_part_of_the_shares() -> None:
    shares, embargo = (0.4, 0.2, 0.2, 0.2), timedelta(hours=12)

    def train_end(gap_days: float) -> datetime:
        edges = [START + DAY * day for day in (0, 10, 20, 20 + gap_days, 40)]
        groups = [Span(left, right) for left, right in itertools.pairwise(edges)]
        return parts_around(groups, (1, 3), shares, embargo)[Part.TRAIN][0].end

    # half a day after the test is the embargo's, what is left must be a day
    assert train_end(1.5) == START + 0.4 * 11 * DAY
    assert train_end(1.4) == START + 0.4 * 10 * DAY


def test_shares_that_sum_to_nearly_one_deal_all_there_is() -> None:
    groups = equal_groups(START, START + 4000 * DAY, 4)

    parts = parts_around(groups, (1,), (0.4, 0.2, 0.2, 0.2 - 9e-10), DAY)

    assert parts[Part.FUSE][-1].end == START + 4000 * DAY


def test_ten_groups_of_which_two_are_tested_are_45_cuts_and_9_paths() -> None:
    plan = CutPlan(kind=CutKind.COMBINATORIAL)

    made = combinatorial(START, START + 2000 * DAY, plan)

    assert [cut.number for cut in made] == list(range(1, 46))
    assert len(paths(made)) == 9


def test_the_paths_of_six_groups_are_those_of_the_book() -> None:
    plan = CutPlan(kind=CutKind.COMBINATORIAL, groups=6, test_groups=2)

    found = paths(combinatorial(START, START + 2000 * DAY, plan))

    # López de Prado (2018), section 12.4.1 and figure 12.2: the split that tests G1 … G6
    assert found[0] == (1, 1, 2, 3, 4, 5)
    assert found[1] == (2, 6, 6, 7, 8, 9)
    assert len(found) == 5


@given(groups=st.integers(2, 9), data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_group_is_tested_equally_often_and_paths_use_each_test_once(
    groups: int, data: st.DataObject
) -> None:
    tested = data.draw(st.integers(1, groups - 1))
    plan = CutPlan(kind=CutKind.COMBINATORIAL, groups=groups, test_groups=tested, embargo=DAY)

    made = combinatorial(START, START + 3000 * DAY, plan)
    found = paths(made)

    times = Counter(group for cut in made for group in cut.test_groups)
    assert set(times.values()) == {math.comb(groups - 1, tested - 1)}
    assert len(found) * groups == tested * math.comb(groups, tested)
    used = [(cut, group) for path in found for group, cut in enumerate(path)]
    assert sorted(used) == sorted((cut.number, group) for cut in made for group in cut.test_groups)


def test_paths_of_a_part_of_the_cuts_are_refused() -> None:
    plan = CutPlan(kind=CutKind.COMBINATORIAL, groups=4, test_groups=2)
    made = combinatorial(START, START + 2000 * DAY, plan)

    twice = (*made[:-1], made[0]), (*made, made[0])
    for some in ((), made[:1], made[1:], (made[0], made[-1]), *twice):
        with pytest.raises(SettingsError, match="every choice of test groups, once each"):
            paths(some)


def test_paths_of_a_walk_forward_are_refused() -> None:
    cut = Cut(1, {Part.TEST: (Span(START, START + DAY),)})

    with pytest.raises(SettingsError, match="found 1 cuts with 1 choices out of 0 groups"):
        paths([cut])


def test_groups_shorter_than_two_embargoes_are_too_little_history() -> None:
    groups = equal_groups(START, START + 30 * DAY, 10)

    with pytest.raises(HistoryError, match="30 days of history are too few for 10 groups"):
        parts_around(groups, (0, 1), SHARES, 2 * DAY)


def test_a_part_of_which_nothing_is_left_is_named() -> None:
    groups = equal_groups(START, START + 100 * DAY, 10)

    with pytest.raises(HistoryError, match="Nothing is left for stop"):
        parts_around(groups, (0, 1), (0.9, 0.01, 0.04, 0.05), 2 * DAY)
