"""Sharpe ratios against published tables, scipy and simulation."""

from math import ceil, inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.sharpe import (
    Floats,
    annualised,
    deflated_sharpe,
    deflation_hurdle,
    estimate_sharpe,
    expected_maximum,
    long_run_variance,
    minimum_track_record,
    power,
    probabilistic_sharpe,
    sharpe_error,
    sharpe_ratio,
    track_record_days,
)

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")

YEAR = 252


def skewed(days: int = 700, seed: int = 3) -> Floats:
    return np.asarray(0.004 - 0.003 * np.random.default_rng(seed).gamma(2.0, 0.5, days))


def autocorrelated(days: int, echo: float, chance: np.random.Generator) -> Floats:
    shocks = chance.normal(0.0005, 0.01, days + 50)
    for at in range(1, len(shocks)):
        shocks[at] += echo * shocks[at - 1]
    return np.asarray(shocks[50:])


def test_the_probability_is_the_published_closed_form() -> None:
    returns = skewed()

    found = probabilistic_sharpe(returns, above=0.02)

    ratio = returns.mean() / returns.std(ddof=1)
    skew, kurtosis = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    error = sqrt((1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2) / (len(returns) - 1))
    assert np.isclose(found, stats.norm.cdf((ratio - 0.02) / error), rtol=1e-12)


@pytest.mark.parametrize(
    ("annual", "normal_years", "wild_years"),
    [(0.7, 5.5, 5.8), (1.0, 2.7, 2.9), (1.5, 1.2, 1.3), (2.0, 0.69, 0.79), (3.0, 0.31, 0.39)],
)
def test_the_track_record_needed_is_that_of_the_table(
    annual: float, normal_years: float, wild_years: float
) -> None:
    ratio = annual / sqrt(YEAR)

    normal = track_record_days(ratio) / YEAR
    wild = track_record_days(ratio, skew=-1.0, kurtosis=10.0) / YEAR

    digit = 0.1 if annual < 2.0 else 0.01  # the table is rounded to it
    assert abs(normal - normal_years) <= digit / 2
    assert abs(wild - wild_years) <= digit / 2


def test_an_annual_ratio_of_one_needs_two_point_seven_one_years() -> None:
    assert round(track_record_days(1.0 / sqrt(YEAR)) / YEAR, 2) == 2.71


@given(
    ratio=st.floats(0.01, 0.3),
    skew=st.floats(-2.0, 1.0),
    kurtosis=st.floats(6.0, 20.0),
    confidence=st.floats(0.8, 0.99),
)
def test_after_the_track_record_and_not_before_the_ratio_is_significant(
    ratio: float, skew: float, kurtosis: float, confidence: float
) -> None:
    days = ceil(track_record_days(ratio, 0.0, confidence, skew, kurtosis))

    enough = stats.norm.cdf(ratio / sharpe_error(ratio, days + 1, skew, kurtosis))
    assert enough >= confidence
    if days > 3:
        short = stats.norm.cdf(ratio / sharpe_error(ratio, days - 1, skew, kurtosis))
        assert short < confidence


@pytest.mark.parametrize(
    ("years", "row"),
    [
        (2, (1.11, 1.61, 1.79, 2.05, 2.30)),
        (3, (0.91, 1.31, 1.46, 1.67, 1.88)),
        (5, (0.70, 1.02, 1.13, 1.29, 1.46)),
    ],
)
def test_the_best_of_noise_is_that_of_the_table(years: int, row: tuple[float, ...]) -> None:
    found = [expected_maximum(trials, 1 / sqrt(years)) for trials in (10, 50, 100, 300, 1000)]

    assert np.allclose(found, row, atol=0.006)


def test_the_best_of_noise_is_what_a_simulation_finds() -> None:
    drawn = np.random.default_rng(5).normal(size=(4000, 100)).max(axis=1).mean()

    assert np.isclose(expected_maximum(100), drawn, atol=0.03)


def test_choosing_among_one_costs_nothing() -> None:
    returns = skewed()

    assert expected_maximum(1.0) == 0.0
    assert deflated_sharpe(returns, np.array([0.1]), 1.0) == probabilistic_sharpe(returns)


