"""What is learned from beside a test never touches it; what breaks that is found."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assay.core.errors import SettingsError
from assay.evaluation.cuts import Cut, CutKind, CutPlan, cuts
from assay.evaluation.purging import check_cut, purged
from assay.evaluation.splits import Part, Span

Micros = NDArray[np.int64]
Rows = Mapping[Part, tuple[Micros, Micros]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2016, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
LEARNING = (Part.TRAIN, Part.STOP, Part.CALIBRATE, Part.FUSE)


def micro(moment: datetime) -> int:
    return (moment - EPOCH) // INSTANT


def events(*days: float, lasting: float = 0.0) -> tuple[Micros, Micros]:
    """Return times and label ends that many days after the start."""
    times = np.array([micro(START + DAY * day) for day in days], dtype=np.int64)
    return times, times + int(lasting * (DAY // INSTANT))


@st.composite
def intervals(draw: st.DrawFn, most: int = 30) -> tuple[Micros, Micros]:
    """Return rows in no order, whose times and ends often coincide."""
    rows = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=most))
    times = np.array([time for time, _ in rows], dtype=np.int64)
    return times, times + np.array([length for _, length in rows], dtype=np.int64)


def kept_by_definition(rows: Rows, part: Part, other: Part, embargo: int) -> list[bool]:
    """Compare every row of `part` with every one of `other`: the definition, word for word."""
    kept = []
    for time, end in zip(*rows[part], strict=True):
        pairs = list(zip(*rows[other], strict=True))
        apart = all(end < start or over < time for start, over in pairs)
        waits = all(time - over >= embargo for start, over in pairs if over < time)
        kept.append(apart and waits)
    return kept


@given(rows=intervals(), test=intervals(), embargo=st.integers(0, 10))
@settings(max_examples=300, deadline=None)
def test_what_is_kept_is_what_comparing_every_pair_keeps(
    rows: tuple[Micros, Micros], test: tuple[Micros, Micros], embargo: int
) -> None:
    known = {Part.TRAIN: rows, Part.TEST: test}

    kept = purged(*rows, *test, embargo * INSTANT)

    assert kept.tolist() == kept_by_definition(known, Part.TRAIN, Part.TEST, embargo)


@given(rows=st.fixed_dictionaries({part: intervals(6) for part in Part}), embargo=st.integers(0, 4))
@settings(max_examples=400, deadline=None)
def test_the_checker_refuses_exactly_what_comparing_every_pair_refuses(
    rows: dict[Part, tuple[Micros, Micros]], embargo: int
) -> None:
    clean = all(
        all(kept_by_definition(rows, part, other, embargo))
        for part in LEARNING
        for other in Part
        if part is not other
    )

    try:
        check_cut(a_cut(), rows, embargo * INSTANT)
    except SettingsError:
        assert not clean
    else:
        assert clean


@given(parts=st.dictionaries(st.sampled_from(Part), intervals(12)), embargo=st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_the_checker_passes_rows_that_were_purged_of_each_other(
    parts: dict[Part, tuple[Micros, Micros]], embargo: int
) -> None:
    known: dict[Part, tuple[Micros, Micros]] = {}
    for part in (Part.TEST, *LEARNING):
        times, ends = parts.get(part, events())
        for others in known.values():
            kept = purged(times, ends, *others, embargo * INSTANT)
            times, ends = times[kept], ends[kept]
        known[part] = times, ends
    # what was kept first has not yet waited for what came later
    for part in reversed(LEARNING):
        for other in LEARNING:
            if part is not other:
                times, ends = known[part]
                kept = purged(times, ends, *known[other], embargo * INSTANT)
                known[part] = times[kept], ends[kept]

    check_cut(a_cut(), known, embargo * INSTANT)


def a_cut() -> Cut:
    """Return one whose tests lie apart: train is before, between and after them."""
    spans = [Span(START + DAY * day, START + DAY * (day + 10)) for day in range(0, 100, 10)]
    return Cut(
        7,
        {
            Part.TRAIN: (spans[0], spans[2], spans[4]),
            Part.STOP: (spans[5],),
            Part.CALIBRATE: (spans[6],),
            Part.FUSE: (spans[7],),
            Part.TEST: (spans[1], spans[3]),
        },
    )


def clean_rows() -> dict[Part, tuple[Micros, Micros]]:
    """Return rows of two-day labels in `a_cut`, with two days or more after tests and parts."""
    return {
        Part.TRAIN: events(1, 7, 24, 27, 44, 47, lasting=2),
        Part.STOP: events(52, 57, lasting=2),
        Part.CALIBRATE: events(62, 67, lasting=2),
        Part.FUSE: events(72, 77, lasting=2),
        Part.TEST: events(10, 18, 30, 38, lasting=2),
    }


def with_row(part: Part, day: float, lasting: float = 0.0) -> dict[Part, tuple[Micros, Micros]]:
    """Return the clean rows and one more, of another instrument, at the end."""
    rows = clean_rows()
    added = events(day, lasting=lasting)
    rows[part] = (np.append(rows[part][0], added[0]), np.append(rows[part][1], added[1]))
    return rows


def test_clean_rows_pass_and_need_no_embargo_before_a_test() -> None:
    check_cut(a_cut(), clean_rows(), 2 * DAY)
    check_cut(a_cut(), with_row(Part.TRAIN, 10 - 1e-6), 2 * DAY)


def test_a_label_that_reaches_one_bar_into_a_test_is_found_before_and_between_them() -> None:
    for day in (9, 29):
        rows = with_row(Part.TRAIN, day, lasting=1)

        with pytest.raises(SettingsError, match=r"Cut 7: the row of train .* overlaps .* of test"):
            check_cut(a_cut(), rows, 2 * DAY)


def test_a_row_that_begins_at_the_instant_a_test_ends_overlaps_it() -> None:
    rows = {Part.TRAIN: events(20), Part.TEST: events(18, lasting=2)}

    with pytest.raises(SettingsError, match="overlaps"):
        check_cut(a_cut(), rows, timedelta())


def test_the_pair_that_is_broken_is_named_with_its_times() -> None:
    with pytest.raises(SettingsError) as found:
        check_cut(a_cut(), with_row(Part.TRAIN, 29, lasting=1), 2 * DAY)

    assert str(found.value) == (
        "Cut 7: the row of train from 2016-02-02 00:00:00+00:00 to 2016-02-03 00:00:00+00:00 "
        "overlaps the row of test from 2016-02-03 00:00:00+00:00 to 2016-02-05 00:00:00+00:00; "
        "purge it"
    )


def test_an_embargo_one_microsecond_short_is_found_and_an_exact_one_passes() -> None:
    rows = clean_rows()
    gap = timedelta(microseconds=int(rows[Part.TRAIN][0][2] - rows[Part.TEST][1][1]))

    check_cut(a_cut(), {p: rows[p] for p in (Part.TRAIN, Part.TEST)}, gap)
    with pytest.raises(SettingsError, match=r"of train .* begins 4 days, .* of test .* embargo"):
        check_cut(a_cut(), {p: rows[p] for p in (Part.TRAIN, Part.TEST)}, gap + INSTANT)


@pytest.mark.parametrize(
    ("early", "late", "day"),
    [(Part.TRAIN, Part.STOP, 51), (Part.STOP, Part.CALIBRATE, 61), (Part.CALIBRATE, Part.FUSE, 71)],
)
def test_an_embargo_missing_between_parts_that_are_learned_from_is_found(
    early: Part, late: Part, day: int
) -> None:
    rows = with_row(late, day - 0.5)

    with pytest.raises(SettingsError, match=rf"row of {late} .* begins 1 day, .* row of {early}"):
        check_cut(a_cut(), rows | {early: with_row(early, day - 1.5)[early]}, 2 * DAY)


def test_a_label_that_outlasts_the_next_part_is_found() -> None:
    rows = with_row(Part.TRAIN, 47, lasting=40)

    with pytest.raises(SettingsError, match=r"row of train .* overlaps the row of stop"):
        check_cut(a_cut(), rows, 2 * DAY)


@pytest.mark.parametrize("part", list(Part))
def test_a_label_that_ends_before_it_starts_is_found(part: Part) -> None:
    rows = with_row(part, 5, lasting=-1)

    with pytest.raises(SettingsError, match=f"A label of {part} of cut 7 ends before it starts"):
        check_cut(a_cut(), rows, 2 * DAY)


def test_a_label_that_ends_before_it_starts_is_not_purged_in_silence() -> None:
    with pytest.raises(SettingsError, match="the test ends before it starts"):
        purged(*events(1), *events(5, lasting=-1), DAY)


def test_rows_without_as_many_ends_as_times_are_refused() -> None:
    times, _ = events(1, 2)

    with pytest.raises(SettingsError, match=r"found \(2,\) times and \(1,\) ends"):
        purged(times, times[:1], times, times, DAY)


def test_a_negative_embargo_is_refused() -> None:
    with pytest.raises(SettingsError, match="no negative time"):
        purged(*events(1), *events(2), -DAY)


def test_without_a_test_everything_is_kept() -> None:
    assert purged(*events(1, 2), *events(), DAY).all()


def test_ten_daily_events_of_two_days_lose_the_two_that_reach_into_the_second_half() -> None:
    times, ends = events(*range(10), lasting=2)
    test = slice(5, 10)

    kept = purged(times[:5], ends[:5], times[test], ends[test], timedelta())

    assert kept.tolist() == [True, True, True, False, False]


def test_ten_daily_events_of_two_days_wait_after_a_test_in_the_middle() -> None:
    times, ends = events(*range(10), lasting=2)
    test = slice(3, 5)

    kept = purged(times, ends, times[test], ends[test], DAY)
    longer = purged(times, ends, times[test], ends[test], DAY + INSTANT)

    # the last label of the test ends with day 6: day 6 shares that instant, day 7 is a day later
    assert np.flatnonzero(kept).tolist() == [0, 7, 8, 9]
    assert np.flatnonzero(longer).tolist() == [0, 8, 9]


def test_a_test_that_is_taken_to_start_where_its_first_label_ends_is_found() -> None:
    times, ends = events(*range(10), lasting=2)
    test = slice(5, 10)
    starts_late = ends[test][0]  # the fault of PurgedKFold in mlfinlab and mlfinpy
    faulty = ends[:5] <= starts_late

    assert faulty.tolist() == [True] * 5
    with pytest.raises(SettingsError, match=r"train from 2016-01-07 .* test from 2016-01-09"):
        check_cut(
            a_cut(),
            {Part.TRAIN: (times[:5], ends[:5]), Part.TEST: (times[test], ends[test])},
            timedelta(),
        )


def calendars(days: int, seed: int) -> list[Micros]:
    """Return the bar times of markets that trade always, on weekdays, and in sessions with gaps."""
    chance = np.random.default_rng(seed)
    day = np.arange(days)
    weekdays = day[(day + START.weekday()) % 7 < 5]
    sessions = weekdays[chance.random(len(weekdays)) > 0.05] + 21 / 24
    always = np.arange(2 * days) / 2
    late = day[days // 5 :] + 17 / 24  # listed when a fifth of history was over
    scale = DAY // INSTANT
    return [micro(START) + np.round(t * scale).astype(np.int64) for t in (always, sessions, late)]


def rows_of(
    cut: Cut, days: int, seed: int, longest: timedelta, *, inside: bool = True
) -> dict[Part, tuple[Micros, Micros]]:
    """Return the rows of every instrument in the spans, each label as long as chance has it.

    A label ends at a later bar of its own market; one that ends outside its span is left out if
    `inside`, as where labels are computed span by span.
    """
    chance = np.random.default_rng(seed + 1)
    found: dict[Part, list[tuple[Micros, Micros]]] = {part: [] for part in cut.parts}
    for times in calendars(days, seed):
        ahead = np.round(chance.random(len(times)) ** 2 * (longest // INSTANT)).astype(np.int64)
        ends = times[np.searchsorted(times, times + ahead, side="right") - 1]
        for part, spans in cut.parts.items():
            for span in spans:
                chosen = (times > micro(span.start)) & (times <= micro(span.end))
                chosen &= (ends <= micro(span.end)) | (not inside)
                found[part].append((times[chosen], ends[chosen]))
    return {
        part: (np.concatenate([t for t, _ in each]), np.concatenate([e for _, e in each]))
        for part, each in found.items()
    }


plans = st.builds(
    CutPlan,
    kind=st.sampled_from(CutKind),
    folds=st.integers(1, 4),
    tested=st.floats(0.3, 0.6),
    embargo=st.integers(0, 72).map(lambda hours: timedelta(hours=hours)),
    groups=st.integers(3, 7),
    test_groups=st.integers(1, 2),
)


@given(plan=plans, days=st.integers(600, 900), longest=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_in_no_cut_does_a_label_of_any_market_touch_a_test_or_another_part(
    plan: CutPlan, days: int, longest: int, seed: int
) -> None:
    embargo = plan.embargo // INSTANT

    for cut in cuts(START, START + days * DAY, plan):
        rows = rows_of(cut, days, seed, longest * DAY)
        check_cut(cut, rows, plan.embargo)

        assert len(rows[Part.TRAIN][0]) > 0
        assert len(rows[Part.TEST][0]) > 0
        starts, overs = rows[Part.TEST]
        for part in LEARNING:
            times, ends = rows[part]
            assert not np.any((times[:, None] <= overs) & (starts <= ends[:, None]))
            gaps = times[:, None] - overs
            assert not np.any((gaps > 0) & (gaps < embargo))
            assert purged(times, ends, starts, overs, plan.embargo).all()


@pytest.mark.parametrize("kind", list(CutKind))
def test_labels_that_look_out_of_their_span_are_found_in_every_kind_of_cut(kind: CutKind) -> None:
    plan = CutPlan(kind=kind, groups=5, test_groups=2)

    for cut in cuts(START, START + 700 * DAY, plan):
        rows = rows_of(cut, 700, 3, 9 * DAY, inside=False)

        with pytest.raises(SettingsError, match=r"overlaps|less than the embargo"):
            check_cut(cut, rows, plan.embargo)


@given(plan=plans, days=st.integers(600, 900))
@settings(max_examples=40, deadline=None)
def test_no_cut_gives_away_more_than_its_embargo(plan: CutPlan, days: int) -> None:
    first, last = 1, 0  # microseconds after the start of a span, and before its end

    for cut in cuts(START, START + days * DAY, plan):
        edges = {
            part: np.array([[micro(s.start) + first, micro(s.end) - last] for s in spans])
            for part, spans in cut.parts.items()
        }
        rows = {part: (each[:, 0], each[:, 1]) for part, each in edges.items()}

        check_cut(cut, rows, plan.embargo)
        check_cut(cut, rows, plan.embargo + INSTANT)
        with pytest.raises(SettingsError, match="less than the embargo"):
            check_cut(cut, rows, plan.embargo + 2 * INSTANT)
