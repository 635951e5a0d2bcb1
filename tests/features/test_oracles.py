"""Our indicators against TA-Lib's, after the warm-up."""

from collections.abc import Callable
from math import isqrt, sqrt

import numpy as np
import polars as pl
import pytest

from assay.features.contract import Frames
from assay.features.pipeline import make_feature
from assay.features.series import Prices
from assay.features.windows import Vector, window_mean, window_std
from tests.features.worlds import make_world

talib = pytest.importorskip("talib", reason="the oracle TA-Lib is in the extra `oracle`")
stats = pytest.importorskip("scipy.stats", reason="the oracle scipy is in the extra `oracle`")

BEGIN = 1000
ROWS = 2000


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(ROWS, seed=12).frames()


def _atr(p: Prices) -> Vector:
    return np.asarray(talib.ATR(p.high, p.low, p.close, 14))


def _mean_true_range(p: Prices, window: int = 14) -> Vector:
    return np.asarray(talib.SMA(talib.TRANGE(p.high, p.low, p.close), window))


def _ema_distance(p: Prices) -> tuple[Vector, ...]:
    return tuple((p.close - talib.EMA(p.close, span)) / _atr(p) for span in (20, 50))


def _macd(p: Prices) -> tuple[Vector, ...]:
    line, _, histogram = talib.MACD(p.close, 12, 26, 9)
    return line / _atr(p), histogram / _atr(p)


def _hull(p: Prices) -> tuple[Vector, ...]:
    raw = 2 * talib.WMA(p.close, 10) - talib.WMA(p.close, 20)
    hull = talib.WMA(raw, isqrt(20))
    unit = _mean_true_range(p)
    return (p.close - hull) / unit, np.diff(hull, prepend=np.nan) / unit


def _adx(p: Prices) -> tuple[Vector, ...]:
    plus = talib.PLUS_DI(p.high, p.low, p.close, 14)
    minus = talib.MINUS_DI(p.high, p.low, p.close, 14)
    adx = talib.ADX(p.high, p.low, p.close, 14) / 100
    return adx, (plus - minus) / (plus + minus)


def _stochastic(p: Prices) -> tuple[Vector, ...]:
    slow_k, slow_d = talib.STOCH(p.high, p.low, p.close, 14, 3, 0, 3, 0)
    return slow_k / 50 - 1, slow_d / 50 - 1


def _bollinger(p: Prices) -> tuple[Vector, ...]:
    upper, middle, _ = talib.BBANDS(p.close, 20, 1, 1, 0)
    spread = upper - middle
    return (p.close - middle) / spread, spread / _mean_true_range(p, 20)


def _rate_of_change(p: Prices) -> tuple[Vector, ...]:
    change = talib.ROC(p.close, 10)
    return ((change - talib.SMA(change, 100)) / talib.STDDEV(change, 100),)


def _signed_volume(p: Prices) -> tuple[Vector, ...]:
    balance = talib.OBV(p.close, p.volume)
    return ((balance - np.roll(balance, 20)) / talib.SUM(p.volume, 20),)


def _channel(p: Prices) -> tuple[Vector, ...]:
    found = []
    for window in (20, 55):
        top, bottom = talib.MAX(p.high, window), talib.MIN(p.low, window)
        found.append((2 * p.close - top - bottom) / (top - bottom))
    return tuple(found)


def _regression(p: Prices) -> tuple[Vector, ...]:
    level, found = np.log(p.close), np.full(p.close.size, np.nan)
    for end in range(BEGIN, ROWS, 7):
        fit = stats.linregress(np.arange(20), level[end - 19 : end + 1])
        found[end] = fit.slope / fit.stderr
    return (found,)


ORACLES: dict[str, Callable[[Prices], tuple[Vector, ...]]] = {
    "ema_distance": _ema_distance,
    "macd": _macd,
    "hull": _hull,
    "sma_distance": lambda p: ((p.close - talib.SMA(p.close, 100)) / _mean_true_range(p),),
    "regression_slope": _regression,
    "adx": _adx,
    "aroon": lambda p: (talib.AROONOSC(p.high, p.low, 25) / 100,),
    "rsi": lambda p: (talib.RSI(p.close, 14) / 50 - 1,),
    "rate_of_change": _rate_of_change,
    "stochastic": _stochastic,
    "williams_r": lambda p: (talib.WILLR(p.high, p.low, p.close, 28) / 100,),
    "cci": lambda p: (talib.CCI(p.high, p.low, p.close, 20) / 100,),
    "atr": lambda p: (talib.ATR(p.high, p.low, p.close, 14) / p.close,),
    "bollinger": _bollinger,
    "signed_volume": _signed_volume,
    "money_flow": lambda p: (talib.MFI(p.high, p.low, p.close, p.volume, 14) / 50 - 1,),
    "channel_position": _channel,
    "donchian_width": lambda p: (
        (talib.MAX(p.high, 20) - talib.MIN(p.low, 20)) / _mean_true_range(p, 20) / sqrt(20),
    ),
}


