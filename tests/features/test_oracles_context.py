"""Regimes, rates and news against plain loops of their formulas."""

import numpy as np
import polars as pl
import pytest

from assay.core.values.bars import Bars
from assay.features.contract import Frames, Input
from assay.features.join import frames as join_frames
from assay.features.pipeline import make_feature
from assay.features.regimes import BARS, probability
from assay.features.series import Prices
from assay.features.windows import Vector
from tests.features.test_real_data import DATA, _frames
from tests.features.worlds import make_world

ROWS = 1500


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(ROWS, seed=12).frames()


def _column(name: str, frames: Frames, place: int = 0) -> Vector:
    return make_feature(name, {}).columns(frames).to_series(place).to_numpy()


def test_the_filter_is_hamiltons() -> None:
    chance = np.random.default_rng(2)
    likelihood = np.exp(chance.normal(0, 1.0, 400))
    leave, come = 0.1, 0.025

    found = probability(likelihood, leave, come)

    for end in range(BARS - 1, 400, 23):
        first = come / (come + leave)
        for seen in likelihood[end - BARS + 1 : end + 1]:
            ahead = first * (1 - leave) + (1 - first) * come
            first = ahead * seen / (ahead * seen + 1 - ahead)
        assert found[end] == pytest.approx(first, rel=1e-10)


def test_the_filter_survives_the_strongest_evidence() -> None:
    for likelihood in (1e9, 1e-9, 0.0):
        found = probability(np.full(200, likelihood), 0.1, 0.025)[BARS - 1 :]
        assert np.isfinite(found).all()
        assert (found > 0.99).all() if likelihood > 1 else (found < 0.01).all()


def test_turbulence_finds_the_wild_spells_of_a_market_that_has_two_states() -> None:
    chance = np.random.default_rng(5)
    world = make_world(ROWS, seed=3)
    wild, state = np.zeros(ROWS, dtype=bool), False
    for row in range(ROWS):
        state = chance.random() > 0.1 if state else chance.random() < 0.025
        wild[row] = state
    close = np.exp(np.cumsum(chance.normal(0, np.where(wild, 3e-3, 7e-4))))
    names = ("open", "high", "low", "close")
    bars = world.bars.frame.with_columns(pl.Series(close).alias(name) for name in names)
    frames = world.frames()
    frames = Frames(
        frames.instrument, frames.timeframe, bars, frames.higher, frames.peers, frames.stories,
        frames.macro, frames.calendar,
    )  # fmt: skip

    found = _column("turbulence", frames)

    known = ~np.isnan(found)
    assert found[known & wild].mean() > 0.7
    assert found[known & ~wild].mean() < 0.15


def test_turbulence_is_fitted_by_the_moments_of_the_bars_before(frames: Frames) -> None:
    found = _column("turbulence", frames)

    returns = np.diff(np.log(Prices.of(frames).close), prepend=np.nan)
    for end in range(400, ROWS, 111):
        first = 0.2
        for row in range(end - BARS + 1, end + 1):
            past = returns[row - 200 : row]
            second, fourth = np.mean(past**2), np.mean(past**4)
            fat = np.clip(fourth / (3 * second**2), 1, 1 + 0.81 * 4) - 1
            calm, wild = 1 - np.sqrt(fat / 4), 1 + np.sqrt(fat * 4)
            size = min(returns[row] ** 2 / second, 100.0)
            density = [np.exp(-size / (2 * v)) / np.sqrt(v) for v in (wild, calm)]
            ahead = first * 0.9 + (1 - first) * 0.025
            seen = min(density[0] / density[1], 1e4)
            first = ahead * seen / (ahead * seen + 1 - ahead)
        assert found[end] == pytest.approx(first, rel=1e-9, abs=1e-12)


def test_the_drift_regime_turns_with_the_sign_of_the_returns(frames: Frames) -> None:
    found = _column("drift_regime", frames)

    upside_down = frames.bars.with_columns(
        open=1 / pl.col("open"), high=1 / pl.col("low"), low=1 / pl.col("high"),
        close=1 / pl.col("close"),
    )  # fmt: skip
    mirrored = Frames(
        frames.instrument, frames.timeframe, upside_down, frames.higher, frames.peers,
        frames.stories, frames.macro, frames.calendar,
    )  # fmt: skip
    assert np.allclose(_column("drift_regime", mirrored), -found, atol=1e-9, equal_nan=True)
    trailing = np.log(Prices.of(frames).close[25:] / Prices.of(frames).close[:-25])
    assert np.corrcoef(trailing[300:], found[325:])[0, 1] > 0.7


