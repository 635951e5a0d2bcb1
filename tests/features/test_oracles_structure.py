"""Volume, candles, ranges, the calendar and peers against TA-Lib, scipy and plain loops."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from assay.core.calendars.calendar import calendar
from assay.core.errors import SettingsError
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass
from assay.features.contract import Frames, Input
from assay.features.currencies import legs, synthetic
from assay.features.join import frames as join
from assay.features.pipeline import make_feature
from assay.features.series import Prices
from assay.features.windows import Vector
from tests.factories import make_bars
from tests.features.promises import swapped
from tests.features.worlds import make_world

talib = pytest.importorskip("talib", reason="the oracle TA-Lib is in the extra `oracle`")
stats = pytest.importorskip("scipy.stats", reason="the oracle scipy is in the extra `oracle`")

BEGIN = 1000
ROWS = 2000
CHECKED = range(BEGIN, ROWS, 7)


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(ROWS, seed=12).frames()


def _columns(name: str, frames: Frames, **settings: object) -> tuple[Vector, ...]:
    """Return the columns of a feature as arrays."""
    return tuple(c.to_numpy() for c in make_feature(name, settings).columns(frames))


def _unit(p: Prices, window: int = 14) -> Vector:
    return np.asarray(talib.SMA(talib.TRANGE(p.high, p.low, p.close), window))


def _returns(p: Prices) -> Vector:
    return np.diff(np.log(p.close), prepend=np.nan)


@pytest.fixture(scope="module")
def trading() -> Frames:
    """Return bars of hours in which the market is open, and of no other."""
    world = make_world(ROWS + 300, seed=12)
    bars = world.bars.frame
    held = bars.filter(calendar("FX").are_open(bars["time"].dt.offset_by("-1m")))
    return replace(world, bars=replace(world.bars, frame=held.head(ROWS))).frames()


def _by_loop(make: Callable[[int], float]) -> Vector:
    """Return `make(row)` for some rows, NaN for the others."""
    found = np.full(ROWS, np.nan)
    for row in CHECKED:
        found[row] = make(row)
    return found


def _vwap_distance(p: Prices) -> tuple[Vector, ...]:
    paid = talib.SUM((p.high + p.low + p.close) / 3 * p.volume, 50) / talib.SUM(p.volume, 50)
    return ((p.close - paid) / _unit(p),)


def _chaikin_money_flow(p: Prices) -> tuple[Vector, ...]:
    line = talib.AD(p.high, p.low, p.close, p.volume)
    return ((line - np.roll(line, 20)) / talib.SUM(p.volume, 20),)


def _chaikin_oscillator(p: Prices) -> tuple[Vector, ...]:
    line = talib.ADOSC(p.high, p.low, p.close, p.volume, fastperiod=3, slowperiod=10)
    return (line / talib.EMA(p.volume, 10),)


def _force_index(p: Prices) -> tuple[Vector, ...]:
    force = (np.diff(p.close, prepend=np.nan) * p.volume)[1:]
    most = (talib.TRANGE(p.high, p.low, p.close) * p.volume)[1:]
    shares = (talib.EMA(force, n) / talib.EMA(most, n) for n in (2, 13))
    return tuple(np.concatenate([[np.nan], share]) for share in shares)


def _ease_of_movement(p: Prices) -> tuple[Vector, ...]:
    ease = np.diff((p.high + p.low) / 2, prepend=np.nan) / (p.volume / (p.high - p.low))
    usual = pl.Series(ease).rolling_mean(14).to_numpy() * talib.SMA(p.volume, 14)
    return (usual / _unit(p) ** 2,)


def _amihud(p: Prices) -> tuple[Vector, ...]:
    impact = np.abs(_returns(p)) / (p.close * p.volume)
    return (
        _by_loop(lambda t: np.log(impact[t - 19 : t + 1].mean() / impact[t - 199 : t + 1].mean())),
    )


def _volume_price_correlation(p: Prices) -> tuple[Vector, ...]:
    returns, amount = _returns(p), np.log1p(p.volume)

    def together(moves: Vector) -> Callable[[int], float]:
        return lambda t: stats.pearsonr(amount[t - 49 : t + 1], moves[t - 49 : t + 1]).statistic

    return _by_loop(together(returns)), _by_loop(together(np.abs(returns)))


def _bulk_volume(p: Prices) -> tuple[Vector, ...]:
    returns = _returns(p)

    def bought(t: int) -> float:
        sigma = np.sqrt(np.mean(returns[t - 49 : t + 1] ** 2))
        return float(2 * stats.norm.cdf(returns[t] / sigma) - 1)

    def imbalance(t: int) -> float:
        rows = range(t - 19, t + 1)
        return float(sum(p.volume[r] * bought(r) for r in rows) / p.volume[t - 19 : t + 1].sum())

    return (_by_loop(imbalance),)


def _roll_spread(p: Prices) -> tuple[Vector, ...]:
    returns = _returns(p)

    def spread(t: int) -> float:
        now, before = returns[t - 49 : t + 1], returns[t - 50 : t]
        covariance = np.cov(now, before, bias=True)[0, 1]
        usual = np.sqrt(np.mean(returns[t - 199 : t + 1] ** 2))
        return float(2 * sqrt(max(0.0, -covariance)) / usual)

    return (_by_loop(spread),)


def _corwin_schultz(p: Prices) -> tuple[Vector, ...]:
    unit = _unit(p, 20)

    def pair(t: int) -> float:
        high, low, before = np.log(p.high[t]), np.log(p.low[t]), np.log(p.close[t - 1])
        if low > before:
            high, low = high - (low - before), before
        elif high < before:
            high, low = before, low + (before - high)
        earlier = np.log(p.high[t - 1]), np.log(p.low[t - 1])
        beta = (earlier[0] - earlier[1]) ** 2 + (high - low) ** 2
        gamma = (max(high, earlier[0]) - min(low, earlier[1])) ** 2
        k = 3 - 2 * sqrt(2)
        alpha = (sqrt(2 * beta) - sqrt(beta)) / k - sqrt(gamma / k)
        return max(0.0, float(2 * (np.exp(alpha) - 1) / (1 + np.exp(alpha))))

    return (
        _by_loop(lambda t: np.mean([pair(r) for r in range(t - 19, t + 1)]) * p.close[t] / unit[t]),
    )


def _since_cross(p: Prices) -> tuple[Vector, ...]:
    above = p.close > talib.SMA(p.close, 50)

    def age(t: int) -> float:
        n = next((n for n in range(100) if above[t - n] != above[t - n - 1]), 100)
        return (1 if above[t] else -1) * (1 - n / 100)

    return (_by_loop(age),)


def _since_shock(p: Prices) -> tuple[Vector, ...]:
    returns = _returns(p)

    def age(t: int) -> float:
        for n in range(100):
            usual = np.sqrt(np.mean(returns[t - n - 50 : t - n] ** 2))
            if abs(returns[t - n]) > 3 * usual:
                return float(np.sign(returns[t - n]) * (1 - n / 100))
        return 0.0

    return (_by_loop(age),)


def _narrow_range(p: Prices) -> tuple[Vector, ...]:
    span = p.high - p.low
    return tuple(
        _by_loop(lambda t, n=n: float(span[t] < span[t - n + 1 : t].min()))  # type: ignore[misc]
        for n in (4, 7)
    )


def _swing_distance(p: Prices) -> tuple[Vector, ...]:
    unit = _unit(p)

    def last(t: int, ends: Vector, sign: int) -> float:
        for known in range(t, t - 100, -1):
            others = [ends[known - n] for n in (0, 1, 3, 4)]
            if all(sign * ends[known - 2] > sign * other for other in others):
                return float((p.close[t] - ends[known - 2]) / unit[t])
        return 0.0

    return _by_loop(lambda t: last(t, p.high, 1)), _by_loop(lambda t: last(t, p.low, -1))


ORACLES: dict[str, Callable[[Prices], tuple[Vector, ...]]] = {
    "vwap_distance": _vwap_distance,
    "chaikin_money_flow": _chaikin_money_flow,
    "chaikin_oscillator": _chaikin_oscillator,
    "force_index": _force_index,
    "ease_of_movement": _ease_of_movement,
    "amihud": _amihud,
    "volume_price_correlation": _volume_price_correlation,
    "roll_spread": _roll_spread,
    "corwin_schultz": _corwin_schultz,
    "since_cross": _since_cross,
    "since_shock": _since_shock,
    "narrow_range": _narrow_range,
    "swing_distance": _swing_distance,
}


@pytest.mark.parametrize("name", ORACLES)
def test_it_is_what_the_source_says(name: str, frames: Frames) -> None:
    ours = _columns(name, frames)

    theirs = ORACLES[name](Prices.of(frames))

    assert len(theirs) == len(ours)
    for column, expected in zip(ours, theirs, strict=True):
        known = np.flatnonzero(~np.isnan(expected))
        known = known[known >= BEGIN]
        assert known.size > 100
        sigma = float(np.std(expected[known]))
        assert sigma > 0
        assert np.allclose(column[known], expected[known], rtol=0, atol=1e-7 * sigma)


def test_bulk_volume_is_classified_by_the_normal_distribution(frames: Frames) -> None:
    (ours,) = _columns("bulk_volume", frames)

    (theirs,) = _bulk_volume(Prices.of(frames))

    known = ~np.isnan(theirs)
    assert np.abs(ours[known] - theirs[known]).max() < 1e-6


def _walk(bars: int, steps: int, spread: float, chance: np.random.Generator) -> Frames:
    """Return bars of a random walk whose trades are at bid or ask, `spread` apart (in logs)."""
    middle = np.cumsum(chance.normal(0, 1e-3 / sqrt(steps), bars * steps))
    traded = np.exp(middle + spread / 2 * chance.choice([-1, 1], middle.size)).reshape(bars, steps)
    base = make_bars(bars, gaps=False)
    frame = base.frame.with_columns(
        open=pl.Series(traded[:, 0]),
        high=pl.Series(traded.max(axis=1)),
        low=pl.Series(traded.min(axis=1)),
        close=pl.Series(traded[:, -1]),
    )
    return _joined(replace(base, frame=frame.cast(BAR_SCHEMA)))


def _joined(bars: Bars) -> Frames:
    columns = calendar("FX").calendar_columns(bars.frame["time"], bars.timeframe)
    return join(bars, higher=None, peers={}, stories=None, releases=None, calendar_columns=columns)


def test_roll_finds_the_spread_of_a_simulated_market() -> None:
    spread = 1.5e-3
    frames = _walk(3000, 1, spread, np.random.default_rng(2))

    (found,) = _columns("roll_spread", frames, window=2900, past=2900)

    returns = _returns(Prices.of(frames))[-2900:]
    assert np.isclose(found[-1] * np.sqrt(np.mean(returns**2)), spread, rtol=0.1)


def test_corwin_and_schultz_find_more_where_the_spread_is_wider() -> None:
    found = []
    for spread in (0.0, 1e-3, 3e-3):
        frames = _walk(1200, 390, spread, np.random.default_rng(3))
        p = Prices.of(frames)
        (shares,) = _columns("corwin_schultz", frames, window=1000)
        found.append(float(shares[-1] * _unit(p, 1000)[-1] / p.close[-1]))

    assert found[0] < 5e-4
    assert np.isclose(found[1], 1e-3, rtol=0.3)
    assert np.isclose(found[2], 3e-3, rtol=0.1)


def test_the_vwap_of_the_day_begins_with_the_day(trading: Frames) -> None:
    (ours,) = _columns("day_vwap", trading)
    p, day = Prices.of(trading), _days(trading)

    unit, typical = _unit(p), (p.high + p.low + p.close) / 3
    for t in CHECKED:
        today = np.flatnonzero(day[: t + 1] == day[t])
        paid = np.average(typical[today], weights=p.volume[today])
        assert np.isclose(ours[t], (p.close[t] - paid) / unit[t], rtol=0, atol=1e-9)


def test_of_a_longer_day_the_vwap_is_of_its_last_bars(trading: Frames) -> None:
    (ours,) = _columns("day_vwap", trading, longest_day=7)
    p, day = Prices.of(trading), _days(trading)

    unit, typical = _unit(p), (p.high + p.low + p.close) / 3
    for t in CHECKED:
        today = np.flatnonzero(day[: t + 1] == day[t])[-7:]
        paid = np.average(typical[today], weights=p.volume[today])
        assert np.isclose(ours[t], (p.close[t] - paid) / unit[t], rtol=0, atol=1e-9)


VOLUME = (
    "vwap_distance",
    "day_vwap",
    "chaikin_money_flow",
    "chaikin_oscillator",
    "force_index",
    "ease_of_movement",
    "amihud",
    "volume_price_correlation",
    "bulk_volume",
)


@pytest.mark.parametrize("name", VOLUME)
def test_a_market_without_volume_is_zero(name: str, frames: Frames) -> None:
    silent = swapped(frames, Input.BARS, frames.bars.with_columns(volume=pl.lit(0.0)))

    for column in _columns(name, silent):
        assert (column[~np.isnan(column)] == 0.0).all()
        assert (~np.isnan(column)).sum() > BEGIN


def _mirrored(p: Prices) -> tuple[Vector, ...]:
    return -p.open, -p.low, -p.high, -p.close


def _plain(p: Prices) -> tuple[Vector, ...]:
    return p.open, p.high, p.low, p.close


def _both(pattern: Callable[..., Vector], p: Prices) -> Vector:
    """Return TA-Lib's rising pattern less the same of mirrored prices."""
    return np.sign(pattern(*_plain(p))) - np.sign(pattern(*_mirrored(p)))


