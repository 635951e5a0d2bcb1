"""Online false discovery control against the R package's printed tables and the formulas."""

from collections.abc import Callable
from math import erfc, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.evaluation.statistics.discovery import (
    LORD_SCALE,
    SAFFRON_SCALE,
    Discoveries,
    lord,
    lord_gamma,
    saffron,
    saffron_gamma,
)
from assay.evaluation.statistics.sharpe import Floats


def numbers(text: str) -> Floats:
    return np.array([float(word) for word in text.split()])


# The example of the reference pages of the R package onlineFDR, in its order without chance.
EXAMPLE = numbers(
    """2.90e-08 0.06743 0.01514 0.08174 0.00171 3.60e-05 0.79149 0.27201
    0.28295 7.59e-08 0.69274 0.30443 0.00136 0.72342 0.54757"""
)
# And in the order that the package's chance gave it with seed 1.
SHUFFLED = EXAMPLE[[0, 1, 2, 3, 4, 7, 5, 6, 9, 8, 10, 13, 11, 14, 12]]
PRINTED = [
    (
        lord(EXAMPLE, 0.05),
        """0.0002675839 0.0024664457 0.0005732818 0.0004872805 0.0004059066 0.0003447286
        0.0029745013 0.0008450114 0.0007305648 0.0006243143 0.0032185913 0.0010617227
        0.0009256825 0.0008019657 0.0007059610""",
        [0, 5, 9],
    ),
    (
        lord(SHUFFLED, 0.1, start_wealth=0.05),
        """0.0026758385 0.0032577488 0.0010775352 0.0009078052 0.0007616238 0.0006517385
        0.0005682672 0.0058549106 0.0016151293 0.0067518870 0.0023619734 0.0020342733
        0.0017477495 0.0015277362 0.0013569121""",
        [0, 6, 8],
    ),
    (
        saffron(EXAMPLE, 0.05),
        """0.005468627 0.010937254 0.010937254 0.010937254 0.010937254 0.021874508
        0.032811762 0.010823845 0.010823845 0.010823845 0.021761099 0.009265591
        0.009265591 0.020202846 0.009064367""",
        [0, 4, 5, 9, 12],
    ),
    (
        saffron(SHUFFLED, 0.1, start_wealth=0.025),
        """0.005468627 0.021874508 0.021874508 0.043749017 0.043749017 0.065623525
        0.065623525 0.087498033 0.028863587 0.050738095 0.050738095 0.022302945
        0.013293195 0.013293195 0.009042997""",
        [0, 2, 4, 6, 8, 14],
    ),
]


@pytest.mark.parametrize(("found", "levels", "claims"), PRINTED)
def test_levels_and_claims_are_those_the_package_prints(
    found: Discoveries, levels: str, claims: list[int]
) -> None:
    assert np.allclose(found.levels, numbers(levels), rtol=1e-6)
    assert np.flatnonzero(found.is_discovery).tolist() == claims


def lord_written_out(p: Floats, alpha: float) -> list[float]:
    """Return each level by the sum over all earlier claims, counted from 1 as in the paper."""
    gamma = [0.0, *lord_gamma(len(p))]
    start, levels = alpha / 10, [0.0]
    for t in range(1, len(p) + 1):
        claims = [s for s in range(1, t) if p[s - 1] <= levels[s]]
        level = gamma[t] * start
        for number, claim in enumerate(claims):
            level += (alpha - start if number == 0 else alpha) * gamma[t - claim]
        levels.append(level)
    return levels[1:]


def saffron_written_out(p: Floats, alpha: float, candidate: float) -> list[float]:
    gamma = [0.0, *saffron_gamma(len(p))]
    start, levels = alpha / 2, [0.0]
    for t in range(1, len(p) + 1):
        claims = [s for s in range(1, t) if p[s - 1] <= levels[s]]
        level = start * gamma[t - sum(p[s - 1] <= candidate for s in range(1, t))]
        for number, claim in enumerate(claims):
            free = sum(p[s - 1] <= candidate for s in range(claim + 1, t))
            level += (alpha - start if number == 0 else alpha) * gamma[t - claim - free]
        levels.append(min(candidate, (1 - candidate) * level))
    return levels[1:]


