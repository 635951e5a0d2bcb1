import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.kernel.volatility import FEW, ewma_volatility, wilder_atr
from tests.factories import make_bars
from tests.kernel.worlds import LAW

BARS = make_bars(400, seed=3).frame
HIGH, LOW, CLOSE = (BARS[name].to_numpy() for name in ("high", "low", "close"))


@given(known=st.integers(1, 400))
@LAW
def test_values_stay_when_the_future_arrives(known: int) -> None:
    then = ewma_volatility(CLOSE[:known], 20)
    average = wilder_atr(HIGH[:known], LOW[:known], CLOSE[:known], 14)

    assert np.array_equal(then, ewma_volatility(CLOSE, 20)[:known], equal_nan=True)
    assert np.array_equal(average, wilder_atr(HIGH, LOW, CLOSE, 14)[:known], equal_nan=True)


def test_volatility_is_the_weighted_mean_of_squares() -> None:
    squares = np.diff(np.log(CLOSE)) ** 2
    decay = 1 - 2 / 21
    weights = decay ** np.arange(400 - 21, 0, -1) / decay
    expected = decay**379 * squares[:20].mean() + (1 - decay) * (weights @ squares[20:])

    found = ewma_volatility(CLOSE, 20)

    assert np.isclose(found[-1] ** 2, expected, rtol=1e-12)
    assert np.isnan(found[:20]).all()
    assert np.isfinite(found[20:]).all()


def test_volatility_finds_that_of_a_normal_walk() -> None:
    close = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 20_000)))

    found = ewma_volatility(close, 64)[64:]

    assert np.isclose((found**2).mean() ** 0.5, 0.01, rtol=0.02)


def test_average_true_range_is_that_of_ta_lib() -> None:
    talib = pytest.importorskip("talib", reason="the oracle extra is not installed")

    found, oracle = wilder_atr(HIGH, LOW, CLOSE, 14), talib.ATR(HIGH, LOW, CLOSE, 14)

    assert np.allclose(found, oracle, rtol=1e-12, atol=0, equal_nan=True)


def test_a_price_that_does_not_move_has_no_volatility() -> None:
    flat = np.full(100, 1.5)

    assert (ewma_volatility(flat, 10)[10:] == 0).all()
    assert (wilder_atr(flat, flat, flat, 14)[14:] == 0).all()


def test_too_few_bars_are_all_warm_up() -> None:
    assert np.isnan(ewma_volatility(CLOSE[:64], 64)).all()
    assert np.isnan(wilder_atr(HIGH[:14], LOW[:14], CLOSE[:14], 14)).all()
    assert ewma_volatility(CLOSE[:0]).size == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0])
def test_a_price_that_is_none_is_refused(bad: float) -> None:
    broken = CLOSE.copy()
    broken[7] = bad

    with pytest.raises(DataError, match="row 7"):
        ewma_volatility(broken)
    with pytest.raises(DataError, match="row 7"):
        wilder_atr(HIGH, LOW, broken)


def test_impossible_windows_and_lengths_are_refused() -> None:
    with pytest.raises(SettingsError):
        ewma_volatility(CLOSE, 1)
    with pytest.raises(SettingsError):
        wilder_atr(HIGH, LOW, CLOSE, 0)
    with pytest.raises(DataError, match="one length"):
        wilder_atr(HIGH[1:], LOW, CLOSE)


def test_few_bars_and_many_give_the_same_bits() -> None:
    close = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 1e-3, 2 * FEW)))

    few, many = close[: FEW // 2], close

    assert np.array_equal(ewma_volatility(many)[: len(few)], ewma_volatility(few), equal_nan=True)
    average = wilder_atr(many * 1.001, many * 0.999, many)
    assert np.array_equal(
        average[: len(few)], wilder_atr(few * 1.001, few * 0.999, few), equal_nan=True
    )
