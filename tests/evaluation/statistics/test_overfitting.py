"""The probability of overfitting against its definition, written out, and against simulation."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.overfitting import Overfitting, overfitting
from assay.evaluation.statistics.sharpe import Floats


def ratio(days: Floats) -> Floats:
    spread = days.std(axis=0, ddof=1)
    return np.array(
        [m / s if s > 1e-9 else 0.0 for m, s in zip(days.mean(axis=0), spread, strict=True)]
    )


def written_out(returns: Floats, blocks: int) -> list[tuple[float, float, float]]:
    """Return (logit, ratio inside, ratio outside) of every partition, one at a time."""
    days = len(returns)
    block = [range(b * days // blocks, (b + 1) * days // blocks) for b in range(blocks)]
    found = []
    for inside in combinations(range(blocks), blocks // 2):
        one = np.concatenate([returns[block[b]] for b in range(blocks) if b in inside])
        other = np.concatenate([returns[block[b]] for b in range(blocks) if b not in inside])
        best = int(ratio(one).argmax())
        outside = ratio(other)
        below = sum(o < outside[best] - 1e-12 for o in outside)
        equal = sum(abs(o - outside[best]) <= 1e-12 for o in outside)
        place = (below + (equal + 1) / 2) / (len(outside) + 1)
        found.append((np.log(place / (1 - place)), ratio(one)[best], outside[best]))
    return found


def cases() -> dict[str, Floats]:
    chance = np.random.default_rng(6)
    noise = chance.normal(0.0002, 0.01, (77, 7))
    twins = np.column_stack([noise[:, 0], noise])
    idle = np.column_stack([noise[:, :4], np.zeros(77), np.zeros(77)])
    sleeping = noise.copy()
    sleeping[:40, 2] = 0.0
    return {"noise": noise, "twins": twins, "idle": idle, "sleeping": sleeping}


@pytest.mark.parametrize("name", ["noise", "twins", "idle", "sleeping"])
def test_it_is_the_definition_written_out(name: str) -> None:
    returns = cases()[name]

    found = overfitting(returns, blocks=6)

    oracle = np.array(written_out(returns, 6))
    ours = np.column_stack([found.logits, found.chosen_in_sample, found.chosen_out_of_sample])
    assert ours.shape == (20, 3)
    assert np.allclose(ours[np.lexsort(ours.T)], oracle[np.lexsort(oracle.T)], atol=1e-9)
    assert np.isclose(found.probability, np.mean(oracle[:, 0] <= 1e-9))
    assert np.isclose(found.degradation_slope, np.polyfit(oracle[:, 1], oracle[:, 2], 1)[0])
    assert np.isclose(found.probability_of_loss, np.mean(oracle[:, 2] < 0))


def test_sixteen_blocks_are_all_their_halves() -> None:
    found = overfitting(np.random.default_rng(1).normal(size=(320, 8)))

    assert len(found.logits) == 12_870


def probability(seed: int, edge: float) -> float:
    returns = np.random.default_rng(seed).standard_t(5, (240, 20))
    returns[:, 4] += edge
    return overfitting(returns, blocks=8).probability


def test_of_noise_half_are_overfitted() -> None:
    found = [probability(seed, edge=0.0) for seed in range(120)]

    assert abs(np.mean(found) - 0.5) < 0.07


def test_a_real_edge_stays_the_best_elsewhere() -> None:
    found = [probability(seed, edge=0.4) for seed in range(20)]

    assert np.mean(found) < 0.05


@settings(max_examples=25)
@given(scale=st.floats(0.1, 10.0), seed=st.integers(0, 1000))
def test_leverage_changes_nothing(scale: float, seed: int) -> None:
    returns = np.random.default_rng(seed).normal(size=(90, 5))

    there, back = overfitting(returns, 6), overfitting(returns * scale, 6)

    assert np.allclose(there.logits, back.logits)


def test_trials_that_are_all_one_are_in_the_middle_and_count_as_overfitted() -> None:
    one = np.random.default_rng(2).normal(size=(120, 1))

    found = overfitting(np.repeat(one, 5, axis=1), 6)

    assert found.probability == 1.0
    assert np.allclose(found.logits, 0.0)


def test_trials_that_never_trade_have_no_degradation() -> None:
    found = overfitting(np.zeros((120, 3)), 6)

    assert np.isnan(found.degradation_slope)
    assert found.probability_of_loss == 0.0


@pytest.mark.parametrize("shape", [(500, 1), (79, 10), (0, 3), (500, 0)])
def test_without_a_choice_or_days_nothing_is_said(shape: tuple[int, int]) -> None:
    found: Overfitting = overfitting(np.ones(shape))

    assert np.isnan([found.probability, found.degradation_slope, found.probability_of_loss]).all()
    assert len(found.logits) == 0


@pytest.mark.parametrize("blocks", [0, 7, 22])
def test_blocks_without_halves_or_with_too_many_are_refused(blocks: int) -> None:
    with pytest.raises(SettingsError, match="even and from 2 to 20"):
        overfitting(np.ones((100, 3)), blocks)


def test_two_blocks_are_two_partitions() -> None:
    returns = np.random.default_rng(3).normal(size=(60, 4))

    found = overfitting(returns, blocks=2)

    assert np.allclose(sorted(found.logits), sorted(o[0] for o in written_out(returns, 2)))


def test_a_gap_is_not_a_return() -> None:
    with pytest.raises(DataError, match="finite"):
        overfitting(np.full((100, 3), np.nan))