@pytest.fixture(scope="module")
def candles() -> Frames:
    """Return bars with bodies, shadows and gaps of all kinds."""
    chance = np.random.default_rng(4)
    bars = make_bars(20_000, seed=4)
    close = np.exp(np.cumsum(chance.standard_t(4, 20_000) * 1e-3))
    jump = chance.standard_t(3, 20_000) * 3e-4 * (chance.random(20_000) < 0.5)
    opened = np.concatenate([[close[0]], close[:-1]]) * np.exp(jump)
    wick = chance.exponential(5e-4, (2, 20_000)) * (chance.random((2, 20_000)) < 0.6)
    frame = bars.frame.with_columns(
        open=pl.Series(opened),
        high=pl.Series(np.maximum(opened, close) * (1 + wick[0])),
        low=pl.Series(np.minimum(opened, close) * (1 - wick[1])),
        close=pl.Series(close),
    )
    return _joined(replace(bars, frame=frame))


SAME: dict[str, Callable[[Prices], Vector]] = {
    "engulfing": lambda p: np.sign(talib.CDLENGULFING(*_plain(p))),
    "harami": lambda p: np.sign(talib.CDLHARAMI(*_plain(p))),
    "marubozu": lambda p: np.sign(talib.CDLMARUBOZU(*_plain(p))),
    "three_soldiers": lambda p: _both(talib.CDL3WHITESOLDIERS, p),
}


