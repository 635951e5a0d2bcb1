"""Figures agree with their definitions, and intervals cover what they should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.evaluation.bootstrap import block_rows, estimate
from assay.evaluation.metrics import (
    drawdown,
    expected_shortfall,
    hit_rate,
    mean_by_day,
    performance,
    sharpe,
    sortino,
    trade_stats,
)

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")


def test_sharpe_is_the_annualised_t_ratio() -> None:
    daily = np.random.default_rng(3).normal(0.0004, 0.01, 500)

    figure = sharpe(daily[None], 252)[0]

    oracle = stats.ttest_1samp(daily, 0).statistic / np.sqrt(500) * np.sqrt(252)
    assert np.isclose(figure, oracle, rtol=1e-12)


def test_drawdown_of_a_known_path() -> None:
    daily = np.array([[0.10, -0.50, 0.20, 1.0]])

    assert np.isclose(drawdown(daily)[0], 0.5)


def test_a_loss_on_the_first_day_counts_as_drawdown() -> None:
    assert np.isclose(drawdown(np.array([[-0.2, 0.1]]))[0], 0.2)


def test_expected_shortfall_is_the_mean_of_the_worst_days() -> None:
    daily = np.arange(-50, 50, dtype=float)[None] / 1000

    assert np.isclose(expected_shortfall(daily)[0], np.mean([50, 49, 48, 47, 46]) / 1000)


def test_sortino_counts_only_what_hurts() -> None:
    daily = np.array([[0.01, -0.01, 0.03, -0.02]])

    by_hand = 0.0025 / np.sqrt((0.01**2 + 0.02**2) / 4) * np.sqrt(260)

    assert np.isclose(sortino(daily, 260)[0], by_hand)


def test_no_losing_day_has_no_ratio_rather_than_an_infinite_one() -> None:
    figures = performance(np.full(40, 0.001))

    assert np.isnan(figures.sortino.value)
    assert np.isnan(figures.calmar.value)


@given(days=st.integers(5, 60), block=st.integers(1, 5), seed=st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_blocks_keep_days_together(days: int, block: int, seed: int) -> None:
    rows = block_rows(days, block, 20, seed)

    assert rows.shape == (20, days)
    steps = (np.diff(rows, axis=1) % days) == 1
    inside = np.arange(1, days) % block != 0
    assert steps[:, inside].all()


def test_the_interval_of_a_mean_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    covered = 0
    for number in range(200):
        sample = chance.normal(0.0, 1.0, 250)
        found = estimate(sample, lambda d: d.mean(axis=1), draws=300, seed=number)
        covered += found.low <= 0.0 <= found.high

    assert 180 <= covered <= 199  # 95 % nominal; blocks of six days make it a little narrow


def test_blocks_widen_the_interval_of_what_hangs_together() -> None:
    chance = np.random.default_rng(9)
    daily_level = np.repeat(chance.normal(0, 1, 200), 20)
    hits = chance.random(4000) < 0.5 + 0.4 * np.tanh(daily_level)
    day = np.repeat(np.arange(200), 20)

    by_day = hit_rate(hits, day)
    alone = hit_rate(chance.permutation(hits), np.arange(4000))

    assert by_day.high - by_day.low > 1.3 * (alone.high - alone.low)
    assert by_day.days == 200


def test_trades_by_hand() -> None:
    figures = trade_stats(np.array([0.02, -0.01, 0.01, -0.01]), np.array([1, 1, 2, 3]))

    assert figures.count == 4
    assert np.isclose(figures.hit_rate.value, 0.5)
    assert np.isclose(figures.profit_factor.value, 1.5)


def test_no_trades_have_no_figures() -> None:
    assert np.isnan(trade_stats(np.array([]), np.array([], dtype=np.int64)).hit_rate.value)


def test_one_day_is_no_sample() -> None:
    found = mean_by_day(np.array([1.0, 2.0]), np.array([4, 4]))

    assert np.isnan(found.low)
    assert found.is_thin