@pytest.mark.parametrize("name", ORACLES)
def test_it_is_the_indicator_of_the_textbook(name: str, frames: Frames) -> None:
    ours = make_feature(name, {}).columns(frames)

    theirs = ORACLES[name](Prices.of(frames))

    assert len(theirs) == ours.width
    for column, expected in zip(ours, theirs, strict=True):
        known = np.flatnonzero(~np.isnan(expected))
        known = known[known >= BEGIN]
        assert known.size > 100
        tolerance = 1e-7 * float(np.nanstd(expected[known]))
        assert np.allclose(column.to_numpy()[known], expected[known], rtol=0, atol=tolerance)


def test_realised_volatility_is_the_root_mean_square(frames: Frames) -> None:
    ours = make_feature("realised_vol", {}).columns(frames)["realised_vol_20"].to_numpy()

    returns = np.diff(np.log(Prices.of(frames).close))
    expected = [np.sqrt(np.mean(returns[end - 20 : end] ** 2)) for end in range(20, ROWS)]

    assert np.allclose(ours[20:], expected, rtol=1e-12)


def test_parkinson_is_the_formula_of_the_paper(frames: Frames) -> None:
    ours = make_feature("parkinson", {}).columns(frames)["parkinson_20"].to_numpy()

    p = Prices.of(frames)
    squares = np.log(p.high / p.low) ** 2
    expected = [
        np.sqrt(np.sum(squares[end - 20 : end]) / (80 * np.log(2))) for end in range(20, ROWS + 1)
    ]

    assert np.allclose(ours[19:], expected, rtol=1e-12)


def test_volume_z_is_the_z_score(frames: Frames) -> None:
    ours = make_feature("volume_z", {}).columns(frames)["volume_z_50"].to_numpy()

    amount = np.log1p(Prices.of(frames).volume)
    expected = [stats.zscore(amount[end - 50 : end])[-1] for end in range(50, ROWS + 1)]

    assert np.allclose(ours[49:], expected, rtol=1e-9, atol=1e-12)


def test_volatility_percentile_is_scipys(frames: Frames) -> None:
    ours = make_feature("vol_percentile", {}).columns(frames)["vol_percentile_20_250"].to_numpy()
    vol = make_feature("realised_vol", {}).columns(frames)["realised_vol_20"].to_numpy()

    for end in range(BEGIN, ROWS, 50):
        others = vol[end - 249 : end]
        assert np.isclose(ours[end], stats.percentileofscore(others, vol[end], "mean") / 100)


def test_peer_correlation_is_pearsons_about_zero(frames: Frames) -> None:
    ours = make_feature("peer_correlation", {}).columns(frames)["peer_correlation_100"]
    own = np.diff(np.log(Prices.of(frames).close), prepend=np.nan)

    end, each = 1500, []
    for peer in frames.peers:
        theirs = np.diff(np.log(peer.cast(pl.Float64).to_numpy()), prepend=np.nan)
        x, y = own[end - 99 : end + 1], theirs[end - 99 : end + 1]
        both = ~np.isnan(y)
        x, y = x[both], y[both]
        each.append(abs(x @ y) / np.sqrt((x @ x) * (y @ y)))

    assert np.isclose(ours[end], np.mean(each), rtol=1e-12)


def test_break_gap_fades_by_half_each_half_life(frames: Frames) -> None:
    ours = make_feature("break_gap", {}).columns(frames)["break_gap_8_by_50"].to_numpy()
    close = frames.bars["close"].to_numpy()
    times = frames.bars["time"].dt.epoch("s").to_numpy()
    returns = np.diff(np.log(close))
    after_break = np.diff(times, prepend=times[0]) > 1.5 * 3600
    gap = np.log(frames.bars["open"].to_numpy()[1:] / close[:-1])

    decayed, variance, expected = 0.0, float(returns[0] ** 2), []
    for row in range(1, close.size):
        decayed = decayed * 2 ** (-1 / 8) + (gap[row - 1] if after_break[row] else 0.0)
        variance += 2 / 51 * (returns[row - 1] ** 2 - variance)
        expected.append(decayed / np.sqrt(variance))

    assert after_break.sum() > 10
    assert np.allclose(ours[51:], expected[50:], rtol=1e-9, atol=1e-12)


def test_windows_agree_with_plain_means_and_deviations() -> None:
    values = np.random.default_rng(0).normal(1e6, 1.0, 500)

    for window in (1, 2, 7, 20, 64, 100):
        mean, spread = window_mean(values, window), window_std(values, window)
        for end in range(window, 501, 37):
            part = values[end - window : end]
            assert np.isclose(mean[end - 1], part.mean(), rtol=1e-14)
            assert np.isclose(spread[end - 1], part.std(), rtol=1e-7, atol=1e-9)