@pytest.mark.parametrize("name", SAME)
def test_the_pattern_is_that_of_talib(name: str, candles: Frames) -> None:
    ours = _columns(name, candles)[0][100:]

    theirs = SAME[name](Prices.of(candles))[100:]

    assert (theirs > 0).sum() > 10
    assert (theirs < 0).sum() > 10
    assert (ours == theirs).all()


def test_the_doji_is_that_of_talib_and_leans_to_its_longer_shadow(candles: Frames) -> None:
    doji, lean = (column[100:] for column in _columns("doji", candles))
    p = Prices.of(candles)

    theirs = talib.CDLDOJI(*_plain(p))[100:] / 100

    assert (doji == theirs).all()
    dragonfly = talib.CDLDRAGONFLYDOJI(*_plain(p))[100:] > 0
    gravestone = talib.CDLGRAVESTONEDOJI(*_plain(p))[100:] > 0
    assert dragonfly.sum() > 10
    assert (lean[dragonfly] > 0).all()
    assert (lean[gravestone] < 0).all()
    assert (lean[theirs == 0] == 0).all()


def test_the_hammer_is_talibs_with_a_shadow_of_two_bodies(candles: Frames) -> None:
    (ours,) = _columns("hammer", candles)
    p = Prices.of(candles)
    body = np.abs(p.close - p.open)

    up = (talib.CDLHAMMER(*_plain(p)) > 0) & (np.minimum(p.open, p.close) - p.low >= 2 * body)
    down = (talib.CDLHAMMER(*_mirrored(p)) > 0) & (p.high - np.maximum(p.open, p.close) >= 2 * body)

    assert min(up.sum(), down.sum()) > 10
    assert (ours[100:] == (up.astype(float) - down)[100:]).all()


