"""Windows: the same rows give the same bits, and the right numbers."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.features.windows import (
    Vector,
    lagged,
    mean_deviation,
    rows_since_max,
    weighted_mean,
    window_max,
    window_mean,
    window_mean_std,
    window_min,
    window_rank,
    window_slope,
    window_std,
    window_sum,
)


def _rank(window: Vector) -> float:
    below, equal = np.sum(window < window[-1]), np.sum(window == window[-1]) - 1
    return float((below + 0.5 * equal) / (window.size - 1))


Rolling = Callable[[Vector, int], Vector]
ROLLING: dict[str, tuple[Rolling, Callable[[Vector], float]]] = {
    "sum": (window_sum, lambda w: float(np.sum(w))),
    "mean": (window_mean, lambda w: float(np.mean(w))),
    "max": (window_max, lambda w: float(np.max(w))),
    "min": (window_min, lambda w: float(np.min(w))),
    "std": (window_std, lambda w: float(np.std(w))),
    "rank": (window_rank, _rank),
    "weighted": (weighted_mean, lambda w: float(np.average(w, weights=np.arange(1, len(w) + 1)))),
    "slope": (window_slope, lambda w: float(np.polyfit(np.arange(len(w)), w, 1)[0])),
    "since max": (rows_since_max, lambda w: float(np.argmax(w[::-1]))),
    "deviation": (mean_deviation, lambda w: float(np.mean(np.abs(w - w.mean())))),
}


@pytest.mark.parametrize("name", ROLLING)
@pytest.mark.parametrize("window", [2, 3, 14, 20, 55, 64])
def test_it_is_the_plain_formula(name: str, window: int) -> None:
    rolling, plain = ROLLING[name]
    values = np.round(np.random.default_rng(1).normal(size=200), 1)

    found = rolling(values, window)

    assert np.isnan(found[: window - 1]).all()
    expected = [plain(values[end - window : end]) for end in range(window, 201)]
    assert np.allclose(found[window - 1 :], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ROLLING)
@settings(deadline=None)  # the machine may be busy
@given(
    seed=st.integers(0, 2**32 - 1),
    window=st.integers(2, 70),
    begin=st.integers(0, 60),
    more=st.integers(0, 90),
)
def test_the_same_rows_give_the_same_bits(
    name: str, seed: int, window: int, begin: int, more: int
) -> None:
    rolling, _ = ROLLING[name]
    values = np.random.default_rng(seed).lognormal(3.0, 2.0, begin + window + more)

    whole = rolling(values, window)
    alone = rolling(values[begin : begin + window], window)

    assert alone[-1] == whole[begin + window - 1]


@pytest.mark.parametrize("name", ROLLING)
def test_a_window_with_a_nan_is_nan_and_the_next_is_not(name: str) -> None:
    rolling, _ = ROLLING[name]
    values = np.random.default_rng(2).normal(size=40)
    values[10] = np.nan

    found = rolling(values, 5)

    assert np.flatnonzero(np.isnan(found)).tolist() == [*range(4), *range(10, 15)]


@pytest.mark.parametrize("name", ROLLING)
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_too_few_rows_are_nan(name: str, rows: int) -> None:
    rolling, _ = ROLLING[name]

    found = rolling(np.ones(rows), 5)

    assert found.shape == (rows,)
    assert np.isnan(found).all()


def test_a_large_level_costs_no_digits() -> None:
    values = 1e9 + np.random.default_rng(3).integers(0, 8, 300).astype(np.float64)

    mean, spread = window_mean_std(values, 50)
    _, small = window_mean_std(values - 1e9, 50)

    assert np.allclose(spread[49:], small[49:], rtol=1e-6)
    assert np.allclose(mean[49:] - 1e9, window_mean(values - 1e9, 50)[49:], atol=1e-6)


def test_the_last_axis_is_time() -> None:
    values = np.random.default_rng(4).normal(size=(3, 50))

    both = window_sum(values, 7)

    for one, row in zip(both, values, strict=True):
        assert np.array_equal(one, window_sum(row, 7), equal_nan=True)
    assert np.array_equal(lagged(values, 2)[:, 2:], values[:, :-2])
    assert np.isnan(lagged(values, 60)).all()
