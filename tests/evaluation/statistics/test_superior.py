"""Superior strategies against the library arch, on its own draws, and against simulation."""

import numpy as np
import pytest

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.sharpe import Floats
from assay.evaluation.statistics.superior import (
    optimal_block_days,
    stationary_counts,
    stationary_variance,
    superior,
    superior_by_arch,
    superior_of_counts,
)

arch = pytest.importorskip("arch.bootstrap", reason="arch is the oracle")
stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")


def gains(days: int = 400, strategies: int = 8, seed: int = 1) -> Floats:
    chance = np.random.default_rng(seed)
    spread = chance.uniform(0.5, 2.0, strategies)
    drift = np.linspace(-0.3, 0.25, strategies)
    return np.asarray(chance.standard_t(5, (days, strategies)) * spread + drift)


def arch_counts(gain: Floats, block: int, draws: int, seed: int) -> Floats:
    """Return (draws, days): the days that arch itself draws from `seed`."""
    drawn = arch.StationaryBootstrap(block, gain, seed=np.random.default_rng(seed))
    days = len(gain)
    return (
        np.array([np.bincount(drawn.index, minlength=days) for _ in drawn.bootstrap(draws)]) * 1.0
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_the_same_draws_it_is_archs_test_of_plain_means(seed: int) -> None:
    gain, draws = gains(seed=seed), 300
    oracle = superior_by_arch(gain, draws=draws, block_days=7, seed=5)

    found = superior_of_counts(gain, arch_counts(gain, 7, draws, 5), 7, studentised=False)

    ours = np.array([found.p_lower, found.p_value, found.p_upper])
    shares = np.array([oracle.p_lower, oracle.p_value, oracle.p_upper])
    assert np.allclose(ours * (draws + 1) - 1, shares * draws)
    assert np.array_equal(found.is_superior, oracle.is_superior)


def test_on_its_own_draws_it_agrees_with_arch_within_chance() -> None:
    gain = gains(strategies=5)
    alike = gain / gain.std(axis=0)  # of equal spread, studentised and plain means agree

    found = superior(alike - 0.02, draws=2000, block_days=5)
    oracle = superior_by_arch(alike - 0.02, draws=2000, block_days=5)

    assert abs(found.p_value - oracle.p_value) < 0.03
    assert np.array_equal(found.is_superior, oracle.is_superior)


def test_when_everybody_wins_over_several_rounds_all_are_named() -> None:
    chance = np.random.default_rng(0)
    gain = chance.normal([0.35, 1.6], [1.0, 4.0], (150, 2))

    by_arch, own = superior_by_arch(gain, draws=500), superior(gain, draws=500)

    alone = arch.StepM(np.zeros(150), -gain, block_size=5, reps=500, seed=1)
    with pytest.raises(ValueError, match="zero-size"):
        alone.compute()  # what the library itself does here
    assert by_arch.is_superior.all()
    assert own.is_superior.all()


def test_of_noise_one_family_in_twenty_seems_to_have_something() -> None:
    chance = np.random.default_rng(3)
    found = [superior(chance.standard_t(5, (300, 20)), draws=300, block_days=5) for _ in range(600)]

    any_named = sum(bool(f.is_superior.any()) for f in found)
    assert 12 <= sum(f.p_value <= 0.05 for f in found) <= 50  # 5 % of 600, 3.5 standard errors
    assert 12 <= any_named <= 50


def test_a_volatile_loser_does_not_hide_a_quiet_winner() -> None:
    chance = np.random.default_rng(4)
    gain = np.column_stack([chance.normal(0.2, 1.0, 600), chance.normal(0.0, 30.0, (600, 10))])

    found = superior(gain)

    assert found.is_superior.tolist() == [True] + [False] * 10


def test_one_strategy_is_the_test_of_its_mean() -> None:
    gain = np.random.default_rng(7).normal(0.07, 1.0, (500, 1))

    found = superior(gain, draws=8000, block_days=1)

    assert (
        abs(found.p_value - stats.ttest_1samp(gain[:, 0], 0, alternative="greater").pvalue) < 0.01
    )
    assert found.p_value == found.adjusted[0]


def test_the_benchmark_is_taken_off_each_day() -> None:
    gain, base = gains(), np.random.default_rng(2).normal(size=400)

    there, plain = superior(gain + base[:, None], base), superior(gain)

    assert np.allclose(there.adjusted, plain.adjusted)


def test_adjusted_p_values_stand_in_the_order_of_the_statistics() -> None:
    found = superior(gains(strategies=12))

    ranked = found.adjusted[np.argsort(-found.statistics)]
    assert (np.diff(ranked) >= 0).all()
    assert ranked[0] == found.p_value
    assert found.p_lower <= found.p_value <= found.p_upper


def test_what_never_moves_is_left_out() -> None:
    gain = gains(strategies=4)
    idle = np.column_stack([np.zeros(400), gain, np.full(400, 0.3)])

    found, without = superior(idle), superior(gain)

    assert np.isnan(found.adjusted[[0, 5]]).all()
    assert not found.is_superior[[0, 5]].any()
    assert np.array_equal(found.adjusted[1:5], without.adjusted)
    by_arch = superior_by_arch(idle, draws=100)
    assert not by_arch.is_superior[[0, 5]].any()


@pytest.mark.parametrize("shape", [(19, 3), (0, 3), (300, 0)])
def test_without_days_or_strategies_nothing_is_said(shape: tuple[int, int]) -> None:
    returns = np.random.default_rng(1).normal(size=shape)

    for found in (superior(returns), superior_by_arch(returns)):
        assert np.isnan([found.p_value, found.p_lower, found.p_upper]).all()
        assert not found.is_superior.any()
        assert len(found.adjusted) == shape[1]


def test_the_same_seed_gives_the_same_answer() -> None:
    assert superior(gains(), seed=4).p_value == superior(gains(), seed=4).p_value
    stationary_counts.cache_clear()
    assert np.array_equal(stationary_counts(50, 5, 20, 1), stationary_counts(50, 5, 20, 1))


def test_every_draw_is_a_sample_of_all_days() -> None:
    counts = stationary_counts(200, 6, 400, 3)

    assert (counts.sum(axis=1) == 200).all()
    assert abs(counts.mean(axis=0) - 1.0).max() < 0.35


@pytest.mark.parametrize("block", [1, 5, 20])
def test_the_exact_variance_is_that_of_many_draws(block: int) -> None:
    values = np.cumsum(np.random.default_rng(8).normal(size=(300, 3)), axis=0)[::3]

    found = stationary_variance(values, block)

    drawn = stationary_counts(100, block, 20_000, 1) @ values / 100
    assert np.allclose(found, 100 * drawn.var(axis=0), rtol=0.05)


def test_the_exact_variance_is_archs() -> None:
    gain = gains()
    oracle = arch.SPA(np.zeros(400), -gain, block_size=9, reps=2, seed=1)

    oracle.compute()

    assert np.allclose(stationary_variance(gain, 9), oracle._loss_diff_var, rtol=1e-10)


@pytest.mark.parametrize("echo", [0.0, 0.3, 0.8, -0.5])
@pytest.mark.parametrize("days", [25, 120, 900])
def test_the_optimal_block_is_archs(echo: float, days: int) -> None:
    values = np.random.default_rng(days).normal(size=(days, 4))
    for at in range(1, days):
        values[at] += echo * values[at - 1]

    found = optimal_block_days(values)

    assert np.allclose(found, arch.optimal_block_length(values)["stationary"])


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="size"):
        superior(gains(), size=0.0)
    with pytest.raises(SettingsError, match="draws"):
        superior(gains(), draws=0)
    with pytest.raises(SettingsError, match="block_days"):
        superior(gains(), block_days=0)


def test_a_benchmark_of_other_days_is_refused() -> None:
    with pytest.raises(DataError, match="found 10 and 400 days"):
        superior(gains(), np.zeros(10))