def test_the_star_over_a_gap_is_talibs(candles: Frames) -> None:
    (ours,) = _columns("morning_star", candles)
    p = Prices.of(candles)
    top, bottom = np.maximum(p.open, p.close), np.minimum(p.open, p.close)
    gap_down, gap_up = np.roll(top, 1) < np.roll(bottom, 2), np.roll(bottom, 1) > np.roll(top, 2)

    theirs = _both(talib.CDLMORNINGSTAR, p)

    assert min((theirs > 0).sum(), (theirs < 0).sum()) > 3
    gap = np.where(ours > 0, gap_down, gap_up)
    assert (np.where(gap, ours, 0.0)[100:] == theirs[100:]).all()
    assert np.nansum(np.abs(ours)) > np.abs(theirs).sum()


def test_the_piercing_line_under_the_low_is_talibs(candles: Frames) -> None:
    (ours,) = _columns("piercing", candles)
    p = Prices.of(candles)
    beyond = np.where(ours > 0, p.open < np.roll(p.low, 1), p.open > np.roll(p.high, 1))

    theirs = _both(talib.CDLPIERCING, p)

    assert min((theirs > 0).sum(), (theirs < 0).sum()) > 3
    assert (np.where(beyond, ours, 0.0)[100:] == theirs[100:]).all()
    assert np.nansum(np.abs(ours)) > np.abs(theirs).sum()


