"""A fold knows nothing of what comes after a day, and the harness would show a leak."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from assay.core.errors import SettingsError
from assay.core.values.bars import Bars
from assay.evaluation.cuts import Cut
from assay.evaluation.splits import Part, Span
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.fitted import fit_cut, member_of, questions_of, spans_of
from assay.workflows.experiments.folded import FoldResult, run_fold
from assay.workflows.experiments.leaning import leaning_of
from assay.workflows.experiments.working import permuted
from assay.workflows.gather import Prepared, micros
from assay.workflows.pooling import day_numbers
from tests.workflows.experiments.worlds import (
    EURUSD,
    LABELS,
    after,
    altered,
    cuts_of,
    experiment,
    pair,
    prepared,
    read,
)

FEW = {"rows_needed": 300, "stop_rows_needed": 50}
TREES = {"name": "lightgbm", "settings": {"rounds": 20, "rows_per_leaf": 50, **FEW}}
SMALL = {"look_back": 8, "hidden": 4, "filters": 4, "units": 4, "names_width": 2}
NET = {"name": "cnn_lstm", "settings": {**SMALL, "epochs": 2, "rows_an_epoch": 512, **FEW}}
ASKED: Mapping[str, Mapping[str, Any]] = {
    **{kind: {"label": dict(label)} for kind, label in LABELS.items()},
    "momentum": {"model": {"name": "momentum"}},
    "trees": {"model": TREES},
    "long": {"trade": {"sides": "long", "sizing": "volatility_target"}},
}
KNOWN_BY_DAY = ("net", "gross", "double", "optimistic", "naive", "momentum", "hold")
"""The returns of a day that may rest on nothing later.

`delayed` and `shifted` are left out: there decisions that leave the span come in at its start.
"""
SCORED = ("rows", "weight", "loss", "base_loss", "pinball", "miss", "moved", "hits", "all_weight",
          "came", "came_came")  # fmt: skip
"""Scores of a day; those with `edge` rank a lean among all of the test's, and need all of it."""
LEAN = ("shift", "p_up", "base_up", "error", "move")
ROWS = 2_500
LONGEST = timedelta(days=3)
"""More than any label here looks ahead, over a weekend too."""
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def bars() -> Bars:
    return pair(ROWS)


@pytest.fixture(scope="module")
def item(bars: Bars) -> Prepared:
    return prepared(bars)


@pytest.fixture(scope="module")
def cut(item: Prepared) -> Cut:
    (found,) = cuts_of(item)
    return found


@pytest.fixture(scope="module")
def middle(cut: Cut) -> datetime:
    """Return a moment in the middle of the test, where the future is cut off."""
    (test,) = cut.parts[Part.TEST]
    half = test.start + (test.end - test.start) / 2
    return half.replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def other_end(bars: Bars, middle: datetime) -> Prepared:
    """Return the series with another second half of the test."""
    return prepared(altered(bars, after(bars, middle)))


def run(asked: Experiment, item: Prepared, cut: Cut, **more: Any) -> FoldResult:
    """Return a fold about one series, seed 1."""
    return run_fold(asked, read(asked, item), cut, 1, **more)


def of_days(result: FoldResult, names: tuple[str, ...], by: str, last: int) -> dict[str, bytes]:
    """Return arrays of a fold on the days before `last`, to the bit."""
    early = result.arrays[by] < last
    assert early.any()
    return {name: result.arrays[name][early].tobytes() for name in (by, *names)}


def gross_of(result: FoldResult) -> float:
    """Return the sum of the daily returns without costs."""
    return float(result.arrays["gross"].sum())


def hit_rate(*results: FoldResult) -> float:
    """Return how often the side was right, of the rows that moved."""
    hits, moved = (sum(r.arrays[name].sum() for r in results) for name in ("hits", "moved"))
    return float(hits / moved)


