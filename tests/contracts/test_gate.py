"""The promises every check of the gate keeps; found by themselves in every tier."""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.ids import plain
from assay.evaluation.gate.catalog import CHECKS
from assay.evaluation.gate.contract import Beside, Check, Evidence, Placebo, Tier, Verdict
from tests.evaluation.gate.evidence import (
    changed,
    first_days,
    flat,
    of_family,
    returns_alone,
    silent,
    sound,
    with_sharpe,
)

pytest.importorskip("scipy", reason="scipy is in the extra research")

NAMED = [(tier, name) for tier in Tier for name in CHECKS[tier].names()]
UNKNOWN = re.compile(r"\b(nan|inf|infinity)\b", re.IGNORECASE)
NOTHING = np.full(1_560, np.nan)


def noise(days: int, trials: int, seed: int = 3) -> np.ndarray:
    return 0.01 * np.random.default_rng(seed).standard_t(5, (days, trials))


def unmeasured(usual: Evidence) -> Evidence:
    """Return evidence in which nothing that may be missing was measured."""
    return replace(
        usual,
        psi=np.full(3, np.nan),
        unexplained=float("nan"),
        paths=np.full(9, np.nan),
        beside=Beside("ridge", NOTHING, NOTHING, NOTHING),
        placebo=None,
        prefix=None,
        inside=usual.inside[:0],
    )


WORLDS: Mapping[str, Callable[[], Evidence]] = {
    "sound": sound,
    "losing": lambda: changed(sound(), returns={"net": with_sharpe(-1.0)}),
    "no day at all": lambda: first_days(sound(), 0),
    "one day": lambda: first_days(sound(), 1),
    "a week": lambda: first_days(sound(), 5),
    "a month": lambda: first_days(sound(), 22),
    "never traded": lambda: silent(sound()),
    "never traded, one day": lambda: first_days(silent(sound()), 1),
    "the same return every day": lambda: flat(sound(), 1e-3),
    "the same loss every day": lambda: flat(sound(), -1e-3),
    "nothing measured": lambda: unmeasured(sound()),
    "nothing measured, one day": lambda: replace(
        first_days(unmeasured(sound()), 1), beside=Beside("ridge", *np.full((3, 1), np.nan))
    ),
    "a placebo of two refits": lambda: changed(sound(), placebo=Placebo(np.ones(2))),
    "no earlier trial answered": lambda: changed(
        sound(), registration={"earlier": np.full(7, np.nan)}
    ),
    "registered nowhere": lambda: changed(
        sound(), registration={"hypothesis": " ", "order": 3, "registered": 2, "folds_found": 0}
    ),
    "a family of equals": lambda: of_family(np.repeat(noise(300, 1), 6, axis=1)),
    "a family that never moved": lambda: of_family(np.zeros((300, 6))),
    "a family of strangers": lambda: of_family(noise(300, 12)),
    "three random seeds": lambda: replace(
        sound(), seeds=(1, 2, 3), is_random=True, returns={
            name: np.repeat(values, 3, axis=1) for name, values in sound().returns.items()
        },
    ),
}  # fmt: skip
OF_RETURNS = [world for world in WORLDS if not world.startswith("a family")]
"""Worlds in which every kind of return is there; the others hold net returns alone."""


def named(tier: Tier, name: str) -> Check:
    return CHECKS[tier].get(name)()


def sees(check: Check, world: str) -> bool:
    return check.of_returns or world in OF_RETURNS


def kept(check: Check, evidence: Evidence) -> None:
    """Assert what holds for the finding of any check on any evidence."""
    found = check.judge(evidence)

    said = found.sentence
    assert said.strip() == said
    assert said[0].isupper() or said[0].isdigit(), said
    assert said[-1] not in ".!?;:,", said
    assert not UNKNOWN.search(said), said
    assert isinstance(found.allows, Verdict)
    assert found.passed == {0: False, 1: None}.get(int(found.allows), True)
    numbers = (found.statistic, found.p_value)
    if any(value is not None and not np.isfinite(value) for value in numbers):
        assert found.allows <= Verdict.INSUFFICIENT, f"what is unknown lets it through: {said}"
    for probability in (found.p_value, found.power):
        assert probability is None or not np.isfinite(probability) or 0 <= probability <= 1
    assert json.loads(json.dumps(plain(found.detail))) == dict(found.detail)