def test_heikin_ashi_is_the_recursion_of_the_book(frames: Frames) -> None:
    body, run = _columns("heikin_ashi", frames)
    p = Prices.of(frames)

    opened, colour, expected = (p.open[0] + p.close[0]) / 2, 0.0, []
    for t in range(ROWS):
        closed = (p.open[t] + p.high[t] + p.low[t] + p.close[t]) / 4
        span = max(p.high[t], opened, closed) - min(p.low[t], opened, closed)
        colour += (np.sign(closed - opened) - colour) / 3
        expected.append(((closed - opened) / span, colour))
        opened = (opened + closed) / 2

    theirs = np.array(expected)[100:]
    assert np.allclose(np.stack([body, run], axis=1)[100:], theirs, rtol=0, atol=1e-9)


MIRRORED = ("engulfing", "hammer", "morning_star", "three_soldiers", "harami", "piercing")


@pytest.mark.parametrize("name", [*MIRRORED, "marubozu", "force_index", "since_cross"])
def test_a_mirrored_market_has_the_opposite_sign(name: str, candles: Frames) -> None:
    """Mirrored about a price so far away that differences stay what they are."""
    bars = candles.bars.with_columns(
        open=8.0 - pl.col("open"),
        high=8.0 - pl.col("low"),
        low=8.0 - pl.col("high"),
        close=8.0 - pl.col("close"),
    )

    there = _columns(name, candles)
    back = _columns(name, swapped(candles, Input.BARS, bars))

    for one, other in zip(there, back, strict=True):
        known = ~np.isnan(one)
        assert np.mean(np.abs(one + other)[known] > 1e-6) < 1e-3
        assert np.abs(one[known]).max() > 0.5


def _days(frames: Frames) -> Vector:
    """Return the market's day of each bar as days since 1970: the date of the last open minute."""
    days = calendar("FX").trading_day(frames.bars["time"], frames.timeframe)
    return days.cast(pl.Int32).cast(pl.Float64).to_numpy()


def _compared(name: str, frames: Frames, expected: Callable[[int], tuple[float, ...]]) -> None:
    ours = _columns(name, frames)
    theirs = np.array([expected(t) for t in CHECKED])
    assert (theirs.std(axis=0) > 0).all()
    found = np.stack([column[list(CHECKED)] for column in ours], axis=1)
    assert np.allclose(found, np.clip(theirs, -20, 20), rtol=0, atol=1e-9)


def test_pivots_are_of_the_day_before(trading: Frames) -> None:
    p, day = Prices.of(trading), _days(trading)
    unit = _unit(p)

    def levels(t: int) -> tuple[float, ...]:
        before = day[day < day[t]][-1]
        rows = np.flatnonzero(day == before)
        high, low, close = p.high[rows].max(), p.low[rows].min(), p.close[rows[-1]]
        pivot = (high + low + close) / 3
        return tuple((p.close[t] - x) / unit[t] for x in (pivot, 2 * pivot - low, 2 * pivot - high))

    _compared("pivot_points", trading, levels)


def test_the_prior_week_is_the_week_before(trading: Frames) -> None:
    p = Prices.of(trading)
    unit, week = _unit(p), (_days(trading) + 3) // 7

    def ends(t: int) -> tuple[float, ...]:
        rows = np.flatnonzero(week == week[t] - 1)
        top, bottom = p.high[rows].max(), p.low[rows].min()
        return (p.close[t] - top) / unit[t], (p.close[t] - bottom) / unit[t]

    assert np.unique(week, return_counts=True)[1].max() <= 120
    _compared("prior_week", trading, ends)


