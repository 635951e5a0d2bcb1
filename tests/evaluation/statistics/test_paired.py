"""Paired gains against statsmodels, and what they say when the truth is known."""

import numpy as np
import pytest

from assay.core.errors import DataError, SettingsError
from assay.evaluation.metrics import sharpe
from assay.evaluation.statistics.paired import Gain, holm, paired_gain, relative_gain, sharpe_gain
from assay.evaluation.statistics.sharpe import Floats, default_lags

DAYS, FEW_DRAWS = 250, 400


def following(count: int, chance: np.random.Generator, *, stays: float = 0.1) -> Floats:
    """Return noise that remembers a share of the day before."""
    found = np.zeros(count)
    for day, step in enumerate(chance.standard_t(5, size=count)):
        found[day] = stays * found[day - 1] + step
    return found


@pytest.mark.parametrize("horizon_days", [1, 2, 10])
def test_the_p_value_is_that_of_statsmodels_two_sided(horizon_days: int) -> None:
    stattools = pytest.importorskip("statsmodels.tsa.stattools", reason="the oracle")
    pytest.importorskip("scipy", reason="needed")
    chance = np.random.default_rng(3)
    actual = chance.normal(size=180)
    good, bad = actual + chance.normal(0, 0.9, 180), actual + chance.normal(0, 1.0, 180)

    found = paired_gain(
        (actual - bad) ** 2 - (actual - good) ** 2, np.ones(180), horizon_days=horizon_days
    )

    lags = max(horizon_days - 1, default_lags(180))
    oracle = stattools.diebold_mariano_test(
        actual, bad, good, lags=lags, harvey_adj=True, horizon=horizon_days
    )
    mean = np.mean((actual - bad) ** 2 - (actual - good) ** 2)
    assert np.isclose(found.value, mean, rtol=1e-12)
    assert np.isclose(found.p_value, oracle.pvalue, rtol=1e-6)


def test_the_correction_is_that_of_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason="the oracle")
    p_values = np.random.default_rng(1).beta(0.4, 1.0, size=12)

    found = holm(np.append(p_values, np.nan))

    assert np.allclose(found[:-1], multitest.multipletests(p_values, method="holm")[1])
    assert np.isnan(found[-1])


def test_an_interval_holds_a_known_difference_about_as_often_as_it_says() -> None:
    truth, held, times = 0.05, 0, 200
    for seed in range(times):
        chance = np.random.default_rng(seed)
        weight = chance.integers(5, 40, size=DAYS).astype(np.float64)
        gain = weight * truth + following(DAYS, chance) * 3.0
        found = paired_gain(gain, weight, draws=FEW_DRAWS)
        held += found.low <= truth <= found.high

    assert 0.88 <= held / times <= 0.985  # 0.95 less what blocks of few days always lose


def test_nothing_is_found_about_as_often_as_the_level_allows() -> None:
    found, times = 0, 400
    for seed in range(times):
        chance = np.random.default_rng(10_000 + seed)
        weight = chance.integers(5, 40, size=DAYS).astype(np.float64)
        gain = following(DAYS, chance)
        found += paired_gain(gain, weight, draws=2).p_value <= 0.05

    assert 0.03 <= found / times <= 0.09


def test_what_would_have_shown_shows_in_four_of_five_samples() -> None:
    shown, times = 0, 300
    weight = np.ones(DAYS)
    size = paired_gain(following(20_000, np.random.default_rng(5)), np.ones(20_000), draws=2)
    truth = size.detectable * np.sqrt(20_000 / DAYS)
    for seed in range(times):
        gain = truth + following(DAYS, np.random.default_rng(50_000 + seed))
        shown += paired_gain(gain, weight, draws=2).p_value <= 0.05

    assert 0.73 <= shown / times <= 0.87


def test_turning_the_runs_round_turns_the_gain_round() -> None:
    chance = np.random.default_rng(2)
    gain, weight = following(DAYS, chance), chance.integers(1, 9, size=DAYS).astype(float)

    there, back = paired_gain(gain, weight), paired_gain(-gain, weight)

    assert there.value == -back.value
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), rel=1e-12)
    assert there.p_value == pytest.approx(back.p_value, rel=1e-9)
    assert there.detectable == pytest.approx(back.detectable, rel=1e-9)


def test_a_relative_gain_is_the_share_of_the_others_losses() -> None:
    other = np.random.default_rng(8).gamma(4.0, size=DAYS)

    found = relative_gain(0.9 * other, other)

    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))
    assert found.times(100.0).value == pytest.approx(10.0)


def test_the_gain_in_sharpe_is_the_difference_and_knows_noise_from_skill() -> None:
    chance = np.random.default_rng(4)
    shared = chance.normal(0, 0.01, size=700)
    skilled, dull = shared + 0.002, shared + chance.normal(0, 0.001, size=700)

    found, none = sharpe_gain(skilled, shared, 252), sharpe_gain(dull, shared, 252)

    first, second = sharpe(np.array([skilled, shared]), 252)
    assert found.value == pytest.approx(first - second)
    assert found.low > 0
    assert found.p_value < 0.01
    assert none.low < 0 < none.high


def test_runs_that_never_differ_gain_nothing_for_certain() -> None:
    returns = np.random.default_rng(1).normal(size=DAYS)

    same, same_returns = (
        paired_gain(np.zeros(DAYS), np.ones(DAYS)),
        sharpe_gain(returns, returns, 252),
    )

    assert (same.value, same.p_value) == (0.0, 1.0)
    assert (same_returns.value, same_returns.p_value) == (0.0, 1.0)


@pytest.mark.parametrize("days", [0, 1, 19])
def test_of_few_days_nothing_is_said(days: int) -> None:
    found = paired_gain(np.ones(days), np.ones(days))

    assert np.isnan([found.low, found.high, found.p_value, found.detectable]).all()
    assert found.days == days
    assert found.to_json()["p_value"] is None
    assert isinstance(sharpe_gain(np.ones(days), np.ones(days), 252), Gain)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DataError, match="needs a weight"):
        paired_gain(np.ones(30), np.ones(29))
    with pytest.raises(DataError, match="finite"):
        paired_gain(np.full(30, np.nan), np.ones(30))
    with pytest.raises(DataError, match="between 0 and 1"):
        holm(np.array([0.5, 1.5]))
    with pytest.raises(SettingsError, match="level"):
        paired_gain(np.arange(30.0), np.ones(30), level=0.0)
