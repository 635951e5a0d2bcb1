"""Rank correlations equal scipy's, keep their rate on noise, and refuse to foretell the past."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal, stats

from assay.core.errors import DataError
from assay.evaluation.information import (
    Coefficient,
    Floats,
    RankSums,
    average_ranks,
    coefficients,
    pooled,
    rank_sums,
)

BARS_A_DAY = 24
HORIZON = 4


def ranked(x: Floats, outcome: Floats, *, ahead: int = HORIZON, first_day: int = 0) -> RankSums:
    rows = np.arange(len(x))
    names = [f"column_{n}" for n in range(x.shape[1])]
    weight = np.full(len(x), 1.0 / HORIZON)
    day = first_day + rows // BARS_A_DAY
    return rank_sums(names, x, outcome, weight, begins=rows, ends=rows + ahead, day=day)


def judged(x: Floats, outcome: Floats) -> tuple[Coefficient, ...]:
    return coefficients(ranked(x, outcome), overlap_days=HORIZON / BARS_A_DAY)


def market(days: int, seed: int) -> Floats:
    """Return overlapping returns over the next `HORIZON` bars; NaN where they end too late."""
    steps = np.random.default_rng(seed).standard_t(4, size=days * BARS_A_DAY)
    level = np.cumsum(steps)
    ahead = np.full(len(level), np.nan)
    ahead[:-HORIZON] = level[HORIZON:] - level[:-HORIZON]
    return ahead


def noise(days: int, columns: int, memory: float, seed: int) -> Floats:
    chance = np.random.default_rng(seed)
    steps = chance.normal(size=(days * BARS_A_DAY + 500, columns))
    return np.asarray(signal.lfilter([1.0], [1.0, -memory], steps, axis=0)[500:])


@given(arrays(np.float64, (30, 3), elements=st.integers(-4, 4).map(float)))
def test_ranks_are_those_of_scipy(values: Floats) -> None:
    found = average_ranks(values)

    assert np.array_equal(found, stats.rankdata(values, axis=0))


@pytest.mark.parametrize("seed", range(5))
def test_the_coefficient_is_spearmans_where_columns_are_known(seed: int) -> None:
    chance = np.random.default_rng(seed)
    outcome = market(60, seed)
    x = chance.normal(size=(len(outcome), 6)) + 0.2 * np.nan_to_num(outcome)[:, None]
    x[:, 1] = np.round(x[:, 1])
    x[:300, 2] = np.nan
    x[chance.random(len(x)) < 0.3, 3] = np.nan
    x[:, 4] = x[:, 4] > 0.5

    found = judged(x, outcome)

    for place, one in enumerate(found):
        known = np.isfinite(x[:, place]) & np.isfinite(outcome)
        oracle = stats.spearmanr(x[known, place], outcome[known]).statistic
        assert one.ic == pytest.approx(oracle, abs=1e-12)
        assert one.rows == known.sum()
        assert one.outcomes == pytest.approx(known.sum() / HORIZON)
        assert one.low < one.ic < one.high


@pytest.mark.parametrize("memory", [0.0, 0.9, 0.995])
def test_noise_is_claimed_at_the_stated_rate(memory: float) -> None:
    found = [
        one
        for seed in range(6)
        for one in judged(noise(250, 60, memory, 100 + seed), market(250, seed))
    ]

    claimed = np.mean([one.p < 0.05 for one in found])
    missed = np.mean([not one.low <= 0 <= one.high for one in found])

    assert 0.02 < claimed < 0.09
    assert 0.02 < missed < 0.10


def test_a_planted_edge_is_found_and_its_size_is_right() -> None:
    outcome = market(500, 3)
    x = noise(500, 1, 0.0, 4) + 0.05 * np.nan_to_num(outcome)[:, None]

    (found,) = judged(x, outcome)

    assert found.p < 1e-4
    assert 0.05 < found.ic < 0.2
    assert found.low > 0


@pytest.mark.parametrize("ahead", [0, -1, -HORIZON])
def test_an_outcome_of_the_past_is_refused(ahead: int) -> None:
    x = noise(40, 2, 0.0, 1)

    with pytest.raises(DataError, match="must lie after"):
        ranked(x, market(40, 2), ahead=ahead)


def test_an_outcome_shifted_into_the_past_gives_another_answer() -> None:
    level = np.cumsum(np.random.default_rng(8).standard_t(4, size=200 * BARS_A_DAY))
    ahead, behind = np.full((2, len(level)), np.nan)
    ahead[:-HORIZON] = level[HORIZON:] - level[:-HORIZON]
    behind[HORIZON:] = level[HORIZON:] - level[:-HORIZON]
    x = np.diff(level, prepend=0.0)[:, None]

    honest, leaking = judged(x, ahead)[0], judged(x, behind)[0]

    assert abs(honest.ic) < 0.05
    assert leaking.ic > 0.3


def test_days_out_of_order_are_refused() -> None:
    x = noise(2, 1, 0.0, 1)
    rows = np.arange(len(x))

    with pytest.raises(DataError, match="order"):
        rank_sums(["one"], x, market(2, 1), np.ones(len(x)), begins=rows, ends=rows + 1, day=-rows)


def test_what_never_varies_or_is_too_short_is_not_judged() -> None:
    x = np.column_stack([np.ones(40 * BARS_A_DAY), np.full(40 * BARS_A_DAY, np.nan)])
    short = noise(29, 1, 0.0, 1)

    still, unknown = judged(x, market(40, 1))
    (few,) = judged(short, market(29, 1))

    assert np.isnan([still.ic, still.p, unknown.ic, unknown.p, few.p, few.low]).all()
    assert unknown.rows == 0
    assert np.isfinite(few.ic)


def test_pooled_series_share_their_days_and_keep_their_own_columns() -> None:
    outcome = market(60, 5)
    x = noise(60, 3, 0.5, 6)
    one = ranked(x, outcome)
    other = ranked(x[:, :2], outcome)

    both = coefficients(pooled([one, other]), overlap_days=0.2)
    alone = coefficients(one, overlap_days=0.2)

    assert [c.days for c in both] == [60, 60, 60]
    assert [c.rows for c in both] == [2 * alone[0].rows, 2 * alone[1].rows, alone[2].rows]
    for a, b in zip(alone, both, strict=True):
        assert b.ic == pytest.approx(a.ic)
        assert b.p == pytest.approx(a.p), "the same market twice is no more evidence"
        assert b.low == pytest.approx(a.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    part = ranked(noise(60, 2, 0.5, 6), market(60, 5))

    first, again, other = (coefficients(part, overlap_days=0.2, seed=s) for s in (1, 1, 2))

    assert first == again
    assert first != other