def test_the_opening_range_is_of_the_first_bars(trading: Frames) -> None:
    p, day = Prices.of(trading), _days(trading)
    unit = _unit(p)

    def ends(t: int) -> tuple[float, ...]:
        rows = np.flatnonzero(day[: t + 1] == day[t])
        if rows.size < 6:
            return 0.0, 0.0
        top, bottom = p.high[rows[:6]].max(), p.low[rows[:6]].min()
        return (p.close[t] - top) / unit[t], (p.close[t] - bottom) / unit[t]

    _compared("opening_range", trading, ends)


def test_the_session_is_told_by_the_clock_of_its_centre(trading: Frames) -> None:
    p = Prices.of(trading)
    times = trading.bars["time"].to_list()
    hours = {"Asia/Tokyo": (9, 18), "Europe/London": (8, 17)}

    def place(t: int, zone: str) -> float:
        opens, closes = hours[zone]
        local = [moment.astimezone(ZoneInfo(zone)) for moment in times[max(0, t - 100) : t + 1]]
        offset = t + 1 - len(local)
        held = [
            (moment.date(), offset + n)
            for n, moment in enumerate(local)
            if n and opens <= local[n - 1].hour < closes and local[n - 1].weekday() < 5
            and local[n - 1].date() == moment.date()
        ]  # fmt: skip
        rows = [row for day, row in held if day == held[-1][0]]
        top, bottom = p.high[rows].max(), p.low[rows].min()
        return float((2 * p.close[t] - top - bottom) / (top - bottom))

    _compared("session_range", trading, lambda t: tuple(place(t, zone) for zone in hours))


def _at(*times: datetime, symbol: str = "EURUSD") -> Frames:
    """Return flat bars that close at these times, with their calendar."""
    base = make_bars(len(times), symbol=symbol)
    bars = replace(
        base, frame=base.frame.with_columns(time=pl.Series(times, dtype=BAR_SCHEMA["time"]))
    )
    columns = calendar(base.instrument.calendar).calendar_columns(
        bars.frame["time"], bars.timeframe
    )
    return join(bars, higher=None, peers={}, stories=None, releases=None, calendar_columns=columns)


def test_the_month_turns_from_its_last_working_day_to_the_third() -> None:
    days = [date(2021, 1, 26) + timedelta(days=n) for n in range(12)]
    working = [day for day in days if day.weekday() < 5]
    frames = _at(*(datetime(d.year, d.month, d.day, 12, tzinfo=UTC) for d in working))

    turn, share = _columns("month_turn", frames)

    turning = {date(2021, 1, 29), date(2021, 2, 1), date(2021, 2, 2), date(2021, 2, 3)}
    assert [flag == 1.0 for flag in turn] == [day in turning for day in working]
    close = 22 / 24  # 17:00 in New York
    expected = [(d.day - 1 + close) / (31 if d.month == 1 else 28) for d in working]
    assert np.allclose(share, expected, rtol=1e-12)


def test_coins_have_their_month_too() -> None:
    times = [datetime(2022, 4, 29, 13, tzinfo=UTC) + timedelta(hours=24 * n) for n in range(8)]
    frames = _at(*times, symbol="BTCUSDT")

    turn, _ = _columns("month_turn", frames)

    assert turn.tolist() == [1, 1, 1, 1, 1, 1, 0, 0]  # Friday 29 April to Wednesday 4 May


@pytest.mark.parametrize(("month", "day"), [(3, 8), (3, 22), (10, 25)])
def test_session_and_fix_keep_the_hours_of_their_centres(month: int, day: int) -> None:
    """Over the weeks in which London and New York change their clocks on different days."""
    begin = datetime(2021, month, day, tzinfo=UTC)
    every = (begin + timedelta(minutes=30 * n) for n in range(1, 48 * 18))
    times = [t for t in every if t.weekday() < 5]
    frames = _at(*times)
    zones = {
        "Australia/Sydney": (7, 16),
        "Asia/Tokyo": (9, 18),
        "Europe/London": (8, 17),
        "America/New_York": (8, 17),
    }

    clocks = _columns("session_clock", frames)
    ahead, passed = _columns("fixing", frames)

    for (zone, (opens, closes)), clock in zip(zones.items(), clocks, strict=True):
        for row, moment in enumerate(times):
            local = moment.astimezone(ZoneInfo(zone))
            hour = local.hour + local.minute / 60
            working = opens <= hour < closes and local.weekday() < 5
            expected = (closes - hour) / (closes - opens) if working else 0.0
            assert np.isclose(clock[row], expected, rtol=0, atol=1e-12), (zone, moment)
    for row, moment in enumerate(times):
        fix = datetime(moment.year, moment.month, moment.day, 16, tzinfo=ZoneInfo("Europe/London"))
        minutes = (moment - fix) / timedelta(minutes=1)
        assert np.isclose(ahead[row], 2 ** (minutes / 60) if minutes <= 0 else 0.0)
        assert np.isclose(passed[row], 2 ** (-minutes / 60) if minutes >= 0 else 0.0)