@pytest.mark.parametrize("seed", range(5))
def test_levels_are_the_formulas_written_out(seed: int) -> None:
    p = np.random.default_rng(seed).random(60) ** 6

    assert np.allclose(lord(p).levels, lord_written_out(p, 0.1), rtol=1e-12)
    assert np.allclose(saffron(p).levels, saffron_written_out(p, 0.1, 0.5), rtol=1e-12)
    found = saffron(p, 0.2, candidate=0.3)
    assert np.allclose(found.levels, saffron_written_out(p, 0.2, 0.3), rtol=1e-12)


@pytest.mark.parametrize("method", [lord, saffron])
@given(p=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40), known=st.integers(0, 39))
def test_what_was_decided_stays_when_more_arrive(
    method: Callable[[Floats], Discoveries], p: list[float], known: int
) -> None:
    whole, then = method(np.array(p)), method(np.array(p[:known]))

    count = len(then.levels)
    assert np.array_equal(whole.levels[:count], then.levels)
    assert np.array_equal(whole.is_discovery[:count], then.is_discovery)
    if count < len(p):
        assert whole.levels[count] == then.next_level


@pytest.mark.parametrize("method", [lord, saffron])
@pytest.mark.parametrize("real", [0.0, 0.1, 0.5])
def test_the_share_of_false_claims_stays_below_alpha(
    method: Callable[[Floats], Discoveries], real: float
) -> None:
    chance = np.random.default_rng(12)
    shares, found_real = [], 0
    for _ in range(400):
        is_real = chance.random(100) < real
        z = chance.normal(size=100) + 3.5 * is_real
        claimed = method(np.array([0.5 * erfc(x / sqrt(2)) for x in z])).is_discovery
        shares.append((claimed & ~is_real).sum() / max(1, claimed.sum()))
        found_real += int((claimed & is_real).sum())

    error = np.std(shares) / 20
    assert np.mean(shares) <= 0.10 + 2 * error
    assert (found_real > 0) == (real > 0)


def test_the_shares_of_wealth_are_never_more_than_one_in_all() -> None:
    special = pytest.importorskip("scipy.special", reason="scipy is the oracle")
    many = 200_000

    lords, saffrons = lord_gamma(many).sum(), saffron_gamma(many).sum()

    # What is left: the integral of u exp(-sqrt(u)) from log(many + 1/2), and a Hurwitz zeta.
    lords_rest = LORD_SCALE * 12.0 * special.gammaincc(4.0, np.sqrt(np.log(many + 0.5)))
    saffrons_rest = SAFFRON_SCALE * special.zeta(1.6, many + 1.0)
    assert np.isclose(lords + lords_rest, 0.976, atol=5e-4)
    assert np.isclose(saffrons + saffrons_rest, 1.0, atol=1e-7)


def test_a_registered_experiment_that_never_answered_costs_its_level() -> None:
    silent, failed = lord(np.array([np.nan, 0.01])), lord(np.array([1.0, 0.01]))

    assert np.array_equal(silent.levels, failed.levels)
    assert not silent.is_discovery[0]


def test_before_the_first_experiment_the_next_level_is_known() -> None:
    assert np.isclose(lord(np.zeros(0)).next_level, 0.01 * lord_gamma(1)[0])
    assert np.isclose(saffron(np.zeros(0)).next_level, 0.5 * 0.05 * saffron_gamma(1)[0])


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(DataError, match=r"between 0 and 1, found 1\.2"):
        lord(np.array([0.1, 1.2]))
    with pytest.raises(SettingsError, match="start_wealth"):
        saffron(np.array([0.1]), alpha=0.1, start_wealth=0.1)
    with pytest.raises(SettingsError, match="candidate"):
        saffron(np.array([0.1]), candidate=1.0)
