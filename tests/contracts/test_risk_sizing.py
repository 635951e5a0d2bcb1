"""The promises every sizing rule keeps; found by themselves."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.ids import plain
from assay.risk.catalog import SIZINGS
from assay.risk.contract import Bets, Floats, Sizing

UNHURRIED = settings(deadline=None, max_examples=100)
RULES = SIZINGS.names()


def bets(**columns: float | list[float]) -> Bets:
    usual: dict[str, float | list[float]] = {
        "probability": 0.6, "low": 0.55, "base": 0.5, "stop": 0.004, "target": 0.006,
        "cost": 0.0002, "volatility": 0.1,
    }  # fmt: skip
    wide = np.broadcast_arrays(
        *(np.atleast_1d(v).astype(float) for v in (usual | columns).values())
    )
    return Bets(*wide)


def sized(rule: str, **columns: float | list[float]) -> Floats:
    return SIZINGS.get(rule)().fractions(bets(**columns))


one_bet = st.fixed_dictionaries(
    {
        "probability": st.floats(0.01, 0.99),
        "low": st.floats(0.0, 1.0),
        "base": st.floats(0.2, 0.8),
        "stop": st.floats(1e-4, 0.5),
        "target": st.floats(1e-4, 0.5),
        "cost": st.floats(0.0, 0.05),
        "volatility": st.floats(0.01, 3.0),
    }
)


@pytest.mark.parametrize("rule", RULES)
@UNHURRIED
@given(bet=one_bet)
def test_a_fraction_lies_between_nothing_and_the_cap(rule: str, bet: dict[str, float]) -> None:
    assert 0.0 <= sized(rule, **bet)[0] <= SIZINGS.get(rule)().cap


@pytest.mark.parametrize("rule", RULES)
@UNHURRIED
@given(bet=one_bet, share=st.floats(0, 1))
def test_nearer_the_base_is_never_more(rule: str, bet: dict[str, float], share: float) -> None:
    nearer = bet | {"probability": bet["base"] + share * (bet["probability"] - bet["base"])}
    favourable = bet["probability"] >= bet["base"]

    if favourable:
        assert sized(rule, **nearer)[0] <= sized(rule, **bet)[0] + 1e-15


@pytest.mark.parametrize("rule", RULES)
@UNHURRIED
@given(bet=one_bet, more=st.floats(1.0, 5.0), name=st.sampled_from(["cost", "volatility"]))
def test_dearer_or_wilder_is_never_more(
    rule: str, bet: dict[str, float], more: float, name: str
) -> None:
    assert sized(rule, **(bet | {name: bet[name] * more}))[0] <= sized(rule, **bet)[0] + 1e-15


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["probability", "base", "stop", "target", "cost", "volatility"])
def test_a_bet_with_a_hole_gets_nothing(rule: str, name: str) -> None:
    assert sized(rule, **{name: [float("nan"), 0.6 if name == "probability" else 0.004]})[0] == 0.0


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["stop", "target", "volatility"])
def test_a_bet_without_distance_gets_nothing(rule: str, name: str) -> None:
    assert sized(rule, **{name: 0.0})[0] == 0.0


@pytest.mark.parametrize("rule", RULES)
def test_each_bet_is_sized_by_itself(rule: str) -> None:
    chance = np.random.default_rng(4)
    probabilities = chance.uniform(0.4, 0.7, 200).tolist()

    many = sized(rule, probability=probabilities)

    assert many.tolist() == [float(sized(rule, probability=p)[0]) for p in probabilities]


@pytest.mark.parametrize("rule", RULES)
def test_the_settings_can_be_saved_and_make_the_same_rule(rule: str) -> None:
    made: Sizing = SIZINGS.get(rule)()

    again = SIZINGS.get(rule)(**json.loads(json.dumps(plain(made.settings()))))

    assert again == made
    assert made == replace(made)  # type: ignore[type-var]  # every rule is a dataclass


@pytest.mark.parametrize("rule", RULES)
def test_the_usual_bet_is_taken(rule: str) -> None:
    assert sized(rule)[0] > 0
