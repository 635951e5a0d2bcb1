"""Volatility, trend and momentum features against TA-Lib, papers' formulas and laws."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from assay.core.errors import SettingsError
from assay.features.chained import Chained
from assay.features.contract import Feature, Frames, Input
from assay.features.parts import Part, Recent
from assay.features.pipeline import make_feature
from assay.features.series import Prices
from assay.features.volatilities import BarMoves
from assay.features.windows import Vector
from tests.features.promises import swapped
from tests.features.worlds import make_world

talib = pytest.importorskip("talib", reason="the oracle TA-Lib is in the extra `oracle`")
stats = pytest.importorskip("scipy.stats", reason="the oracle scipy is in the extra `oracle`")

BEGIN = 1000
ROWS = 2000
CHAINED = ("trix", "tema_distance", "mass_index", "stochastic_rsi", "fisher_transform")


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(ROWS, seed=31).frames()


def _atr(p: Prices) -> Vector:
    return np.asarray(talib.ATR(p.high, p.low, p.close, 14))


def _mean_true_range(p: Prices, window: int = 14) -> Vector:
    return np.asarray(talib.SMA(talib.TRANGE(p.high, p.low, p.close), window))


def _kama(p: Prices) -> tuple[Vector, ...]:
    average, unit = talib.KAMA(p.close, 10), _mean_true_range(p)
    return (p.close - average) / unit, np.diff(average, prepend=np.nan) / unit


def _ichimoku(p: Prices) -> tuple[Vector, ...]:
    tenkan, kijun, senkou = (talib.MIDPRICE(p.high, p.low, rows) for rows in (9, 26, 52))
    unit = _mean_true_range(p)
    spans = np.roll((tenkan + kijun) / 2, 26), np.roll(senkou, 26)
    bottom, top = np.minimum(*spans), np.maximum(*spans)
    return (
        (tenkan - kijun) / unit,
        (p.close - np.clip(p.close, bottom, top)) / unit,
        (spans[0] - spans[1]) / unit,
    )


def _trix(p: Prices) -> tuple[Vector, ...]:
    smooth = talib.EMA(talib.EMA(talib.EMA(p.close, 15), 15), 15)
    return (talib.TRIX(p.close, 15) / 100 * np.roll(smooth, 1) / _atr(p),)


def _tema_distance(p: Prices) -> tuple[Vector, ...]:
    return tuple((p.close - f(p.close, 20)) / _atr(p) for f in (talib.DEMA, talib.TEMA))


def _trend_r2(p: Prices) -> tuple[Vector, ...]:
    correlation = talib.CORREL(np.log(p.close), np.arange(float(p.close.size)), 50)
    return (correlation * np.abs(correlation),)


def _mass_index(p: Prices) -> tuple[Vector, ...]:
    once = talib.EMA(p.high - p.low, 9)
    return (talib.SUM(once / talib.EMA(once, 9), 25) / 25 - 1,)


def _ma_alignment(p: Prices) -> tuple[Vector, ...]:
    means = [talib.SMA(p.close, window) for window in (10, 20, 50, 100)]
    return (np.mean([np.sign(a - b) for a, b in combinations(means, 2)], axis=0),)


def _true_strength(p: Prices) -> tuple[Vector, ...]:
    change = np.diff(p.close)
    net, way = (talib.EMA(talib.EMA(x, 25), 13) for x in (change, np.abs(change)))
    return (np.concatenate([[np.nan], net / way]),)


def _stochastic_rsi(p: Prices) -> tuple[Vector, ...]:
    place, signal = talib.STOCHRSI(p.close, 14, 14, 3, 0)
    return place / 50 - 1, signal / 50 - 1


def _awesome(p: Prices) -> tuple[Vector, ...]:
    middle = talib.MEDPRICE(p.high, p.low)
    return ((talib.SMA(middle, 5) - talib.SMA(middle, 34)) / _mean_true_range(p),)


def _detrended(p: Prices) -> tuple[Vector, ...]:
    return ((p.close - np.roll(talib.SMA(p.close, 20), 11)) / _mean_true_range(p),)


def _volatility(p: Prices, window: int) -> Vector:
    squares = np.diff(np.log(p.close), prepend=np.log(p.close[0])) ** 2
    found: Vector = np.sqrt(talib.SMA(squares, window))
    return found


def _coppock(p: Prices) -> tuple[Vector, ...]:
    change = (talib.ROC(p.close, 14) + talib.ROC(p.close, 11)) / 100
    return (talib.WMA(change, 10) / (np.sqrt(14) * _volatility(p, 50)),)


def _acceleration(p: Prices) -> tuple[Vector, ...]:
    momentum = talib.MOM(np.log(p.close), 10)
    return (talib.MOM(momentum, 10) / (np.sqrt(20) * _volatility(p, 50)),)


def _keltner(p: Prices) -> tuple[Vector, ...]:
    middle = talib.SMA(talib.TYPPRICE(p.high, p.low, p.close), 10)
    return ((p.close - middle) / talib.SMA(p.high - p.low, 10),)


def _squeeze(p: Prices) -> tuple[Vector, ...]:
    upper, middle, _ = talib.BBANDS(p.close, 20, 2, 2, 0)
    inside = upper < middle + 1.5 * _mean_true_range(p, 20)
    return (talib.SMA(inside.astype(np.float64), 20),)


TALIB: dict[str, Callable[[Prices], tuple[Vector, ...]]] = {
    "kama": _kama,
    "ichimoku": _ichimoku,
    "trix": _trix,
    "tema_distance": _tema_distance,
    "trend_r2": _trend_r2,
    "keltner": _keltner,
    "mass_index": _mass_index,
    "ma_alignment": _ma_alignment,
    "squeeze": _squeeze,
    "true_strength": _true_strength,
    "ultimate_oscillator": lambda p: (talib.ULTOSC(p.high, p.low, p.close, 7, 14, 28) / 50 - 1,),
    "stochastic_rsi": _stochastic_rsi,
    "awesome": _awesome,
    "acceleration": _acceleration,
    "detrended": _detrended,
    "coppock": _coppock,
}
LOOSE = {"kama": 1e-3}
"""KAMA is cut off after 256 bars; the running sums of TA-Lib cost the others a few digits."""


@pytest.mark.parametrize("name", TALIB)
def test_it_is_the_indicator_of_the_textbook(name: str, frames: Frames) -> None:
    ours = make_feature(name, {}).columns(frames)

    theirs = TALIB[name](Prices.of(frames))

    assert len(theirs) == ours.width
    for column, expected in zip(ours, theirs, strict=True):
        known = np.flatnonzero(~np.isnan(expected))
        known = known[known >= BEGIN]
        assert known.size == ROWS - BEGIN
        apart = np.abs(column.to_numpy()[known] - expected[known])
        assert apart.max() <= LOOSE.get(name, 1e-7) * float(np.std(expected[known]))


def _rms(values: Vector) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _estimates(p: pl.DataFrame) -> tuple[float, float]:
    """Return Garman-Klass and Rogers-Satchell variances, spelt out as in the papers."""
    o, h, low, c = (np.log(p[name].to_numpy()) for name in ("open", "high", "low", "close"))
    gk = 0.5 * (h - low) ** 2 - (2 * np.log(2) - 1) * (c - o) ** 2
    rs = (h - c) * (h - o) + (low - c) * (low - o)
    return float(gk.mean()), float(rs.mean())


def _garman_klass(p: pl.DataFrame) -> tuple[float, ...]:
    gk, _ = _estimates(p.tail(20))
    return (float(np.log(np.sqrt(gk) / _rms(np.diff(np.log(p["close"].to_numpy()))))),)


def _rogers_satchell(p: pl.DataFrame) -> tuple[float, ...]:
    gk, rs = _estimates(p)
    return (float(np.log(np.sqrt(rs / gk))),)


def _yang_zhang(p: pl.DataFrame) -> tuple[float, ...]:
    jump = np.diff(np.log(p["close"].to_numpy()))
    body = np.log((p["close"] / p["open"]).to_numpy())[1:]
    jump -= body
    found = []
    for n in (10, 100):
        k = 0.34 / (1.34 + (n + 1) / (n - 1))
        gap = np.var(jump[-n:], ddof=1)
        whole = gap + k * np.var(body[-n:], ddof=1) + (1 - k) * _estimates(p.tail(n))[1]
        found.append((gap, whole))
    return float(0.5 * np.log(found[0][1] / found[1][1])), float(found[1][0] / found[1][1])


def _returns(p: pl.DataFrame) -> Vector:
    return np.diff(np.log(p["close"].to_numpy()))


def _bipower(p: pl.DataFrame) -> tuple[float, ...]:
    size = np.abs(_returns(p))
    smooth = np.pi / 2 * 50 / 49 * sum(a * b for a, b in zip(size[1:], size, strict=False))
    return (max(0.0, 1 - smooth / float(size @ size)),)


def _skew(p: pl.DataFrame) -> tuple[float, ...]:
    r = _returns(p)
    return (float(np.sqrt(100) * np.sum(r**3) / np.sum(r**2) ** 1.5),)


def _kurtosis(p: pl.DataFrame) -> tuple[float, ...]:
    r = _returns(p)
    return (float(np.log(100 * np.sum(r**4) / np.sum(r**2) ** 2 / 3)),)


def _vol_of_vol(p: pl.DataFrame) -> tuple[float, ...]:
    r = _returns(p)
    vol = [_rms(r[end - 10 : end]) for end in range(10, r.size + 1)]
    return (float(stats.variation(vol)),)


def _har_vol(p: pl.DataFrame) -> tuple[float, ...]:
    r = _returns(p)
    return tuple(float(np.log(_rms(r[-n:]) / _rms(r[-286:]))) for n in (13, 65))


def _ulcer_index(p: pl.DataFrame) -> tuple[float, ...]:
    c = p["close"].to_numpy()
    deep = [c[end] / c[end - 49 : end + 1].max() - 1 for end in range(49, 99)]
    return (_rms(np.array(deep)) / (np.sqrt(50) * _rms(_returns(p)[-50:])),)


def _choppiness(p: pl.DataFrame) -> tuple[float, ...]:
    h, low, c = (p[name].to_list() for name in ("high", "low", "close"))
    way = sum(max(h[i], c[i - 1]) - min(low[i], c[i - 1]) for i in range(1, 15))
    return (float(np.log10(way / (max(h[1:]) - min(low[1:]))) / np.log10(14)),)


def _permutation_entropy(p: pl.DataFrame) -> tuple[float, ...]:
    c = p["close"].to_numpy()
    orders = Counter(
        tuple(np.argsort(c[i : i + 3], kind="stable").tolist()) for i in range(c.size - 2)
    )
    return (float(stats.entropy(list(orders.values())) / np.log(6)),)


def _fractal_dimension(p: pl.DataFrame) -> tuple[float, ...]:
    c = p["close"].to_numpy()
    length, extent = np.abs(np.diff(c)).sum(), np.abs(c - c[0]).max()
    steps = length / np.abs(np.diff(c)).mean()
    return (float(min(np.log10(steps) / (np.log10(steps) + np.log10(extent / length)) - 1, 2.0)),)


def _cut_kama(p: pl.DataFrame) -> tuple[float, ...]:
    c = p["close"].to_numpy()
    averages = []
    for end in (c.size - 1, c.size):
        weights, left = [], 1.0
        for i in range(end - 1, end - 257, -1):
            efficiency = abs(c[i] - c[i - 10]) / np.abs(np.diff(c[i - 10 : i + 1])).sum()
            weight = (efficiency * (2 / 3 - 2 / 31) + 2 / 31) ** 2
            weights.append(left * weight)
            left *= 1 - weight
        averages.append(float(np.average(c[end - 256 : end][::-1], weights=weights)))
    unit = _mean_range(p)
    return (c[-1] - averages[1]) / unit, (averages[1] - averages[0]) / unit


def _mean_range(p: pl.DataFrame) -> float:
    h, low, c = (p[name].to_numpy() for name in ("high", "low", "close"))
    return float(np.mean(np.maximum(h[1:], c[:-1]) - np.minimum(low[1:], c[:-1]), where=_last(c)))


def _last(c: Vector, rows: int = 14) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.arange(c.size - 1) >= c.size - 1 - rows


def _vortex(p: pl.DataFrame) -> tuple[float, ...]:
    h, low, c = (p[name].to_list() for name in ("high", "low", "close"))
    rows = range(1, 15)
    plus = sum(abs(h[i] - low[i - 1]) for i in rows)
    minus = sum(abs(low[i] - h[i - 1]) for i in rows)
    way = sum(max(h[i], c[i - 1]) - min(low[i], c[i - 1]) for i in rows)
    return (plus / way - minus / way,)


def _time_series_momentum(p: pl.DataFrame) -> tuple[float, ...]:
    r = _returns(p)
    return tuple(float(r[-h:].sum() / (np.sqrt(h) * _rms(r[-h:]))) for h in (60, 120, 250))


FORMULAS: dict[str, Callable[[pl.DataFrame], tuple[float, ...]]] = {
    "garman_klass": _garman_klass,
    "rogers_satchell": _rogers_satchell,
    "yang_zhang": _yang_zhang,
    "bipower": _bipower,
    "realised_skew": _skew,
    "realised_kurtosis": _kurtosis,
    "vol_of_vol": _vol_of_vol,
    "har_vol": _har_vol,
    "ulcer_index": _ulcer_index,
    "choppiness": _choppiness,
    "permutation_entropy": _permutation_entropy,
    "fractal_dimension": _fractal_dimension,
    "kama": _cut_kama,
    "vortex": _vortex,
    "time_series_momentum": _time_series_momentum,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_it_is_the_formula_of_the_paper(name: str, frames: Frames) -> None:
    feature = make_feature(name, {})
    ours = feature.columns(frames)

    for end in range(feature.lookback, ROWS + 1, 29):
        expected = FORMULAS[name](frames.bars.slice(end - feature.lookback, feature.lookback))

        assert np.allclose(ours.row(end - 1), expected, rtol=1e-8, atol=1e-10)


def test_exponential_volatilities_are_those_of_the_recursion(frames: Frames) -> None:
    ours = make_feature("ewma_vol", {}).columns(frames)["ewma_vol_11_40"]

    squares = (frames.bars["close"].log().diff() ** 2).drop_nulls()
    fast, slow = (squares.ewm_mean(half_life=rows, adjust=False) for rows in (11, 40))

    expected = 0.5 * np.log((fast / slow).to_numpy())
    assert np.allclose(ours.to_numpy()[81:], expected[80:], rtol=1e-9, atol=1e-12)


def test_the_fisher_transform_is_the_recursion_of_the_paper(frames: Frames) -> None:
    ours = make_feature("fisher_transform", {}).columns(frames)["fisher_transform_10"]
    bars = frames.bars
    price = ((bars["high"] + bars["low"]) / 2).to_list()

    value, fish, expected = 0.0, 0.0, []
    for row in range(9, ROWS):
        window = price[row - 9 : row + 1]
        x = (price[row] - min(window)) / (max(window) - min(window)) - 0.5
        value = 0.33 * 2 * x + 0.67 * value
        fish = float(np.arctanh(np.clip(value, -0.999, 0.999))) + 0.5 * fish
        expected.append(fish)

    assert np.allclose(ours.to_numpy()[200:], expected[191:], rtol=0, atol=1e-9)


def _brownian(bars: int, drift: float, gap: float = 0.0) -> pl.DataFrame:
    """Return bars of a Brownian motion with variance 1e-4 a bar, the extremes of its path exact.

    Between two of its 200 moments they are drawn from the Brownian bridge. `drift` a bar and the
    standard deviation of the gap before it are in standard deviations of a bar.
    """
    chance, steps = np.random.default_rng(17), 200
    moves = chance.normal(drift * 0.01 / steps, 0.01 / np.sqrt(steps), (bars, steps))
    inside = np.concatenate([np.zeros((bars, 1)), np.cumsum(moves, axis=1)], axis=1)
    both = inside[:, 1:] + inside[:, :-1]
    bridges = np.sqrt(moves**2 + 2e-4 / steps * chance.exponential(size=(2, bars, steps)))
    jumps = chance.normal(0.0, 0.01 * gap, bars)
    start = np.cumsum(jumps + np.concatenate([[0.0], inside[:-1, -1]]))
    ends = {
        "open": np.zeros(bars),
        "high": (0.5 * (both + bridges[0])).max(axis=1),
        "low": (0.5 * (both - bridges[1])).min(axis=1),
        "close": inside[:, -1],
    }
    return pl.DataFrame({name: np.exp(start + end) for name, end in ends.items()})


def _of(frames: Frames, prices: pl.DataFrame) -> Frames:
    """Return frames with the prices exchanged, as many rows as there are prices."""
    part = frames.slice(0, prices.height)
    return swapped(part, Input.BARS, part.bars.with_columns(prices))


def test_garman_klass_is_unbiased_without_drift_and_rogers_satchell_with_it(
    frames: Frames,
) -> None:
    calm = BarMoves.of(_of(frames, _brownian(ROWS, drift=0.0)))
    drifting = BarMoves.of(_of(frames, _brownian(ROWS, drift=1.5)))

    assert calm.garman_klass().mean() == pytest.approx(1e-4, rel=0.05)
    assert calm.rogers_satchell().mean() == pytest.approx(1e-4, rel=0.05)
    assert drifting.rogers_satchell().mean() == pytest.approx(1e-4, rel=0.05)
    assert drifting.garman_klass().mean() > 1.15e-4


def test_the_gap_share_is_the_gaps_part_of_the_variance(frames: Frames) -> None:
    gapping = _of(frames, _brownian(ROWS, drift=0.0, gap=1.0))

    share = make_feature("yang_zhang", {"long": 200}).columns(gapping).to_series(1)

    assert share.drop_nulls().to_numpy().mean() == pytest.approx(0.5, abs=0.04)


def test_jumps_raise_the_bipower_share_and_a_random_walk_does_not(frames: Frames) -> None:
    returns = np.random.default_rng(5).normal(0.0, 0.001, 1500)
    jumping = returns.copy()
    jumping[::25] += 0.01
    found = []
    for moves in (returns, jumping):
        close = pl.Series(np.exp(np.cumsum(moves)))
        bars = pl.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close))
        column = make_feature("bipower", {"window": 200}).columns(_of(frames, bars))
        found.append(column.to_series().drop_nulls().to_numpy())

    assert found[0].mean() < 0.1
    assert found[1].min() > 0.5


ODD = (
    "kama",
    "ichimoku",
    "vortex",
    "trix",
    "tema_distance",
    "keltner",
    "ma_alignment",
    "true_strength",
    "ultimate_oscillator",
    "stochastic_rsi",
    "fisher_transform",
    "awesome",
    "detrended",
)
EVEN = ("squeeze", "choppiness", "permutation_entropy", "fractal_dimension", "mass_index")
LOG_ODD = ("realised_skew", "trend_r2", "acceleration", "time_series_momentum")
LOG_EVEN = (
    "garman_klass",
    "rogers_satchell",
    "yang_zhang",
    "bipower",
    "realised_kurtosis",
    "vol_of_vol",
    "ewma_vol",
    "har_vol",
)


def _mirrored(frames: Frames, *, logarithmic: bool) -> Frames:
    """Return prices 10 - P, or 1 / P: highs become lows."""
    names = {"open": "open", "high": "low", "low": "high", "close": "close"}
    other = [
        ((1.0 / pl.col(old)) if logarithmic else (10.0 - pl.col(old))).alias(new)
        for new, old in names.items()
    ]
    return swapped(frames, Input.BARS, frames.bars.with_columns(other))


def _signs(
    names: Iterable[str], sign: float, *, logarithmic: bool
) -> list[tuple[str, float, bool]]:
    return [(name, sign, logarithmic) for name in names]


@pytest.mark.parametrize(
    ("name", "sign", "logarithmic"),
    [
        *_signs(ODD, -1.0, logarithmic=False),
        *_signs(EVEN, 1.0, logarithmic=False),
        *_signs(LOG_ODD, -1.0, logarithmic=True),
        *_signs(LOG_EVEN, 1.0, logarithmic=True),
    ],
)
def test_a_market_upside_down_turns_the_direction_and_nothing_else(
    name: str, sign: float, logarithmic: bool, frames: Frames
) -> None:
    feature = make_feature(name, {})

    here = feature.columns(frames).slice(feature.warm_up)
    there = feature.columns(_mirrored(frames, logarithmic=logarithmic)).slice(feature.warm_up)

    for mine, other in zip(here, there, strict=True):
        assert mine.n_unique() > 3
        assert np.allclose(other.to_numpy(), sign * mine.to_numpy(), rtol=0, atol=1e-7)


def test_an_orderly_rise_is_fully_aligned_straight_and_orderly(frames: Frames) -> None:
    close = pl.Series(np.exp(0.001 * np.arange(400.0)))
    rising = _of(frames, pl.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close)))
    expected = {
        "ma_alignment": 1.0,
        "trend_r2": 1.0,
        "true_strength": 1.0,
        "ultimate_oscillator": 1.0,
        "permutation_entropy": 0.0,
        "fractal_dimension": 0.0,
        "choppiness": np.log(14 / 13) / np.log(14),
        "ulcer_index": 0.0,
    }
    for name, value in expected.items():
        last = make_feature(name, {}).columns(rising).row(-1)

        assert last == pytest.approx((value,), abs=2e-3 if name == "choppiness" else 1e-9), name


def test_of_equal_closes_the_earlier_counts_as_the_lower(frames: Frames) -> None:
    chance = np.random.default_rng(9)
    close = pl.Series(1.0 + chance.integers(0, 3, 300) / 100.0)
    ties = _of(frames, pl.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close)))

    ours = make_feature("permutation_entropy", {}).columns(ties)

    for end in range(100, 301, 20):
        expected = _permutation_entropy(ties.bars.slice(end - 100, 100))
        assert ours.row(end - 1) == pytest.approx(expected, rel=1e-12)


def _chained(name: str) -> Chained:
    feature = make_feature(name, {})
    assert isinstance(feature, Chained)
    return feature


@pytest.mark.parametrize("name", CHAINED)
@pytest.mark.parametrize("piece", [1, 7, 333])
def test_piece_by_piece_is_all_at_once(name: str, piece: int, frames: Frames) -> None:
    feature, some = _chained(name), frames.slice(0, 700)
    memory = feature.begin()
    found = []
    for start in range(0, some.rows, piece):
        before = min(start, feature.rows_seen - 1)
        part = Part(some, start - before, min(start + piece, some.rows))
        memory, values = feature.go_on(memory, part, before)
        found.append(np.stack(values))

    whole = feature.columns(some).to_numpy().T
    pieces = np.concatenate(found, axis=1)
    lead = feature.lookback - 1
    assert memory.rows == some.rows
    assert np.allclose(pieces[:, lead:], whole[:, lead:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CHAINED)
def test_a_chain_goes_on_from_rows_that_are_handed_over(name: str, frames: Frames) -> None:
    feature, begin = _chained(name), 600
    state = feature.start(frames.slice(0, begin))
    memory = state.memory
    recent = Recent(frames.slice(0, begin), feature.rows_seen)

    for place in range(begin, begin + 50):
        recent.push(frames.slice(place, 1))
        memory, handed = feature.step(memory, recent.last(feature.rows_seen))
        state, kept = feature.stream(state, frames.slice(place, 1))

        assert handed == kept


def test_no_new_rows_leave_a_chain_as_it_was(frames: Frames) -> None:
    feature = _chained("mass_index")
    memory, _ = feature.go_on(feature.begin(), frames.slice(0, 100))

    after, values = feature.go_on(memory, frames.slice(80, 20), 20)

    assert after is memory
    assert [value.size for value in values] == [0]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("yang_zhang", {"short": 100, "long": 10}),
        ("yang_zhang", {"short": 1}),
        ("bipower", {"window": 1}),
        ("ewma_vol", {"fast": 40}),
        ("har_vol", {"day": 65}),
        ("choppiness", {"window": 1}),
        ("permutation_entropy", {"window": 2}),
        ("permutation_entropy", {"window": 256}),
        ("fractal_dimension", {"window": 1}),
        ("kama", {"fast": 30}),
        ("ichimoku", {"kijun": 60}),
        ("trix", {"span": 1}),
        ("trend_r2", {"window": 2}),
        ("ma_alignment", {"windows": (20,)}),
        ("ma_alignment", {"windows": (20, 10)}),
        ("ultimate_oscillator", {"middle": 30}),
        ("awesome", {"short": 34}),
        ("coppock", {"short": 14}),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=name.title().replace("_", "")):
        make_feature(name, settings)


def test_other_lengths_keep_their_meaning(frames: Frames) -> None:
    features: tuple[Feature, ...] = (
        make_feature("permutation_entropy", {"window": 255}),
        make_feature("ultimate_oscillator", {"short": 3, "middle": 5, "long": 9}),
        make_feature("ma_alignment", {"windows": (5, 80)}),
    )
    p = Prices.of(frames)
    ours = [feature.columns(frames).to_series().to_numpy() for feature in features]

    assert ours[0][-1] == pytest.approx(_permutation_entropy(frames.bars.tail(255))[0], rel=1e-12)
    assert np.allclose(ours[1][20:], talib.ULTOSC(p.high, p.low, p.close, 3, 5, 9)[20:] / 50 - 1)
    assert np.array_equal(
        ours[2][100:], np.sign(talib.SMA(p.close, 5) - talib.SMA(p.close, 80))[100:]
    )