def test_there_is_no_fix_at_weekends() -> None:
    saturday = datetime(2022, 4, 30, tzinfo=UTC)
    frames = _at(*(saturday + timedelta(hours=n) for n in range(1, 48)), symbol="BTCUSDT")

    for column in _columns("fixing", frames):
        assert (column[:-1] == 0).all()


def test_the_season_goes_round_once_a_year() -> None:
    times = [datetime(2020, 1, 6, 12, tzinfo=UTC) + timedelta(days=7 * n) for n in range(200)]
    frames = _at(*times)

    sine, cosine = _columns("season", frames)

    for row, moment in enumerate(times):
        new_york = moment.astimezone(ZoneInfo("America/New_York"))
        close = new_york.replace(hour=17).astimezone(UTC)
        year = datetime(close.year, 1, 1, tzinfo=UTC)
        length = datetime(close.year + 1, 1, 1, tzinfo=UTC) - year
        angle = 2 * np.pi * ((close - year) / length)
        assert np.allclose([sine[row], cosine[row]], [np.sin(angle), np.cos(angle)], atol=1e-12)


def _peer_moves(frames: Frames) -> Vector:
    closes = [np.log(peer.cast(pl.Float64).to_numpy()) for peer in frames.peers]
    return np.stack([np.diff(close, prepend=np.nan) for close in closes])


def test_beta_and_its_residual_are_the_regression_through_zero(frames: Frames) -> None:
    (beta,) = _columns("peer_beta", frames)
    ones, twelves = _columns("peer_residual", frames)
    moves = _peer_moves(frames)[:, 1:]
    count = (~np.isnan(moves)).sum(axis=0)
    common = np.nansum(moves, axis=0) / np.maximum(count, 1)
    own = np.where(count > 0, _returns(Prices.of(frames))[1:], 0.0)

    for t in CHECKED:
        x, y = common[t - 100 : t], own[t - 100 : t]
        slope = np.linalg.lstsq(x[:, None], y, rcond=None)[0][0]
        left = y - slope * x
        usual = np.sqrt(np.mean(left**2))
        assert np.isclose(beta[t], slope, rtol=1e-9)
        assert np.isclose(ones[t], left[-1] / usual, rtol=1e-8, atol=1e-10)
        assert np.isclose(twelves[t], left[-12:].sum() / usual / sqrt(12), rtol=1e-8, atol=1e-10)


def test_what_the_peers_explain_leaves_nothing(frames: Frames) -> None:
    closes = frames.bars["close"]
    twins = pl.DataFrame({"GBPUSD": closes, "AUDUSD": closes * 2})

    follower = swapped(frames, Input.PEERS, twins)

    (beta,) = _columns("peer_beta", follower)
    assert np.allclose(beta[100:], 1.0, rtol=1e-9)
    for column in _columns("peer_residual", follower):
        assert (column[100:] == 0).all()


def _scaled(closes: Vector, rows: int, t: int) -> float:
    returns = np.diff(np.log(closes[t - 50 : t + 1]))
    usual = np.sqrt(np.nanmean(returns**2))
    return float(np.log(closes[t] / closes[t - rows]) / usual)


def test_rank_breadth_and_strength_are_counted_by_hand(frames: Frames) -> None:
    ranks, breadths = _columns("peer_rank", frames), _columns("peer_breadth", frames)
    strengths = _columns("currency_strength", frames)
    own = Prices.of(frames).close
    peers = {peer.name: peer.cast(pl.Float64).to_numpy() for peer in frames.peers}

    for place, rows in enumerate((1, 12)):
        for t in CHECKED:
            moves = {name: _scaled(closes, rows, t) for name, closes in peers.items()}
            moves = {name: move for name, move in moves.items() if not np.isnan(move)}
            if not moves:
                continue
            mine = _scaled(own, rows, t)
            rank = np.mean([np.sign(mine - move) for move in moves.values()])
            breadth = np.mean([np.sign(move) for move in moves.values()])
            euro = [moves[name] for name in ("EURGBP",) if name in moves]
            turned = {"GBPUSD": -1, "AUDUSD": -1, "USDJPY": 1}
            dollar = [side * moves[name] for name, side in turned.items() if name in moves]
            strength = (np.mean(euro) if euro else 0.0) - (np.mean(dollar) if dollar else 0.0)
            assert np.isclose(ranks[place][t], rank)
            assert np.isclose(breadths[place][t], breadth)
            assert np.isclose(strengths[place][t], strength / sqrt(rows), rtol=1e-9, atol=1e-12)


