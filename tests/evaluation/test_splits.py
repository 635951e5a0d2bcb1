"""No span knows a later one, however history is cut."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import HistoryError, SettingsError
from assay.evaluation.splits import (
    Fold,
    Part,
    Span,
    SplitPlan,
    check_fold,
    live_fold,
    walk_forward,
)

START = datetime(2016, 1, 4, tzinfo=UTC)


@given(
    days=st.integers(400, 4000),
    folds=st.integers(1, 6),
    tested=st.floats(0.2, 0.7),
    expanding=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_spans_follow_each_other_with_the_embargo_between(
    days: int, folds: int, tested: float, expanding: bool
) -> None:
    plan = SplitPlan(folds=folds, tested=tested, expanding=expanding, embargo=timedelta(days=1))

    cut = walk_forward(START, START + timedelta(days=days), plan)

    for fold in cut:
        spans = list(fold.spans.values())
        for early, late in itertools.pairwise(spans):
            assert late.start - early.end >= plan.embargo
        assert fold.test is not None
        assert fold.train.start >= START
    tests = [fold.test for fold in cut if fold.test]
    assert all(a.end <= b.start for a, b in itertools.pairwise(tests))
    assert abs(tests[-1].end - (START + timedelta(days=days))) < timedelta(seconds=1)


def test_a_later_fold_tests_later_and_may_train_on_what_was_tested() -> None:
    first, second = walk_forward(START, START + timedelta(days=1000), SplitPlan(folds=2))

    assert first.test is not None
    assert second.train.start == first.train.start
    assert second.fuse.end > first.test.start


def test_training_for_live_use_goes_to_the_last_bar() -> None:
    end = START + timedelta(days=700)

    fold = live_fold(START, end, SplitPlan())

    assert fold.test is None
    assert fold.fuse.end == end


def test_too_little_history_is_said() -> None:
    with pytest.raises(HistoryError, match="12 days of history are too few"):
        live_fold(START, START + timedelta(days=12), SplitPlan())


@pytest.mark.parametrize("shares", [(0.5, 0.2, 0.2, 0.2), (1.0, 0.0, 0.0, 0.0)])
def test_shares_that_are_none_are_refused(shares: tuple[float, float, float, float]) -> None:
    with pytest.raises(SettingsError, match="must sum to 1"):
        SplitPlan(shares=shares)


def micro(*moments: datetime) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([int(m.timestamp() * 1e6) for m in moments], dtype=np.int64)


def a_fold() -> Fold:
    spans = [
        Span(START + timedelta(days=10 * n), START + timedelta(days=10 * n + 8)) for n in range(5)
    ]
    return Fold(1, *spans)


def test_the_checker_finds_a_label_that_ends_in_a_later_span() -> None:
    fold = a_fold()
    leaking = {
        Part.TRAIN: (micro(fold.train.end), micro(fold.stop.start + timedelta(hours=2))),
        Part.STOP: (micro(fold.stop.start + timedelta(hours=1)), micro(fold.stop.end)),
    }

    with pytest.raises(SettingsError, match=r"a label of train ends .* into stop"):
        check_fold(fold, leaking, timedelta(days=1))


def test_the_checker_finds_a_missing_embargo_across_instruments() -> None:
    fold = a_fold()
    close = {
        Part.CALIBRATE: (micro(fold.calibrate.end), micro(fold.calibrate.end)),
        Part.FUSE: (
            micro(fold.calibrate.end + timedelta(hours=1)),
            micro(fold.fuse.end),
        ),
    }

    with pytest.raises(SettingsError, match="less than the embargo"):
        check_fold(fold, close, timedelta(days=1))


def test_the_checker_passes_what_is_clean() -> None:
    fold = a_fold()
    clean = {part: (micro(span.start), micro(span.end)) for part, span in fold.spans.items()}

    check_fold(fold, clean, timedelta(days=2))


def test_a_schedule_makes_tests_of_its_length_up_to_the_end() -> None:
    end = START + timedelta(days=1_000)
    plan = SplitPlan(every=timedelta(days=90), tested=0.5, window=timedelta(days=300))

    cut = walk_forward(START, end, plan)

    assert len(cut) == 5
    assert cut[-1].test is not None
    assert cut[-1].test.end == end
    for fold in cut:
        assert fold.test is not None
        assert fold.test.end - fold.fuse.end == timedelta(days=90)
        assert fold.fuse.end - fold.train.start == timedelta(days=300)


def test_a_window_longer_than_history_takes_all_of_it() -> None:
    end = START + timedelta(days=1_000)
    long = SplitPlan(window=timedelta(days=4_000))

    assert live_fold(START, end, long) == live_fold(START, end, SplitPlan())
    assert walk_forward(START, end, long) == walk_forward(START, end, SplitPlan())


def test_a_schedule_that_history_cannot_hold_is_said() -> None:
    with pytest.raises(HistoryError, match="Refitting every 600 days"):
        walk_forward(START, START + timedelta(days=1_000), SplitPlan(every=timedelta(days=600)))
    with pytest.raises(SettingsError, match="window is a length of time above zero"):
        SplitPlan(window=timedelta(0))