@given(few=st.floats(1.0, 500.0), more=st.floats(1.0, 50.0))
def test_more_trials_never_make_a_record_better(few: float, more: float) -> None:
    returns = skewed()

    assert deflated_sharpe(returns, 0.03, few * more) <= deflated_sharpe(returns, 0.03, few)


def test_the_spread_of_trials_is_taken_from_those_that_have_a_ratio() -> None:
    trials = np.array([0.01, np.nan, -0.02, 0.04])

    found = deflation_hurdle(trials, 3.0)

    assert np.isclose(found, expected_maximum(3.0, float(np.std([0.01, -0.02, 0.04], ddof=1))))
    assert np.isnan(deflation_hurdle(np.array([0.01]), 3.0))


@pytest.mark.parametrize(
    ("annual", "years"), [(0.7, 12.6), (1.0, 6.2), (1.5, 2.8), (2.0, 1.6), (3.0, 0.7)]
)
def test_four_in_five_are_found_after_the_years_of_the_table(annual: float, years: float) -> None:
    assert abs(power(annual, round(years * YEAR), YEAR) - 0.8) < 0.015


def test_power_is_how_often_a_simulated_edge_is_found() -> None:
    chance = np.random.default_rng(9)
    drawn = chance.normal(1.5 / sqrt(YEAR), 1.0, (1500, 2 * YEAR))

    ratio = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1)
    found = np.mean(ratio / np.sqrt((1 + ratio**2 / 2) / (2 * YEAR - 1)) > stats.norm.ppf(0.95))

    assert abs(power(1.5, 2 * YEAR, YEAR) - found) < 0.04


def test_without_skill_one_in_twenty_is_above_ninety_five_percent() -> None:
    chance = np.random.default_rng(2)

    found = [probabilistic_sharpe(chance.standard_t(5, 500)) > 0.95 for _ in range(800)]

    assert 20 <= sum(found) <= 62  # 5 % of 800, about 3.5 standard errors either way


def test_without_lags_both_errors_are_one() -> None:
    found = estimate_sharpe(skewed(), lags=0)

    assert np.isclose(found.error, found.error_with_lags, rtol=1e-3)


def test_days_that_echo_make_the_error_larger_and_the_lags_see_it() -> None:
    chance = np.random.default_rng(8)

    found = [estimate_sharpe(autocorrelated(800, 0.3, chance)) for _ in range(300)]

    spread = np.std([f.sharpe for f in found])
    assert np.mean([f.error for f in found]) < 0.85 * spread
    assert abs(np.mean([f.error_with_lags for f in found]) / spread - 1) < 0.15


@pytest.mark.parametrize("lags", [0, 1, 7])
def test_the_long_run_variance_is_that_of_a_regression_on_one(lags: int) -> None:
    regression = pytest.importorskip("statsmodels.api", reason="statsmodels is the oracle")
    values = autocorrelated(200, 0.4, np.random.default_rng(1))

    found = long_run_variance(values, lags)

    model = regression.OLS(values, np.ones(len(values)))
    oracle = model.fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    assert np.isclose(found / len(values), oracle.bse[0] ** 2, rtol=1e-10)


def test_a_losing_record_never_becomes_significant() -> None:
    assert minimum_track_record(-np.abs(skewed())) == inf


@pytest.mark.parametrize("returns", [np.zeros(300), np.full(300, 0.1), skewed(19), np.zeros(0)])
def test_without_days_or_variance_nothing_is_said(returns: Floats) -> None:
    found = estimate_sharpe(returns)

    assert np.isnan([found.sharpe, found.error, found.error_with_lags, found.skew]).all()
    assert np.isnan(sharpe_ratio(returns))
    assert np.isnan(probabilistic_sharpe(returns))
    assert np.isnan(minimum_track_record(returns))
    assert np.isnan(deflated_sharpe(returns, 0.03, 10.0))
    assert np.isnan(power(1.0, 19))


def test_a_gap_is_not_a_return() -> None:
    with pytest.raises(DataError, match="found 1 of 3 that are not"):
        sharpe_ratio(np.array([0.1, np.nan, 0.2]))


def test_certainty_is_not_a_confidence() -> None:
    with pytest.raises(SettingsError, match="between 0 and 1"):
        track_record_days(0.1, confidence=1.0)


def test_a_year_is_the_root_of_its_days() -> None:
    assert np.isclose(annualised(0.1, 260), 0.1 * sqrt(260))
