import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.fusion.inference import DayBlocks, t_above

UNHURRIED = settings(deadline=None, max_examples=50)


@UNHURRIED
@given(t=st.floats(-40, 40), degrees=st.integers(1, 200))
def test_the_tail_of_t_is_scipys(t: float, degrees: int) -> None:
    assert np.isclose(t_above(t, degrees), stats.t.sf(t, degrees), rtol=1e-9, atol=1e-14)


def test_a_test_that_cannot_be_made_rejects_nothing() -> None:
    assert t_above(float("nan"), 5) == 1.0
    assert t_above(float("-inf"), 5) == 1.0


def test_on_independent_rows_the_error_is_the_plain_one() -> None:
    values = np.random.default_rng(3).normal(size=40_000)

    mean, error = DayBlocks(np.arange(40_000) // 10).mean(values)

    assert mean == pytest.approx(values.mean(), rel=1e-9)
    assert error == pytest.approx(values.std() / 200, rel=0.25)


def test_rows_that_do_not_count_do_not_count() -> None:
    chance = np.random.default_rng(5)
    values, day = chance.normal(size=3000), np.arange(3000) // 24
    count = (chance.random(3000) < 0.4).astype(float)
    kept = count > 0

    mean, error = DayBlocks(day).mean(values * count, count)
    alone, alone_error = DayBlocks(day[kept]).mean(values[kept])

    assert mean == pytest.approx(float(alone))
    assert error == pytest.approx(float(alone_error), rel=1e-9)


def test_a_column_without_rows_is_unknown() -> None:
    mean, error = DayBlocks(np.arange(100)).mean(np.zeros((100, 1)), np.zeros((100, 1)))

    assert mean[0] == 0.0
    assert np.isinf(error[0])


@pytest.mark.parametrize("days", [0, 1, 4])
def test_too_few_days_tell_nothing(days: int) -> None:
    values = np.ones(days * 3)

    _, error = DayBlocks(np.arange(days * 3) // 3).mean(values)

    assert np.isinf(error)


@pytest.mark.parametrize("persistence", [0.0, 0.5])
def test_the_t_test_keeps_its_level_when_days_hang_together(persistence: float) -> None:
    chance, days, rejected, repeats = np.random.default_rng(9), 250, 0, 1500
    blocks = DayBlocks(np.arange(days))
    for _ in range(repeats):
        shocks = chance.normal(size=days + 50)
        x = np.zeros(days + 50)
        for row in range(1, days + 50):
            x[row] = persistence * x[row - 1] + shocks[row]
        mean, error = blocks.mean(x[50:])
        rejected += t_above(float(mean / error), blocks.degrees) <= 0.05

    assert 0.03 <= rejected / repeats <= 0.075
