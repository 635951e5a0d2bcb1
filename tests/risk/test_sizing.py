"""Worked examples and oracles of the sizing rules."""

import numpy as np
import pytest
from scipy import optimize

from assay.core.errors import SettingsError
from assay.risk.contract import Bets
from assay.risk.sizing.capped_fractional_kelly import CappedFractionalKelly
from assay.risk.sizing.fixed_fraction import FixedFraction
from assay.risk.sizing.volatility_target import VolatilityTarget


def bet(probability: float, cost: float = 0.0, base: float = 0.5, volatility: float = 0.1) -> Bets:
    numbers = (probability, probability - 0.05, base, 0.004, 0.006, cost, volatility)
    return Bets(*(np.array([n]) for n in numbers))


@pytest.mark.parametrize("base", [0.3, 0.4, 0.5, 0.7])
def test_kelly_bets_nothing_without_evidence_whatever_the_payoff(base: float) -> None:
    assert CappedFractionalKelly().fractions(bet(base, base=base))[0] == pytest.approx(0, abs=1e-12)


def test_kelly_bets_nothing_when_costs_eat_the_edge() -> None:
    rule = CappedFractionalKelly()

    assert rule.fractions(bet(0.55))[0] > 0
    assert rule.fractions(bet(0.55, cost=0.001))[0] == 0.0


def test_kelly_is_the_stake_that_grows_fastest() -> None:
    rule = CappedFractionalKelly(fraction=1.0, trust=1.0, cap=1.0)
    odds = np.log(0.4 / 0.6) + np.log(0.6 / 0.4)  # two to three without evidence, and evidence
    q, b = 1 / (1 + np.exp(-odds)), (0.006 - 0.0004) / (0.004 + 0.0004)

    best = optimize.minimize_scalar(
        lambda f: -(q * np.log1p(b * f) + (1 - q) * np.log1p(-f)),
        bounds=(0, 0.99),
        method="bounded",
    )

    assert rule.fractions(bet(0.6, cost=0.0004))[0] == pytest.approx(best.x, abs=1e-4)


def test_kelly_stops_at_its_cap() -> None:
    assert CappedFractionalKelly().fractions(bet(0.95))[0] == 0.02


def test_a_volatility_target_holds_what_moves_as_much() -> None:
    assert VolatilityTarget(0.05).fractions(bet(0.6, volatility=0.1))[0] == pytest.approx(0.002)
    assert VolatilityTarget(0.05).fractions(bet(0.6, volatility=0.2))[0] == pytest.approx(0.001)
    assert VolatilityTarget(1.0).fractions(bet(0.6, volatility=0.01))[0] == pytest.approx(0.02)


def test_fixed_is_fixed() -> None:
    assert FixedFraction(0.01).fractions(bet(0.5))[0] == 0.01


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="cap"):
        FixedFraction(0.03)
    with pytest.raises(SettingsError, match="trust"):
        CappedFractionalKelly(trust=0.0)
    with pytest.raises(SettingsError, match="leverage"):
        VolatilityTarget(leverage=-1.0)
