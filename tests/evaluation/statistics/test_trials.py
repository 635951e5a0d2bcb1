"""Clusters of trials on families whose number is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.sharpe import Floats
from assay.evaluation.statistics.trials import cluster_trials, correlations

pytest.importorskip("scipy.cluster", reason="scipy is in the extra oracle")


def families(
    count: int, members: int, correlation: float, days: int = 750, seed: int = 0
) -> Floats:
    chance = np.random.default_rng(seed)
    shared = chance.standard_t(5, (days, count, 1))
    own = chance.standard_t(5, (days, count, members))
    mixed = np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own
    return np.asarray(0.01 * mixed.reshape(days, count * members))


def test_thirty_families_of_ten_are_thirty() -> None:
    found = cluster_trials(families(30, 10, 0.8))

    assert found.effective_trials == 30
    assert np.array_equal(found.cluster, np.repeat(np.arange(30), 10))


@pytest.mark.parametrize("days", [250, 750, 2500])
def test_independent_trials_are_each_their_own(days: int) -> None:
    assert cluster_trials(families(100, 1, 0.0, days)).effective_trials == 100


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 500), copies=st.integers(2, 5))
def test_trying_the_same_again_counts_no_more(seed: int, copies: int) -> None:
    returns = families(4, 2, 0.6, 120, seed)

    once = cluster_trials(returns)
    again = cluster_trials(np.tile(returns, copies))

    assert again.effective_trials == once.effective_trials
    assert np.array_equal(again.cluster, np.tile(once.cluster, copies))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 500))
def test_the_order_of_trials_does_not_matter(seed: int) -> None:
    returns = families(5, 3, 0.7, 200, seed)
    order = np.random.default_rng(seed).permutation(15)

    there, shuffled = cluster_trials(returns).cluster, cluster_trials(returns[:, order]).cluster

    together = there[:, None] == there[None, :]
    assert np.array_equal(together[np.ix_(order, order)], shuffled[:, None] == shuffled[None, :])


def test_the_opposite_of_an_idea_is_another_idea() -> None:
    one = families(1, 1, 0.0)

    assert cluster_trials(np.column_stack([one, -one])).effective_trials == 2


def test_a_cluster_earns_the_mean_of_its_members() -> None:
    returns = families(3, 4, 0.8)

    found = cluster_trials(returns)

    for number in range(3):
        mean = returns[:, found.members(number)].mean(axis=1)
        assert np.allclose(found.mean_returns[:, number], mean)


def test_trials_that_never_trade_are_one_idea() -> None:
    returns = np.column_stack([families(3, 1, 0.0), np.zeros((750, 5))])

    found = cluster_trials(returns)

    assert found.effective_trials == 4
    assert np.array_equal(found.members(3), np.arange(3, 8))


def test_correlations_are_numpys() -> None:
    returns = families(4, 3, 0.5)

    assert np.allclose(correlations(returns), np.corrcoef(returns.T), atol=1e-12)


@pytest.mark.parametrize("trials", [0, 1])
def test_one_trial_or_none_needs_no_clusters(trials: int) -> None:
    found = cluster_trials(np.ones((50, trials)))

    assert found.effective_trials == trials
    assert found.mean_returns.shape == (50, trials)


def test_a_cut_outside_of_correlations_is_refused() -> None:
    with pytest.raises(SettingsError, match="same_idea"):
        cluster_trials(np.ones((50, 3)), same_idea=1.0)


def test_a_gap_is_not_a_return() -> None:
    with pytest.raises(DataError, match="finite"):
        cluster_trials(np.full((50, 3), np.inf))
