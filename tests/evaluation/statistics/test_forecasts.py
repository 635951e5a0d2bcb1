"""Forecast comparisons against statsmodels, the t test and simulation."""

from collections.abc import Callable

import numpy as np
import pytest

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.forecasts import (
    Comparison,
    clark_west,
    day_block_difference,
    diebold_mariano,
)
from assay.evaluation.statistics.sharpe import Floats

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")


def overlapping(count: int, horizon: int, chance: np.random.Generator) -> Floats:
    """Return losses whose errors are sums over `horizon` steps, as forecasts of them have."""
    steps = chance.normal(size=count + horizon - 1)
    return np.asarray(np.convolve(steps, np.ones(horizon), mode="valid") ** 2)


@pytest.mark.parametrize(("horizon", "lags"), [(1, None), (1, 0), (5, 4), (5, None), (3, 9)])
def test_it_is_the_test_of_statsmodels(horizon: int, lags: int | None) -> None:
    stattools = pytest.importorskip("statsmodels.tsa.stattools", reason="the oracle")
    chance = np.random.default_rng(4)
    actual = chance.normal(size=150)
    good, bad = actual + chance.normal(0, 0.9, 150), actual + chance.normal(0, 1.0, 150)

    found = diebold_mariano((actual - good) ** 2, (actual - bad) ** 2, horizon, lags)

    oracle = stattools.diebold_mariano_test(
        actual, bad, good, lags=lags, harvey_adj=True, horizon=horizon
    )
    two_sided = 2 * min(found.p_value, 1 - found.p_value)
    assert np.isclose(found.statistic, oracle.statistic, rtol=1e-9)
    assert np.isclose(two_sided, oracle.pvalue, rtol=1e-9)
    assert found.lags == oracle.lags


def test_one_step_ahead_it_is_the_t_test() -> None:
    loss, baseline = np.random.default_rng(11).exponential(size=(2, 200))

    found = diebold_mariano(loss, baseline, lags=0)

    oracle = stats.ttest_1samp(baseline - loss, 0, alternative="greater")
    assert np.isclose(found.p_value, oracle.pvalue, rtol=1e-12)


def test_the_better_one_is_found_and_the_worse_one_is_not() -> None:
    chance = np.random.default_rng(5)
    good, bad = chance.exponential(0.8, 400), chance.exponential(1.0, 400)

    assert diebold_mariano(good, bad).p_value < 0.01
    assert diebold_mariano(bad, good).p_value > 0.99
    assert diebold_mariano(good, bad).mean_gain > 0


def test_forecasts_that_overlap_are_not_many_forecasts() -> None:
    chance = np.random.default_rng(6)
    rejected = sum(
        diebold_mariano(overlapping(500, 5, chance), overlapping(500, 5, chance), 5).p_value < 0.05
        for _ in range(600)
    )

    assert 14 <= rejected <= 54  # 5 to 6 % of 600, between 3.5 standard errors


def test_a_nested_model_is_judged_by_the_regression_of_its_paper() -> None:
    regression = pytest.importorskip("statsmodels.api", reason="statsmodels is the oracle")
    chance = np.random.default_rng(3)
    actual, large = chance.normal(size=(2, 200))
    small = np.zeros(200)

    found = clark_west(actual, small, large, horizon=3, lags=4)

    gain = actual**2 - ((actual - large) ** 2 - large**2)
    oracle = regression.OLS(gain, np.ones(200)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": False}
    )
    assert np.isclose(found.statistic, oracle.tvalues[0], rtol=1e-9)
    assert np.isclose(found.p_value, stats.norm.sf(oracle.tvalues[0]), rtol=1e-9)


def nested(test: Callable[[Floats, Floats, Floats], Comparison], slope: float, seed: int) -> float:
    """Return how often `test` finds that an estimated slope beats none, over 200 samples."""
    chance = np.random.default_rng(seed)
    found = 0
    for _ in range(200):
        signal = chance.normal(size=260)
        actual = slope * signal + chance.normal(size=260)
        products, squares = np.cumsum(signal * actual), np.cumsum(signal**2)
        large = signal[60:] * (products / squares)[59:-1]  # fitted on all that came before
        found += test(actual[60:], np.zeros(200), large).p_value < 0.05
    return found / 200