def test_coupling_is_the_mean_over_neighbours(frames: Frames) -> None:
    (ours,) = _columns("peer_coupling", frames)
    moves = np.nan_to_num(_peer_moves(frames))

    for t in CHECKED:
        part = moves[:, t - 99 : t + 1]
        each = [
            abs(a @ b) / np.sqrt((a @ a) * (b @ b))
            for a, b in zip(part, np.roll(part, -1, axis=0), strict=True)
        ]
        assert np.isclose(ours[t], np.mean(each), rtol=1e-9)


def test_peers_that_move_as_one_are_coupled_wholly(frames: Frames) -> None:
    close = frames.bars["close"]
    same = pl.DataFrame({"AUDUSD": close, "GBPUSD": close * 2, "USDJPY": 100 / close})

    (ours,) = _columns("peer_coupling", swapped(frames, Input.PEERS, same))

    assert np.allclose(ours[100:], 1.0)


def test_spread_and_cross_are_z_scores(frames: Frames) -> None:
    (spread,), (cross,) = _columns("peer_spread", frames), _columns("cross_consistency", frames)
    own = frames.bars["close"]
    peers, present = frames.peers, {peer.name: peer.is_not_null() for peer in frames.peers}

    def carried(ratio: pl.Series) -> Vector:
        return ratio.log().fill_null(strategy="forward").to_numpy()

    apart = {peer.name: carried(own / peer) for peer in peers}
    parity = carried(own / peers["EURGBP"] / peers["GBPUSD"])

    for t in CHECKED:
        each = [
            stats.zscore(values[t - 99 : t + 1])[-1]
            for name, values in apart.items()
            if present[name][t]
        ]
        assert np.isclose(spread[t], np.mean(each) if each else 0.0, rtol=1e-8)
        both = present["EURGBP"][t] and present["GBPUSD"][t]
        expected = stats.zscore(parity[t - 99 : t + 1])[-1] if both else 0.0
        assert np.isclose(cross[t], expected, rtol=1e-8)


def test_a_cross_is_made_of_two_pairs_whichever_way_they_are_quoted() -> None:
    symbols = ("GBPUSD", "EURGBP", "USDJPY", "EURJPY", "AUDUSD", "XAUUSD", "GBPEUR")
    pairs = tuple(legs(symbol, AssetClass.FX) for symbol in symbols)
    rates = {"EUR": 1.1, "USD": 1.0, "GBP": 1.3, "JPY": 0.007, "AUD": 0.7, "XAU": 1900.0}
    prices = [rates[s[:3]] / rates[s[3:]] for s in symbols]

    found = synthetic("EUR", "USD", pairs)

    assert {(symbols[a], symbols[b]) for a, _, b, _ in found} == {
        ("EURGBP", "GBPUSD"),
        ("GBPEUR", "GBPUSD"),
        ("EURJPY", "USDJPY"),
    }
    for first, power, second, other in found:
        assert np.isclose(prices[first] ** power * prices[second] ** other, 1.1)


def test_a_symbol_that_is_no_pair_has_no_legs() -> None:
    assert legs("GBPUSD", AssetClass.FX) == ("GBP", "USD")
    assert legs("SOLUSDT", AssetClass.CRYPTO) == ("SOL", "USDT")
    assert legs("US500", AssetClass.FX) is None
    assert legs("GOOGLE", AssetClass.EQUITY) is None


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("amihud", {"short": 20, "long": 20}),
        ("chaikin_oscillator", {"fast": 10, "slow": 3}),
        ("opening_range", {"bars": 24, "longest_day": 24}),
        ("narrow_range", {"windows": (1, 4)}),
    ],
)
def test_settings_that_leave_nothing_to_compare_are_refused(
    name: str, settings: dict[str, object]
) -> None:
    with pytest.raises(SettingsError, match="found"):
        make_feature(name, settings)
