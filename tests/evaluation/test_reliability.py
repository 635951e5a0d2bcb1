"""The Brier score adds up, Wilson is scipy's, and what is right is shown as right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assay.evaluation.bootstrap import day_codes
from assay.evaluation.reliability import BINS, LEAST_IN_BIN, Bins, Brier, reliability, wilson


def made(count: int = 3_000, seed: int = 1, tilt: float = 1.0) -> tuple[Bins, Brier]:
    """Return the bins of forecasts whose log-odds are `tilt` times the true ones."""
    chance = np.random.default_rng(seed)
    odds = chance.normal(0, 0.5, count)
    up = chance.random(count) < 1 / (1 + np.exp(-odds))
    found = reliability(1 / (1 + np.exp(-tilt * odds)), up, np.arange(count) // 10)
    assert found is not None
    return found


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(BINS * LEAST_IN_BIN, 900),
    distinct=st.sampled_from([1, 2, 5, 100_000]),
)
def test_the_parts_of_the_brier_score_add_up_to_it(seed: int, count: int, distinct: int) -> None:
    chance = np.random.default_rng(seed)
    said = chance.integers(1, distinct + 1, count) / (distinct + 1)
    up = chance.random(count) < chance.random(count)

    found = reliability(said, up, np.arange(count) // 5)

    assert found is not None
    bins, brier = found
    parts = brier.reliability - brier.resolution + brier.uncertainty + brier.within
    assert parts == pytest.approx(np.mean((said - up) ** 2), abs=1e-12)
    assert brier.score.value == pytest.approx(np.mean((said - up) ** 2), abs=1e-12)
    assert bins.count.sum() == count
    assert (bins.count > 0).all()
    assert (bins.left <= bins.said + 1e-12).all()
    assert (bins.said <= bins.right + 1e-12).all()


def test_one_forecast_a_bin_leaves_nothing_within() -> None:
    said = np.repeat([0.2, 0.4, 0.6, 0.8], 100)
    up = np.random.default_rng(2).random(400) < said

    found = reliability(said, up, np.arange(400) % 40)

    assert found is not None
    assert found[1].within == pytest.approx(0.0, abs=1e-12)


@given(count=st.integers(1, 5_000), share=st.floats(0, 1))
def test_wilson_is_the_one_of_scipy(count: int, share: float) -> None:
    hits = round(share * count)

    low, high = wilson(np.array([float(hits)]), np.array([count]))

    oracle = stats.binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert low[0] == pytest.approx(oracle.low, abs=1e-12)
    assert high[0] == pytest.approx(oracle.high, abs=1e-12)


def test_intervals_hold_what_is_right_and_are_never_narrower_than_wilson() -> None:
    inside = []
    for seed in range(20):
        bins, _ = made(seed=seed)
        low, high = wilson(bins.happened * bins.count, bins.count)
        assert (bins.low <= low + 1e-12).all()
        assert (bins.high >= high - 1e-12).all()
        inside.append((bins.low <= bins.said) & (bins.said <= bins.high))

    assert np.mean(inside) > 0.92


def test_forecasts_that_are_right_lie_as_far_off_as_chance_and_bold_ones_farther() -> None:
    right, bold = ([made(seed=seed, tilt=tilt)[1] for seed in range(20)] for tilt in (1.0, 2.5))

    ratio = np.mean([b.error for b in right]) / np.mean([b.by_chance for b in right])
    assert 0.85 < ratio < 1.15
    assert all(b.error > 2 * b.by_chance for b in bold)
    assert all(b.reliability > 5 * r.reliability for b, r in zip(bold, right, strict=True))
    assert np.mean([b.resolution for b in right]) > 5 * np.mean([b.reliability for b in right])


def test_too_few_forecasts_or_a_single_day_say_nothing() -> None:
    said, up = np.full(299, 0.5), np.zeros(299, dtype=bool)

    assert reliability(said, up, np.arange(299)) is None
    assert reliability(np.full(600, 0.5), np.zeros(600, dtype=bool), np.zeros(600, int)) is None


@given(days=st.lists(st.integers(15_000, 15_400), min_size=1, max_size=60))
def test_days_are_numbered_in_order_without_holes(days: list[int]) -> None:
    day = np.array(days)

    count, code = day_codes(day)

    known, wanted = np.unique(day, return_inverse=True)
    assert count == len(known)
    assert np.array_equal(code, wanted)