def test_a_right_nested_model_is_found_where_the_plain_test_sees_only_its_noise() -> None:
    def plain(actual: Floats, small: Floats, large: Floats) -> Comparison:
        return diebold_mariano((actual - large) ** 2, (actual - small) ** 2, lags=0)

    assert nested(clark_west, 0.15, seed=1) > nested(plain, 0.15, seed=1) + 0.2
    assert nested(clark_west, 0.0, seed=2) < 0.1


@pytest.mark.parametrize("gain", [np.zeros(50), np.full(50, 0.3)])
def test_a_gain_that_never_varies_concludes_nothing(gain: Floats) -> None:
    found = diebold_mariano(np.zeros(50), gain)

    assert (found.statistic, found.p_value) == (0.0, 1.0)
    assert clark_west(np.ones(50), np.zeros(50), np.zeros(50)).p_value == 1.0


def test_too_few_forecasts_say_nothing() -> None:
    few = np.random.default_rng(1).normal(size=(3, 19))
    overlap = np.random.default_rng(1).normal(size=(2, 39))

    assert np.isnan(diebold_mariano(few[0], few[1]).p_value)
    assert np.isnan(clark_west(few[0], few[1], few[2]).p_value)
    assert np.isnan(diebold_mariano(overlap[0], overlap[1], horizon=20).p_value)


def test_lags_short_of_the_overlap_are_refused() -> None:
    with pytest.raises(SettingsError, match="at least horizon - 1 = 4"):
        diebold_mariano(np.ones(50), np.zeros(50), horizon=5, lags=3)


def test_losses_come_in_pairs() -> None:
    with pytest.raises(DataError, match="found 50 and 49"):
        diebold_mariano(np.ones(50), np.zeros(49))
    with pytest.raises(DataError, match="50 losses and 2 days"):
        day_block_difference(np.ones(50), np.zeros(50), np.arange(2))


def test_a_day_of_many_instruments_is_one_day() -> None:
    chance = np.random.default_rng(7)
    day = np.repeat(np.arange(250), 20)
    shared = np.repeat(chance.normal(size=250), 20)

    found = day_block_difference(shared, np.zeros(5000), day, block_days=1, draws=2000)

    wide = stats.norm.ppf(0.975) * shared[::20].std() / np.sqrt(250)
    assert found.days == 250
    assert np.isclose(found.high - found.low, 2 * wide, rtol=0.08)


def test_the_interval_covers_the_difference_as_often_as_it_says() -> None:
    chance = np.random.default_rng(8)
    covered = 0
    for _ in range(300):
        day = np.sort(chance.integers(0, 200, 800))
        mood = np.convolve(chance.normal(size=204), np.ones(5) / 5, mode="valid")
        loss = 0.2 + mood[day] + chance.normal(size=800)
        found = day_block_difference(loss, np.zeros(800), day, block_days=15, draws=400)
        covered += found.low <= 0.2 <= found.high

    assert 0.87 <= covered / 300 <= 0.98


def test_the_order_of_rows_does_not_matter() -> None:
    chance = np.random.default_rng(9)
    loss, day = chance.normal(size=300), chance.integers(0, 60, 300)
    order = chance.permutation(300)

    there = day_block_difference(loss, np.zeros(300), day)
    back = day_block_difference(loss[order], np.zeros(300), day[order])

    assert np.allclose([there.value, there.low, there.high], [back.value, back.low, back.high])


def test_one_day_has_a_mean_and_no_interval() -> None:
    found = day_block_difference(np.ones(5), np.zeros(5), np.full(5, 7))

    assert found.value == 1.0
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(day_block_difference(np.ones(0), np.ones(0), np.zeros(0, dtype=int)).value)