def test_every_tier_has_checks() -> None:
    assert all(CHECKS[tier].names() for tier in Tier)
    assert len({name for _, name in NAMED}) == len(NAMED), "a profile names a check by its name"


@pytest.mark.parametrize(("tier", "name"), NAMED)
def test_a_check_asks_a_question_and_says_what_its_answer_does(tier: Tier, name: str) -> None:
    kind = CHECKS[tier].get(name)

    question = inspect.getdoc(inspect.getmodule(kind))
    assert question is not None
    assert question.endswith("?")
    assert "\n" not in question
    assert question[0].isupper()
    assert kind.__doc__ is not None
    assert kind.__doc__.partition("\n")[0].endswith((".", ","))


@pytest.mark.parametrize(("tier", "name"), NAMED)
def test_thresholds_are_frozen_plain_values_that_survive_json(tier: Tier, name: str) -> None:
    check = named(tier, name)

    assert is_dataclass(check)
    told = asdict(check)
    again = CHECKS[tier].get(name)(**json.loads(json.dumps(told)))
    assert again == check
    assert all(isinstance(value, (bool, int, float, str)) for value in told.values())
    for each in fields(check):
        with pytest.raises(AttributeError):
            setattr(check, each.name, getattr(check, each.name))


@pytest.mark.parametrize(("tier", "name"), NAMED)
def test_any_evidence_is_answered_in_a_sentence(tier: Tier, name: str) -> None:
    check = named(tier, name)

    for world in WORLDS:
        if sees(check, world):
            kept(check, WORLDS[world]())


@pytest.mark.parametrize("world", WORLDS)
def test_the_same_evidence_gives_the_same_finding(world: str) -> None:
    for check in (named(tier, name) for tier, name in NAMED):
        if sees(check, world):
            first, again = (repr(check.judge(WORLDS[world]())) for _ in range(2))

            assert first == again


@pytest.mark.parametrize(
    ("tier", "name"), [(t, n) for t, n in NAMED if CHECKS[t].get(n).of_returns]
)
def test_a_check_of_returns_reads_net_returns_and_the_ledger_alone(tier: Tier, name: str) -> None:
    check = named(tier, name)

    for world in WORLDS:
        evidence = WORLDS[world]()
        whole, alone = (check.judge(each) for each in (evidence, returns_alone(evidence)))

        assert repr(whole) == repr(alone)


def test_checks_of_returns_are_those_that_read_nothing_else() -> None:
    evidence = returns_alone(sound())

    for tier, name in NAMED:
        check = named(tier, name)
        if not check.of_returns:
            try:
                check.judge(evidence)
            except (AssertionError, KeyError):
                continue
            assert (tier, name) in {
                (Tier.PERFORMANCE, "seeds"),
                (Tier.PERFORMANCE, "sharpe"),
            }, f"{name} reads returns alone and could say so"


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    days=st.integers(1, 90),
    trials=st.integers(1, 6),
    traded=st.floats(0.0, 1.0),
)
def test_short_and_sparse_histories_are_answered_too(
    seed: int, days: int, trials: int, traded: float
) -> None:
    chance = np.random.default_rng(seed)
    family = noise(days, trials, seed) * (chance.random((days, trials)) < traded)
    usual = sound()
    evidence = replace(
        first_days(usual, days),
        returns={name: family[:, -1:] + 1e-4 * chance.normal() for name in usual.returns},
        family=family,
        own=trials - 1,
        paths=chance.normal(size=chance.integers(0, 9)),
        psi=np.where(chance.random(3) < 0.5, np.nan, chance.random(3)),
        inside=(chance.random(chance.integers(0, 200)) < 0.9).astype(np.int8),
    )

    for tier, name in NAMED:
        kept(named(tier, name), evidence)