def test_carry_is_the_differential_and_per_year_of_volatility(frames: Frames) -> None:
    apart = (frames.macro["policy_base"] - frames.macro["policy_quote"]).to_numpy()
    row = ROWS - 1

    paid, to_risk = _column("carry", frames)[row], _column("carry", frames, 1)[row]

    returns = np.diff(np.log(Prices.of(frames).close))[-100:]
    risk = 100 * np.sqrt(np.mean(returns**2)) * np.sqrt(260 * 24)
    assert paid == pytest.approx(apart[row])
    assert to_risk == pytest.approx(np.clip(apart[row] / risk, -5, 5))
    early = _column("carry", frames)[110]
    assert early == (0.0 if np.isnan(apart[110]) else apart[110])


@pytest.mark.parametrize(
    ("name", "place", "formula"),
    [
        ("rate_momentum", 0, ("policy_base", "policy_quote", 240)),
        ("yield_differential", 0, ("short_base", "short_quote", 0)),
        ("yield_differential", 1, ("short_base", "short_quote", 120)),
        ("term_spread", 0, ("long_quote", "short_quote", 0)),
        ("term_spread", 2, ("long_quote", "short_quote", 120)),
    ],
)
def test_levels_of_rates_and_their_changes(
    name: str, place: int, formula: tuple[str, str, int], frames: Frames
) -> None:
    plus, minus, rows = formula
    apart = (frames.macro[plus] - frames.macro[minus]).to_numpy()
    expected = apart - np.roll(apart, rows) if rows else apart

    found = _column(name, frames, place)

    known = np.arange(ROWS) > 300
    assert np.allclose(found[known], np.nan_to_num(expected)[known], rtol=1e-12)
    assert np.abs(found[known]).max() > 0.01


def test_news_is_counted_and_its_novelty_averaged(frames: Frames) -> None:
    count = frames.numbers(Input.STORIES, "count")
    novelty = frames.numbers(Input.STORIES, "novelty_sum")
    row = 777

    found = make_feature("story_count", {}).columns(frames).row(row)

    expected = [np.log1p(count[row - n + 1 : row + 1].sum()) for n in (4, 24, 120)]
    assert found == pytest.approx(tuple(expected))
    window = slice(row - 23, row + 1)
    mean = novelty[window].sum() / count[window].sum()
    assert _column("story_novelty", frames)[row] == pytest.approx(mean)


def test_tone_divergence_is_tone_less_the_move(frames: Frames) -> None:
    p, row = Prices.of(frames), 900
    window = slice(row - 23, row + 1)
    tone = (
        frames.numbers(Input.STORIES, "score_sum")[window].sum()
        / frames.numbers(Input.STORIES, "count")[window].sum()
    )
    returns = np.diff(np.log(p.close))
    usual = np.sqrt(np.mean(returns[row - 100 : row] ** 2)) * np.sqrt(24)
    move = np.tanh(np.log(p.close[row] / p.close[row - 24]) / usual)

    assert _column("tone_divergence", frames)[row] == pytest.approx(tone - move)


def test_real_yields_of_the_treasury_make_the_curve_everybody_knows() -> None:
    path = DATA / "macro/fred_series_1990-2022.parquet"
    if not path.exists():
        pytest.skip(f"the shared data are not here: {path}")
    known = _frames("EURUSD 1h")
    table = pl.read_parquet(path).filter(pl.col("series").is_in(["DGS2", "DGS10"]))
    named = {"DGS2": "yield_2y_percent", "DGS10": "yield_10y_percent"}
    releases = table.drop_nulls("value").select(
        series=pl.col("series").replace(named),
        currency=pl.lit("USD"),
        seen_at=pl.col("date").cast(pl.Datetime("us", "UTC")).dt.offset_by("1d23h"),
        actual=pl.col("value").cast(pl.Float64),
        consensus=pl.lit(None, dtype=pl.Float64),
    )
    bars = Bars(known.instrument, known.timeframe, known.bars)

    found = join_frames(
        bars, higher=None, peers={}, stories=None, releases=releases,
        calendar_columns=known.calendar,
    ).macro  # fmt: skip

    slope = (found["long_quote"] - found["short_quote"]).to_numpy()
    year = known.bars["time"].dt.year().to_numpy()
    assert 0.2 < np.nanmean(slope[year == 2020]) < 0.8  # 2020: about half a point
    if (year == 2022).any():
        assert np.nanmean(slope[year == 2022]) < 0.2  # 2022: flat, then inverted
