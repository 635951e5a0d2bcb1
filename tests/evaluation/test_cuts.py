"""Every plan of an experiment gives cuts whose spans are apart, or says why it cannot."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import HistoryError, SettingsError
from assay.evaluation.cuts import Cut, CutKind, CutPlan, chronological, cuts, expanding, rolling
from assay.evaluation.splits import Part, Span, SplitPlan, live_fold, walk_forward

START = datetime(2016, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
END = START + 1000 * DAY


@given(
    kind=st.sampled_from(CutKind),
    days=st.integers(500, 4000),
    folds=st.integers(1, 6),
    tested=st.floats(0.2, 0.7),
    hours=st.integers(0, 48),
)
@settings(max_examples=100, deadline=None)
def test_all_cuts_keep_to_history_and_every_part_is_there(
    kind: CutKind, days: int, folds: int, tested: float, hours: int
) -> None:
    embargo = timedelta(hours=hours)
    plan = CutPlan(kind=kind, folds=folds, tested=tested, embargo=embargo, groups=6)

    made = cuts(START, START + days * DAY, plan)

    assert [cut.number for cut in made] == list(range(1, len(made) + 1))
    for cut in made:
        assert set(cut.parts) == set(Part)
        spans = [span for each in cut.parts.values() for span in each]
        assert min(span.start for span in spans) >= START
        assert max(span.end for span in spans) <= START + days * DAY
        assert bool(cut.test_groups) == (kind is CutKind.COMBINATORIAL)


@given(kind=st.sampled_from([CutKind.CHRONOLOGICAL, CutKind.ROLLING, CutKind.EXPANDING]))
def test_a_cut_in_the_order_of_time_learns_before_it_tests(kind: CutKind) -> None:
    plan = CutPlan(kind=kind)

    for cut in cuts(START, END, plan):
        spans = [span for part in Part for span in cut.parts[part]]

        assert len(spans) == 5
        for early, late in itertools.pairwise(spans):
            assert late.start - early.end >= plan.embargo


def test_a_chronological_cut_tests_the_last_of_history_once() -> None:
    (cut,) = chronological(START, END, CutPlan(tested=0.2))

    assert cut.number == 1
    assert cut.parts[Part.TEST] == (Span(START + 802 * DAY, END),)
    assert cut.parts[Part.FUSE][-1].end == START + 800 * DAY


@pytest.mark.parametrize("grows", [True, False])
def test_a_walk_forward_is_the_one_of_the_splits(grows: bool) -> None:
    split = SplitPlan(expanding=grows)

    made = (expanding if grows else rolling)(START, END, CutPlan())

    assert made == tuple(Cut.of(fold) for fold in walk_forward(START, END, split))


def test_a_rolling_past_keeps_its_length_and_an_expanding_one_its_start() -> None:
    rolled = rolling(START, END, CutPlan())
    grown = expanding(START, END, CutPlan())

    def past(cut: Cut) -> timedelta:
        return cut.parts[Part.FUSE][-1].end - cut.parts[Part.TRAIN][0].start

    assert {past(cut) for cut in rolled} == {500 * DAY}
    assert {cut.parts[Part.TRAIN][0].start for cut in grown} == {START}
    assert rolled[0] == grown[0]


def test_a_fold_for_live_use_is_a_cut_without_a_test() -> None:
    cut = Cut.of(live_fold(START, END, SplitPlan()))

    assert Part.TEST not in cut.parts
    assert cut.parts[Part.FUSE][0].end == END


@pytest.mark.parametrize("kind", list(CutKind))
def test_a_local_zone_gives_the_same_cuts(kind: CutKind) -> None:
    zone = ZoneInfo("America/New_York")

    there = cuts(START.astimezone(zone), END.astimezone(zone), CutPlan(kind=kind))

    assert there == cuts(START, END, CutPlan(kind=kind))


@pytest.mark.parametrize("kind", list(CutKind))
def test_too_little_history_is_said_with_what_to_do(kind: CutKind) -> None:
    with pytest.raises(HistoryError, match=r"days of history are too few.* import more bars"):
        cuts(START, START + 12 * DAY, CutPlan(kind=kind))


def test_a_test_that_the_embargo_eats_is_too_little_history() -> None:
    with pytest.raises(HistoryError, match="a test of 5 days, 0:00:00 is left"):
        cuts(START, END, CutPlan(folds=100))


@pytest.mark.parametrize(
    ("start", "end"),
    [(END, START), (START, START), (START.replace(tzinfo=None), END.replace(tzinfo=None))],
)
def test_history_that_is_none_is_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(SettingsError, match="two times with a zone, the earlier first"):
        cuts(start, end, CutPlan())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"folds": 0}, "at least one fold"),
        ({"tested": 1.0}, "tested part in"),
        ({"tested": float("nan")}, "tested part in"),
        ({"shares": (0.5, 0.2, 0.2, 0.2)}, "must sum to 1"),
        ({"shares": (0.5, float("nan"), 0.2, 0.3)}, "must be numbers"),
        ({"shares": (0.5, 0.2, 0.3)}, "Four shares"),
        ({"embargo": -DAY}, "no negative time"),
        ({"groups": 2, "test_groups": 2}, "at least one is left to learn from"),
        ({"test_groups": 0}, "Some groups are tested"),
        (
            {"kind": CutKind.COMBINATORIAL, "groups": 30, "test_groups": 15},
            "155,117,520 cuts, more than 1,000",
        ),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        replace(CutPlan(), **change)  # type: ignore[arg-type]  # each case is one wrong field


def test_a_cut_with_a_part_out_of_order_or_empty_is_refused() -> None:
    early, late = Span(START, START + DAY), Span(START + DAY, END)

    for spans in ((late, early), ()):
        with pytest.raises(SettingsError, match="train needs one span or more in the order"):
            Cut(1, {Part.TRAIN: spans})


def test_a_cut_that_trains_on_its_test_is_refused() -> None:
    train, test = Span(START, START + 2 * DAY), Span(START + DAY, END)

    with pytest.raises(SettingsError, match=r"found train until .* and test from"):
        Cut(1, {Part.TRAIN: (train,), Part.TEST: (test,)})