def rank_ic(result: FoldResult) -> float:
    """Return the rank correlation of the leans with what came."""
    return float(result.metrics["rank_ic"][str(EURUSD)])


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_another_future_changes_no_earlier_day(
    item: Prepared, other_end: Prepared, cut: Cut, middle: datetime, kind: str
) -> None:
    asked = experiment(**ASKED[kind])
    last = int(day_numbers(item, np.searchsorted(item.time, [micros(middle)]))[0])

    before, now = (run(asked, each, cut, explained=True) for each in (item, other_end))

    assert of_days(before, KNOWN_BY_DAY, "day", last) == of_days(now, KNOWN_BY_DAY, "day", last)
    settled = last - LONGEST // DAY
    assert of_days(before, SCORED, "score_day", settled) == of_days(
        now, SCORED, "score_day", settled
    )
    assert before.metrics["threshold"] == now.metrics["threshold"]
    assert before.metrics["importance"] == now.metrics["importance"]
    assert before.metrics["trades"] > 10, "nothing is seen where nobody trades"
    for name in ("net", "gross", "hold"):
        later = before.arrays["day"] > last
        assert not np.array_equal(before.arrays[name][later], now.arrays[name][later])


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_leans_up_to_a_moment_are_the_same_to_the_bit(
    item: Prepared, other_end: Prepared, cut: Cut, middle: datetime, kind: str
) -> None:
    asked = experiment(**ASKED[kind])
    (test,) = cut.parts[Part.TEST]
    rows = item.rows(Span(test.start, middle))

    leans = []
    for each in (item, other_end):
        (own,) = read(asked, each).values()
        known = fit_cut(asked, [own], cut, 1)
        leans.append(leaning_of(asked, known.said(own, rows), own, rows))

    for name in LEAN:
        assert getattr(leans[0], name).tobytes() == getattr(leans[1], name).tobytes(), name
    assert np.isfinite(leans[0].shift).all()
    assert np.ptp(leans[0].shift) > 0


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_learning_reads_nothing_of_the_test(
    bars: Bars, item: Prepared, cut: Cut, kind: str
) -> None:
    asked = experiment(**ASKED[kind])
    (test,) = cut.parts[Part.TEST]
    other = prepared(altered(bars, after(bars, test.start)))

    before, now = (run(asked, each, cut, explained=True) for each in (item, other))

    for name in ("threshold", "importance", "outcomes"):
        assert before.metrics[name] == now.metrics[name]
    assert before.metrics["rank_ic"] != now.metrics["rank_ic"]


def test_the_worth_of_a_lean_and_the_threshold_come_from_the_fuse_span(
    bars: Bars, item: Prepared, cut: Cut
) -> None:
    (fuse,), (test,) = cut.parts[Part.FUSE], cut.parts[Part.TEST]
    inside = after(bars, fuse.start) & ~after(bars, fuse.end)
    other = prepared(altered(bars, inside))

    before, now = (run(experiment(), each, cut) for each in (item, other))

    assert before.metrics["threshold"] != now.metrics["threshold"]
    assert before.metrics["outcomes"] == now.metrics["outcomes"]
    assert fuse.end < test.start


def planted(item: Prepared, values: np.ndarray) -> Prepared:
    """Return `item` with `values` in the place of its third column."""
    x = item.x.copy()
    x[:, 2] = values
    return replace(item, x=x)


def next_move(item: Prepared) -> np.ndarray:
    """Return each bar's next log return, in thousandths: the future itself."""
    close = item.bars.frame["close"].to_numpy()
    return 1000.0 * np.append(np.diff(np.log(close)), 0.0)


def test_a_column_that_is_the_future_would_be_seen() -> None:
    honest = prepared(pair(ROWS, edge=0.0))
    leaky = planted(honest, next_move(honest))
    (cut,) = cuts_of(leaky)
    asked = experiment(label={"kind": "direction", "horizon": "1 bars"})

    plain = run(asked, leaky, cut, explained=True)
    placebos = [
        run_fold(asked, read(asked, leaky), cut, seed, changed=permuted(seed))
        for seed in range(1, 7)
    ]

    assert hit_rate(plain) > 0.95
    assert rank_ic(plain) > 0.9
    importance = plain.metrics["importance"]
    assert max(importance, key=importance.__getitem__) == leaky.columns[2]
    assert gross_of(plain) > 0.5
    # half a test later the same orders know nothing, and a bar later what they knew is over
    for name in ("shifted", "delayed"):
        assert float(plain.arrays[name].sum()) < 0.1 * gross_of(plain)
    # who has learned from outcomes of other days cannot read it, whatever calibration makes of it
    assert hit_rate(*placebos) < 0.7
    assert np.mean([rank_ic(each) for each in placebos]) < 0.4
    assert np.mean([gross_of(each) for each in placebos]) < 0.4 * gross_of(plain)


