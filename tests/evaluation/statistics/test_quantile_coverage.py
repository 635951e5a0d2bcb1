"""Coverage tests against scipy's likelihoods and simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.quantile_coverage import quantile_coverage

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")


def clustered(count: int = 400, seed: int = 2) -> NDArray[np.bool_]:
    chance = np.random.default_rng(seed)
    hits = np.zeros(count, dtype=np.bool_)
    for at in range(1, count):
        hits[at] = chance.random() < (0.4 if hits[at - 1] else 0.07)
    return hits


def test_the_rate_is_judged_by_the_likelihood_of_scipy() -> None:
    hits = clustered()

    found = quantile_coverage(hits, 0.05)

    count, hit = len(hits), int(hits.sum())
    free, bound = stats.binom.logpmf(hit, count, [hit / count, 0.05])
    assert np.isclose(found.unconditional, 2 * (free - bound), rtol=1e-9)
    assert np.isclose(found.unconditional_p, stats.chi2.sf(2 * (free - bound), 1), rtol=1e-9)
    assert np.isclose(found.rate, hit / count)


def test_independence_is_the_g_test_of_scipy_on_neighbours() -> None:
    hits = clustered()
    table = np.histogram2d(hits[:-1], hits[1:], bins=2)[0]

    found = quantile_coverage(hits, 0.05)

    oracle = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert np.isclose(found.independence, oracle.statistic, rtol=1e-9)
    assert np.isclose(found.independence_p, oracle.pvalue, rtol=1e-9)


def test_both_together_are_their_sum_on_two_degrees() -> None:
    found = quantile_coverage(clustered(), 0.05)

    both = found.unconditional + found.independence
    assert np.isclose(found.conditional, both)
    assert np.isclose(found.conditional_p, stats.chi2.sf(both, 2), rtol=1e-9)


def test_right_forecasts_are_rejected_one_time_in_twenty() -> None:
    chance = np.random.default_rng(5)
    found = [quantile_coverage(chance.random(1000) < 0.1, 0.1) for _ in range(800)]

    for p_values in (
        [f.unconditional_p for f in found],
        [f.independence_p for f in found],
        [f.conditional_p for f in found],
    ):
        assert 18 <= sum(p < 0.05 for p in p_values) <= 66  # 5 % of 800, with room for the limit


def overlapping(chance: np.random.Generator, horizon: int) -> NDArray[np.bool_]:
    sums = np.convolve(chance.normal(size=2000 + horizon - 1), np.ones(horizon), mode="valid")
    return np.asarray(sums < np.sqrt(horizon) * stats.norm.ppf(0.1))


def test_overlapping_hits_come_in_runs_until_they_are_thinned() -> None:
    chance = np.random.default_rng(6)
    series = [overlapping(chance, 5) for _ in range(200)]

    whole = sum(quantile_coverage(s, 0.1).conditional_p < 0.05 for s in series)
    thinned = sum(quantile_coverage(s, 0.1, every=5).conditional_p < 0.05 for s in series)

    assert whole > 180
    assert thinned <= 24


def test_thinning_keeps_each_such_many_th() -> None:
    hits = clustered()

    found, by_hand = (
        quantile_coverage(hits, 0.1, every=3, start=2),
        quantile_coverage(hits[2::3], 0.1),
    )

    assert found == by_hand


@pytest.mark.parametrize("hits", [np.zeros(100, dtype=np.bool_), np.ones(100, dtype=np.bool_)])
def test_without_any_change_independence_is_not_doubted(hits: NDArray[np.bool_]) -> None:
    found = quantile_coverage(hits, 0.05)

    assert (found.independence, found.independence_p) == (0.0, 1.0)
    assert found.unconditional_p < 0.05
    assert np.isfinite(found.conditional_p)


@pytest.mark.parametrize("count", [0, 19])
def test_too_few_outcomes_say_nothing(count: int) -> None:
    found = quantile_coverage(np.zeros(count, dtype=np.bool_), 0.05)

    assert np.isnan([found.unconditional_p, found.independence_p, found.conditional_p]).all()


def test_impossible_requests_are_refused() -> None:
    hits = np.zeros(50, dtype=np.bool_)

    with pytest.raises(SettingsError, match="probability"):
        quantile_coverage(hits, 1.0)
    with pytest.raises(SettingsError, match="start from 0"):
        quantile_coverage(hits, 0.1, every=3, start=3)
    with pytest.raises(DataError, match="series of booleans, found float64"):
        quantile_coverage(hits.astype(float), 0.1)
