"""The laws of the pool at fixed weights."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assay.fusion.agreement import agreement
from assay.fusion.combine import Learned, combine, full_effective
from assay.fusion.evidence import Floats

UNHURRIED = settings(deadline=None, max_examples=50)
EVIDENCE = arrays(np.float64, 5, elements=st.floats(-3, 3))


def learned(
    strength: tuple[float, ...], label: tuple[int, ...], share: tuple[float, ...], rho: float = 0.3
) -> Learned:
    count = max(label) + 1
    matrix = np.full((count, count), rho) + (1 - rho) * np.eye(count)
    g, own = np.array(strength), np.array(label)
    effective = full_effective(g, own, matrix)
    kappa = 1.0 if count < 2 else 1.0 + 0.9 * (effective - 1.0)
    ones = np.ones(len(g))
    return Learned(ones, ones, g, ones, g, own, np.array(share), matrix, effective, kappa)


FIVE = learned((4.0, 1.0, 2.0, 2.0, 3.0), (0, 1, 2, 2, 3), (1.0, 1.0, 0.5, 0.5, 1.0))


def pool(evidence: Floats, how: Learned = FIVE, fresh: Floats | None = None) -> tuple[float, float]:
    row = evidence[None, :]
    out = combine(row, np.ones(row.shape) if fresh is None else fresh[None, :], how)
    return float(out.part.sum()), float(out.agreement[0])


def test_a_single_producer_is_the_pool() -> None:
    alone = learned((0.01,), (0,), (1.0,))

    said, agreed = pool(np.array([0.37]), alone)

    assert said == 0.37
    assert np.isnan(agreed)


@UNHURRIED
@given(evidence=EVIDENCE)
def test_turning_every_member_round_turns_the_pool_and_leaves_the_agreement(
    evidence: Floats,
) -> None:
    there, back = pool(evidence), pool(-evidence)

    assert there[0] == -back[0]
    assert there[1] == back[1]


@UNHURRIED
@given(evidence=EVIDENCE, order=st.permutations(range(5)))
def test_the_order_of_the_members_does_not_matter(evidence: Floats, order: list[int]) -> None:
    number: dict[int, int] = {}
    for old in FIVE.label[order]:
        number.setdefault(int(old), len(number))
    label = tuple(number[int(old)] for old in FIVE.label[order])
    other = learned(tuple(FIVE.strength[order]), label, tuple(FIVE.share[order]))

    assert pool(evidence[order], other) == pytest.approx(pool(evidence), abs=1e-12)


@UNHURRIED
@given(evidence=EVIDENCE, at=st.integers(0, 4), more=st.floats(0, 2))
def test_more_evidence_for_up_never_lowers_the_pool(evidence: Floats, at: int, more: float) -> None:
    raised = evidence.copy()
    raised[at] += more

    assert pool(raised)[0] >= pool(evidence)[0] - 1e-12


@UNHURRIED
@given(evidence=EVIDENCE, half_lives=st.integers(1, 6))
def test_a_weight_halves_with_every_half_life(evidence: Floats, half_lives: int) -> None:
    fresh = np.ones(5)
    fresh[0] = 0.5**half_lives

    now = combine(evidence[None], np.ones((1, 5)), FIVE).weight[0]
    later = combine(evidence[None], fresh[None], FIVE).weight[0]

    assert later[0] / later[1] == pytest.approx(now[0] / now[1] / 2**half_lives)
    assert later.sum() == pytest.approx(1.0)


@UNHURRIED
@given(evidence=EVIDENCE)
def test_one_who_says_nothing_is_as_if_not_there(evidence: Floats) -> None:
    silent = evidence.copy()
    silent[4] = np.nan

    without = learned((4.0, 1.0, 2.0, 2.0), (0, 1, 2, 2), (1.0, 1.0, 0.5, 0.5))
    full = replace(without, kappa=1 + (FIVE.kappa - 1) * (without.effective - 1) / (
        FIVE.effective - 1))  # fmt: skip

    assert pool(silent) == pytest.approx(pool(evidence[:4], full), nan_ok=True)


@UNHURRIED
@given(evidence=EVIDENCE)
def test_bulk_agreement_is_the_written_formula(evidence: Floats) -> None:
    out = combine(evidence[None], np.ones((1, 5)), FIVE)
    heads = [evidence[0], evidence[1], evidence[2:4].mean(), evidence[4]]
    weights = np.array([4, 1, 2, 3]) / 10

    assert out.effective[0] == pytest.approx(FIVE.effective)
    assert out.agreement[0] == pytest.approx(
        agreement(np.array(heads), weights, FIVE.effective), abs=1e-6
    )


def test_equal_voices_agree_and_opposite_ones_do_not() -> None:
    assert pool(np.full(5, 0.2))[1] == pytest.approx(100.0)
    assert pool(np.array([0.5, 0.5, 0.5, 0.5, -1.0]))[1] == 0.0


def test_nobody_says_nothing() -> None:
    out = combine(np.full((1, 5), np.nan), np.ones((1, 5)), FIVE)

    assert out.part.sum() == 0.0
    assert out.weight.sum() == 0.0


@UNHURRIED
@given(count=st.integers(1, 40))
def test_a_row_does_not_depend_on_the_rows_beside_it(count: int) -> None:
    chance = np.random.default_rng(count)
    evidence, fresh = chance.normal(size=(count, 5)), chance.random((count, 5))
    evidence[chance.random((count, 5)) < 0.2] = np.nan

    many = combine(evidence, fresh, FIVE)
    last = combine(evidence[-1:], fresh[-1:], FIVE)

    assert (many.part[-1] == last.part[0]).all()
    assert np.array_equal(many.agreement[-1:], last.agreement, equal_nan=True)
