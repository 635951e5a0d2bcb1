"""Exponential averages: batch is the recursion, and gaps leave it alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.features.recursive import (
    average,
    follow,
    half_life_weight,
    rows_to_forget,
    span_weight,
)


@settings(deadline=None)  # the machine may be busy
@given(
    values=st.lists(st.one_of(st.just(math.nan), st.floats(-1e6, 1e6)), max_size=60),
    weight=st.floats(0.001, 1.0),
    seed=st.one_of(st.none(), st.floats(-1e3, 1e3)),
)
def test_the_batch_is_the_recursion(values: list[float], weight: float, seed: float | None) -> None:
    path = average(np.array(values, dtype=np.float64), weight, seed)

    state = math.nan if seed is None else seed
    for value, found in zip(values, path, strict=True):
        state = follow(state, value, weight)
        assert found == pytest.approx(state, rel=1e-12, abs=1e-9, nan_ok=True)


def test_a_gap_leaves_it_as_it_was() -> None:
    path = average(np.array([np.nan, 1.0, np.nan, 3.0, np.nan]), 0.5)

    assert np.array_equal(path, [np.nan, 1.0, 1.0, 2.0, 2.0], equal_nan=True)


def test_a_half_life_forgets_half() -> None:
    impulse = np.zeros(25)
    impulse[0] = 1.0

    decayed = average(impulse, half_life_weight(8), 0.0) / half_life_weight(8)

    assert decayed[[0, 8, 24]] == pytest.approx([1.0, 0.5, 0.125])


@pytest.mark.parametrize("weight", [span_weight(9), 1 / 14, half_life_weight(24), 1.0])
def test_a_start_counts_for_less_than_a_billionth(weight: float) -> None:
    rows = rows_to_forget(weight)

    assert (1 - weight) ** rows <= 1e-9
    assert weight == 1.0 or (1 - weight) ** (rows - 1) > 1e-9
