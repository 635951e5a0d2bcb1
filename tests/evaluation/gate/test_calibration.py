"""Worlds are what they claim, and the gate lets noise through as rarely as it says."""

import numpy as np
import pytest

from assay.core.errors import SettingsError
from assay.evaluation.gate.calibration import (
    DAYS_PER_YEAR,
    FREEDOM,
    World,
    count_promoted,
    evidence_of,
    family_of,
    promoted,
    upper_bound,
)
from assay.evaluation.gate.contract import Tier, Verdict
from assay.evaluation.gate.judge import checks
from assay.evaluation.gate.profile import STANDARD, Profile
from assay.evaluation.statistics.sharpe import sharpe_ratio
from assay.evaluation.statistics.trials import cluster_trials

stats = pytest.importorskip("scipy.stats", reason="scipy is the oracle; it is in the extra oracle")

SMALL = World(trials=60, ideas=12, years=3.0)
FEW = World(trials=30, ideas=6, years=3.0)
FAMILIES = range(60)


def sharpes(returns: np.ndarray) -> np.ndarray:
    """Return (trials,) annual Sharpe ratios."""
    each = np.array([sharpe_ratio(column) for column in returns.T])
    return np.asarray(np.sqrt(DAYS_PER_YEAR) * each)


def test_trials_of_an_idea_correlate_and_others_do_not() -> None:
    returns, _ = family_of(World(trials=60, ideas=12, years=20.0, correlation=0.7), 1)

    found = np.asarray(np.corrcoef(returns.T))
    cluster = cluster_trials(returns).cluster
    same = cluster[:, None] == cluster[None, :]
    other = ~np.eye(60, dtype=bool)
    assert np.bincount(cluster).tolist() == [5] * 12
    assert found[same & other].mean() == pytest.approx(0.7, abs=0.02)
    assert found[~same].mean() == pytest.approx(0.0, abs=0.01)


def test_days_move_by_one_percent_with_the_tails_of_student() -> None:
    alone = World(trials=40, ideas=40, years=10.0, correlation=0.0)

    returns, _ = family_of(alone, 2)

    assert returns.std() == pytest.approx(0.01, rel=0.02)
    unit = returns.ravel() / 0.01 * np.sqrt(FREEDOM / (FREEDOM - 2.0))
    assert stats.kstest(unit, "t", args=(FREEDOM,)).pvalue > 0.01
    assert stats.kstest(returns.ravel() / 0.01, "norm").pvalue < 1e-6
    both, _ = family_of(World(trials=40, ideas=8, years=10.0), 2)
    assert stats.kurtosis(both.ravel()) > 1.0  # a mixture of tails has tails


def test_a_day_remembers_the_one_before_as_much_as_it_says() -> None:
    forgetful, _ = family_of(World(trials=20, ideas=20, years=20.0), 3)
    mindful, _ = family_of(World(trials=20, ideas=20, years=20.0, memory=0.2), 3)

    def memory(returns: np.ndarray) -> float:
        return float(np.mean([np.corrcoef(c[1:], c[:-1])[0, 1] for c in returns.T]))

    assert memory(forgetful) == pytest.approx(0.0, abs=0.01)
    assert memory(mindful) == pytest.approx(0.2, abs=0.01)


def test_one_idea_has_the_true_ratio_and_the_others_none() -> None:
    world = World(trials=60, ideas=12, years=6.0, true_sharpe=2.0)
    with_skill, without = [], []

    for seed in range(24):
        returns, true = family_of(world, seed)
        assert true.sum() == 5
        assert len(set(cluster_trials(returns).cluster[true])) == 1
        found = sharpes(returns)
        with_skill.append(found[true].mean())
        without.append(found[~true].mean())

    # the error of one idea's ratio over six years is 0.41, that of the mean of eleven 0.12
    assert np.mean(with_skill) == pytest.approx(2.0, abs=3 * 0.41 / np.sqrt(24))
    assert np.mean(without) == pytest.approx(0.0, abs=3 * 0.12 / np.sqrt(24))