def test_a_column_that_knows_the_outcomes_of_the_train_span_alone_gains_nothing() -> None:
    honest = prepared(pair(ROWS, edge=0.0))
    (cut,) = cuts_of(honest)
    told = next_move(honest)
    learned = honest.rows(cut.parts[Part.TRAIN][0])
    chance = np.random.default_rng(4)
    leaky = planted(honest, chance.permutation(told))
    leaky.x[learned, 2] = told[learned]
    asked = experiment(label={"kind": "direction", "horizon": "1 bars"})

    found = run(asked, leaky, cut)

    assert abs(hit_rate(found) - 0.5) < 0.06
    assert gross_of(found) < 0.1


def test_without_an_edge_it_earns_nothing_before_costs_and_loses_the_costs() -> None:
    results = []
    for seed in range(101, 109):
        item = prepared(pair(ROWS, edge=0.0, seed=seed))
        results.append(run(experiment(), item, cuts_of(item)[0]))

    gross = np.array([gross_of(each) for each in results])
    net = np.array([float(each.arrays["net"].sum()) for each in results])
    error = gross.std(ddof=1) / np.sqrt(len(gross))
    assert abs(gross.mean()) < 3 * error
    assert net.mean() < 0
    spent = sum(each.metrics["fees"] + each.metrics["costs"] for each in results)
    assert 0.5 * spent < (gross - net).sum() < 2 * spent
    rows = sum(each.arrays["moved"].sum() for each in results)
    # outcomes of four bars overlap: a quarter of them say something of their own
    assert abs(hit_rate(*results) - 0.5) < 3 * 0.5 / np.sqrt(rows / 4)


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_a_planted_edge_is_found(item: Prepared, cut: Cut, kind: str) -> None:
    found = run(experiment(**ASKED[kind]), item, cut)

    assert hit_rate(found) > 0.55
    assert rank_ic(found) > 0.15
    assert gross_of(found) > 0.05
    assert float((found.arrays["base_loss"] - found.arrays["loss"]).sum()) > 0


@pytest.mark.parametrize("kind", ["three_class", "triple_barrier"])
def test_no_outcome_that_is_learned_from_meets_a_test_of_a_combinatorial_cut(
    item: Prepared, kind: str
) -> None:
    asked = experiment(label=dict(LABELS[kind]), splits__embargo="12 hours")
    many = cuts_of(item, "combinatorial", groups=4, test_groups=2)
    (own,) = read(asked, item).values()

    for cut in many:
        for question in questions_of(asked):
            spans = spans_of(asked, member_of(asked, question), [own], cut, question)
            rows = np.concatenate([own.rows(span) for span in cut.parts[Part.TEST]])
            ends = np.concatenate(
                [question.came(own, own.rows(s))[3] for s in cut.parts[Part.TEST]]
            )
            start, end = own.time[rows], np.maximum(ends, own.time[rows])
            for samples in spans.values():
                known = samples.label >= 0
                begin, over = samples.time[known, None], samples.t1[known, None]
                assert not ((begin <= end) & (over >= start)).any()

    assert len(many) == 6
    assert any(cut.parts[Part.TRAIN][-1].end > cut.parts[Part.TEST][0].start for cut in many)


@pytest.mark.parametrize("part", [Part.TRAIN, Part.STOP, Part.CALIBRATE])
def test_a_cut_that_learns_right_after_its_test_is_refused(
    item: Prepared, cut: Cut, part: Part
) -> None:
    (test,) = cut.parts[Part.TEST]
    middle = test.start + (test.end - test.start) / 2
    parts = {**cut.parts, Part.TEST: (Span(test.start, middle),), part: (Span(middle, test.end),)}

    with pytest.raises(SettingsError, match=r"less than the embargo|overlaps"):
        run(experiment(), item, Cut(1, parts))


@pytest.mark.slow  # what exports a net takes half a minute to be loaded
def test_a_net_reads_no_bar_after_the_one_it_answers(
    item: Prepared, other_end: Prepared, cut: Cut, middle: datetime
) -> None:
    asked = experiment(model=NET)
    last = int(day_numbers(item, np.searchsorted(item.time, [micros(middle)]))[0])

    before, now = (run(asked, each, cut) for each in (item, other_end))

    assert of_days(before, KNOWN_BY_DAY, "day", last) == of_days(now, KNOWN_BY_DAY, "day", last)
    assert before.metrics["threshold"] == now.metrics["threshold"]
