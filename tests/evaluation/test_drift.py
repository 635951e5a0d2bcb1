"""The stability index by hand, its chance by simulation, and the verdicts' rates."""

import numpy as np
import pytest
from scipy import signal, stats

from assay.evaluation.drift import (
    Floats,
    Verdict,
    chance_psi,
    distance,
    drift,
    edges_of,
    expected_psi,
    own_limit,
    psi,
)


def wandering(rows: int, memory: float, seed: int) -> Floats:
    steps = np.random.default_rng(seed).normal(size=rows + 2_000)
    return np.asarray(signal.lfilter([1.0], [1.0, -memory], steps)[2_000:])


def test_the_index_is_the_one_computed_by_hand() -> None:
    reference = np.repeat([1.0, 2.0, 3.0, 4.0], [10, 20, 30, 40])
    recent = np.repeat([1.0, 2.0, 3.0, 4.0], [4, 4, 6, 6])

    found = psi(reference, recent, np.array([1.5, 2.5, 3.5]))

    q, p = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.2, 0.2, 0.3, 0.3])
    assert found == pytest.approx(0.1 * np.log(2) - 0.1 * np.log(0.75))
    assert found == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p))


def test_an_empty_bin_counts_half_a_value() -> None:
    reference, recent = np.repeat([1.0, 3.0], [50, 50]), np.repeat([1.0], [20])

    found = psi(reference, recent, np.array([2.0, 4.0]))

    expected = (1.0 - 0.5) * np.log(1.0 / 0.5) + (0.5 / 20 - 0.5) * np.log((0.5 / 20) / 0.5)
    assert found == pytest.approx(expected), "the bin that is empty on both sides is left out"


@pytest.mark.parametrize("rows", [200, 500])
def test_the_index_of_no_drift_is_as_large_as_is_said(rows: int) -> None:
    chance = np.random.default_rng(5)
    indices = []
    for _ in range(2_000):
        reference = chance.normal(size=5_000)
        indices.append(psi(reference, chance.normal(size=rows), edges_of(reference)))

    assert np.mean(indices) == pytest.approx(expected_psi(10, 5_000, rows), rel=0.12)
    assert np.quantile(indices, 0.95) == pytest.approx(chance_psi(10, 5_000, rows), rel=0.15)


@pytest.mark.parametrize("bins", [2, 5, 10, 20])
def test_the_chance_of_the_index_is_chi_squared(bins: int) -> None:
    found = chance_psi(bins, 1_000, 500)

    oracle = stats.chi2.ppf(0.95, bins - 1) * (1 / 1_000 + 1 / 500)
    assert found == pytest.approx(oracle, rel=0.03)
    assert chance_psi(1, 100, 100) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_is_that_of_scipy(seed: int) -> None:
    chance = np.random.default_rng(seed)
    reference, recent = np.round(chance.normal(size=700), 1), np.round(chance.normal(0.2, 1, 90), 1)

    assert distance(reference, recent) == pytest.approx(stats.ks_2samp(reference, recent).statistic)


@pytest.mark.parametrize("memory", [0.0, 0.9, 0.98])
def test_noise_passes_its_own_limit_at_the_stated_rate(memory: float) -> None:
    found = []
    for seed in range(300):
        column = wandering(12_000, memory, seed)
        found.append(drift(column[:-2_000], column[-500:]))

    above = np.mean([one.psi > one.limit for one in found])
    loud = np.mean([one.verdict is not Verdict.STEADY for one in found])

    assert above < 0.09, "about one in 20"
    assert loud <= above
    if memory:
        assert above > 0.01


def test_slow_noise_would_be_called_drift_without_its_own_limit() -> None:
    columns = [wandering(12_000, 0.99, seed) for seed in range(100)]
    found = [drift(column[:-2_000], column[-500:]) for column in columns]

    usual = np.mean([one.psi > 0.1 for one in found])
    own = np.mean([one.verdict is not Verdict.STEADY for one in found])

    assert usual > 0.8
    assert own < 0.15


@pytest.mark.parametrize(
    ("shift", "verdict"),
    [(0.0, Verdict.STEADY), (0.4, Verdict.MOVED), (1.0, Verdict.DRIFTED)],
)
def test_a_shift_is_found(shift: float, verdict: Verdict) -> None:
    chance = np.random.default_rng(3)

    found = drift(chance.normal(size=8_000), chance.normal(shift, 1.0, size=500))

    assert found.verdict is verdict
    assert found.distance < found.psi or shift < 0.5


def test_a_value_that_was_never_seen_counts() -> None:
    still, again = np.zeros(3_000), np.zeros(500)
    moved = np.where(np.arange(500) % 2, 1.0, 0.0)

    assert drift(still, again).verdict is Verdict.STEADY
    assert drift(still, again).psi == 0.0
    assert drift(still, moved).verdict is Verdict.DRIFTED
    assert drift(still, -moved).verdict is Verdict.DRIFTED


@pytest.mark.parametrize(
    ("unknown", "verdict"),
    [(0.05, Verdict.STEADY), (0.2, Verdict.MOVED), (0.5, Verdict.DRIFTED), (1.0, Verdict.DRIFTED)],
)
def test_what_is_not_known_any_more_counts(unknown: float, verdict: Verdict) -> None:
    chance = np.random.default_rng(4)
    recent = chance.normal(size=500)
    recent[: int(unknown * 500)] = np.nan

    found = drift(chance.normal(size=8_000), recent)

    assert found.verdict is verdict
    assert found.nulls_now == pytest.approx(unknown)
    assert found.nulls_then == 0.0


def test_a_column_that_was_never_known_is_not_judged() -> None:
    nothing = np.full(1_000, np.nan)

    found = drift(nothing, nothing[:500])

    assert found.verdict is Verdict.UNKNOWN
    assert np.isnan(found.psi)


def test_few_blocks_have_no_limit_of_their_own() -> None:
    column = wandering(2_000, 0.5, 1)

    assert np.isnan(own_limit(column, 500, edges_of(column)))
    assert np.isfinite(own_limit(column, 100, edges_of(column)))
    assert drift(column, column[:500]).limit == drift(column, column[:500]).chance


def test_edges_hold_equal_shares() -> None:
    column = np.random.default_rng(1).normal(size=10_000)

    counts = np.bincount(np.searchsorted(edges_of(column), column))

    assert len(counts) == 10
    assert counts.min() == pytest.approx(counts.max(), abs=2)
