"""Figures of a record against other libraries, and what is said of too few."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, log_loss

from assay.evaluation.track import (
    DOWN,
    FLAT,
    LEAST,
    UNKNOWN,
    UP,
    Figure,
    Said,
    Traded,
    calibration,
    difference,
    figure,
    hit_rate,
    record,
)

NO_TRADES = Traded(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.bool_))


def said(count: int, seed: int = 3, *, days: int = 40, **about: Any) -> Said:
    chance = np.random.default_rng(seed)
    values = {
        "day": np.sort(chance.integers(0, days, count)),
        "probability": chance.uniform(0.2, 0.8, count),
        "base": np.full(count, 0.52),
        "side": chance.choice([-1, 1], count),
        "outcome": chance.choice([DOWN, FLAT, UP], count),
        "inside": {"0.9": (chance.random(count) < 0.9).astype(float)},
    }
    return Said(**{**values, **about})


def test_losses_are_those_of_another_library_over_what_moved() -> None:
    told = said(900)
    up, p = (told.outcome == UP)[told.moved], told.probability[told.moved]

    found = record(told, NO_TRADES)

    assert np.isclose(found.brier.loss.value, brier_score_loss(up, p), rtol=1e-12)
    assert np.isclose(found.log_loss.loss.value, log_loss(up, p), rtol=1e-12)
    usual = np.full(len(up), 0.52)
    assert np.isclose(found.brier.baseline.value, brier_score_loss(up, usual), rtol=1e-12)
    assert np.isclose(
        found.brier.gain.value, found.brier.baseline.value - found.brier.loss.value, atol=1e-12
    )


def test_the_hit_rate_is_never_surer_than_wilson() -> None:
    chance = np.random.default_rng(5)
    hits, day = chance.random(400) < 0.55, np.arange(400) // 10

    found = hit_rate(hits, day)
    oracle = binomtest(int(hits.sum()), 400).proportion_ci(method="wilson")

    assert found.value == hits.mean()
    assert found.low <= oracle.low + 1e-12
    assert found.high >= oracle.high - 1e-12


def test_days_that_hang_together_widen_the_interval() -> None:
    day = np.arange(600) // 20
    alone = np.random.default_rng(1).random(600) < 0.5
    together = np.repeat(np.random.default_rng(1).random(30) < 0.5, 20)

    narrow, wide = hit_rate(alone, day), hit_rate(together, day)

    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


@pytest.mark.parametrize(("count", "days"), [(LEAST - 1, 29), (200, 9), (0, 0), (1, 1)])
def test_too_few_have_no_interval(count: int, days: int) -> None:
    day = np.arange(count) % max(days, 1)

    found = figure(np.ones(count), day)

    assert found.too_few
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert (found.count, found.days) == (count, days)


def test_enough_have_one() -> None:
    found = figure(np.arange(float(LEAST)), np.arange(LEAST))

    assert not found.too_few
    assert found.low < found.value < found.high


def test_flat_and_unknown_outcomes_are_counted_and_not_judged() -> None:
    outcome = np.array([UP, FLAT, UNKNOWN, DOWN, UP])
    told = said(5, outcome=outcome, side=np.array([1, 1, 1, 1, 0]))

    found = record(told, NO_TRADES)

    assert (found.count, found.moved, found.flat, found.unknown) == (5, 3, 1, 1)
    assert (found.hit_rate.count, found.hit_rate.value) == (2, 0.5)
    assert found.brier.loss.count == 3
    assert found.too_few


def test_withheld_trades_never_enter_the_return() -> None:
    trades = Traded(
        day=np.array([1, 2, 3, 4]),
        net=np.array([0.01, -0.02, 0.5, -0.25]),
        r=np.array([1.0, -1.0, 9.0, -9.0]),
        taken=np.array([True, True, False, False]),
    )

    found = record(said(4), trades)

    assert np.isclose(found.net.value, -0.005)
    assert (found.r.value, found.r.count) == (0.0, 2)
    assert (found.missed, found.spared, found.withheld_r.count) == (1, 1, 2)


def test_coverage_leaves_out_where_no_fan_was_given() -> None:
    inside = np.array([1.0, 0.0, np.nan, 1.0])

    found = record(said(4, inside={"0.5": inside}), NO_TRADES).coverage["0.5"]

    assert (found.value, found.count) == (2 / 3, 3)


def test_right_probabilities_are_found_right() -> None:
    chance = np.random.default_rng(8)
    p = chance.uniform(0.2, 0.8, 6000)
    up = chance.random(6000) < p
    told = said(6000, days=200, probability=p, outcome=np.where(up, UP, DOWN))

    found = calibration(told)

    assert found is not None
    bins, brier = found
    assert len(bins.said) == 10
    assert (bins.low <= bins.said).mean() >= 0.8
    assert brier.error < 3 * brier.by_chance


def test_few_outcomes_make_few_bins_or_none() -> None:
    moved = np.full(70, UP)
    spread = calibration(said(70, outcome=moved))
    none = calibration(said(20, outcome=moved[:20]))
    on_few_days = calibration(said(70, days=9, outcome=moved))

    assert spread is not None
    assert len(spread[0].said) <= 2
    assert (none, on_few_days) == (None, None)


def test_a_difference_is_as_unsure_as_both_together() -> None:
    one, other = Figure(1.0, 0.7, 1.3, 50, 20), Figure(0.5, 0.1, 0.9, 90, 30)

    apart, low, high = difference(one, other)

    assert np.allclose((apart, low, high), (0.5, 0.0, 1.0))  # 3, 4, 5
    assert np.isnan(difference(one, Figure(0.5, np.nan, np.nan, 3, 3))[1:]).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 120))
def test_the_order_of_signals_changes_nothing(seed: int, count: int) -> None:
    told = said(count, seed)
    order = np.random.default_rng(seed).permutation(count)
    turned = Said(
        told.day[order],
        told.probability[order],
        told.base[order],
        told.side[order],
        told.outcome[order],
        {share: inside[order] for share, inside in told.inside.items()},
    )

    there, back = record(told, NO_TRADES), record(turned, NO_TRADES)

    assert (there.hit_rate.count, there.moved, there.days) == (
        back.hit_rate.count,
        back.moved,
        back.days,
    )
    for one, other in ((there.hit_rate, back.hit_rate), (there.brier.loss, back.brier.loss)):
        ends = [[each.value, each.low, each.high] for each in (one, other)]
        assert np.allclose(ends[0], ends[1], equal_nan=True)