def test_a_world_without_skill_has_no_true_trial() -> None:
    assert not family_of(SMALL, 1)[1].any()


def test_a_seed_is_a_family() -> None:
    first, again, other = (family_of(FEW, seed)[0] for seed in (1, 1, 2))

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize(("trials", "ideas"), [(10, 3), (3, 10)])
def test_ideas_share_trials_evenly(trials: int, ideas: int) -> None:
    with pytest.raises(SettingsError, match=f"{trials} trials cannot be shared evenly by {ideas}"):
        World(trials=trials, ideas=ideas)


def test_noise_passes_no_more_often_than_alpha() -> None:
    false, found = count_promoted(SMALL, FAMILIES, STANDARD)

    # more than this many of 60 would be seen once in a thousand times if the rate were 5 %
    assert false <= stats.binom.isf(0.001, len(FAMILIES), 0.05)
    assert found == 0


def test_a_gate_without_its_corrections_would_be_seen() -> None:
    lax = Profile(
        "lax",
        "every idea tested as if it were the only one",
        {"family_alpha": {"alpha": 3.0}, "superior": {"level": 0.5}},
    )

    false, _ = count_promoted(SMALL, FAMILIES[:30], lax)

    assert false > stats.binom.isf(0.001, 30, 0.05)


def test_what_a_plain_test_lets_through_is_most_of_the_noise() -> None:
    hurdle = stats.norm.isf(0.05)

    fooled = sum(
        bool((sharpes(family_of(SMALL, seed)[0]) * np.sqrt(SMALL.years) > hurdle).any())
        for seed in range(20)
    )

    assert fooled >= 8  # one in two even with as many tests as ideas: 1 - 0.95 ** 12 is 0.46


def test_a_ratio_of_three_over_six_years_passes_nearly_always() -> None:
    world = World(trials=60, ideas=12, years=6.0, true_sharpe=3.0)

    _, found = count_promoted(world, range(20), STANDARD)

    assert found >= 19


@pytest.mark.parametrize(
    ("seed", "true_sharpe", "memory"),
    [(1, 0.0, 0.0), (2, 0.0, 0.2), (3, 1.5, 0.0), (4, 2.5, 0.0), (5, 4.0, 0.1)],
)
def test_the_short_way_promotes_whom_all_checks_of_returns_let_through(
    seed: int, true_sharpe: float, memory: float
) -> None:
    world = World(trials=30, ideas=6, years=3.0, true_sharpe=true_sharpe, memory=memory)
    returns, _ = family_of(world, seed)
    every = [check for _, _, check in checks(STANDARD, tuple(Tier)) if check.of_returns]

    short = list(promoted(returns, STANDARD))

    whole = [
        own
        for own in range(returns.shape[1])
        if all(
            check.judge(evidence_of(returns[:, : own + 1])).allows >= Verdict.PAPER
            for check in every
        )
    ]
    assert short == whole
    assert bool(short) == (true_sharpe >= 2.5)


@pytest.mark.parametrize("known", [10, 29])
def test_what_is_registered_later_promotes_and_demotes_nobody(known: int) -> None:
    world = World(trials=30, ideas=6, years=3.0, true_sharpe=4.0)
    returns, _ = family_of(world, 5)

    then, now = (list(promoted(each, STANDARD)) for each in (returns[:, :known], returns))

    assert then == [own for own in now if own < known]
    assert len(now) > 1


@pytest.mark.parametrize(("passed", "families"), [(0, 300), (7, 200), (59, 60), (1, 1)])
def test_the_upper_bound_is_that_of_clopper_and_pearson(passed: int, families: int) -> None:
    oracle = stats.binomtest(passed, families, alternative="less").proportion_ci(0.95, "exact")

    assert upper_bound(passed, families) == pytest.approx(oracle.high)


def test_none_of_three_hundred_is_below_one_percent() -> None:
    # the rule of three, exactly: 1 - 0.05 ** (1 / 300)
    assert upper_bound(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300))
