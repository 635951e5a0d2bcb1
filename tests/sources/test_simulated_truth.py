"""What is planted: inside its caps, out of the past alone, and really there."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assay.core.instruments import FX_PAIRS, KNOWN, equity, instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated
from assay.sources.simulation.grid import DAY_US, HOUR_US, Grid, microseconds
from assay.sources.simulation.headlines import Sort
from assay.sources.simulation.market import Market, Rolled, heard
from assay.sources.simulation.oracle import (
    Forecasts,
    correlation,
    days_of,
    figures,
)
from assay.sources.simulation.plan import Decoy, Form, Kind, Plan, plan_of
from assay.sources.simulation.run import Ground, Run
from assay.sources.simulation.world import World

Floats = NDArray[np.float64]
START = microseconds(datetime(2016, 1, 4, tzinfo=UTC))
YEARS = 2.5
FORMS = [form for form in Form if form is not Form.NOTHING]


def market_of(seed: int, years: float) -> Market:
    return Market(World(seed, Grid(START, round(years * 8766), 12)))


@pytest.fixture(scope="module")
def rolled() -> list[Rolled]:
    """Return every known instrument of two seeds."""
    return [
        market.roll(one)
        for market in (market_of(seed, YEARS) for seed in (1, 2))
        for one in KNOWN.values()
    ]


def some_ground(hours: int, chance: np.random.Generator) -> Ground:
    hour = np.arange(hours)
    return Ground(
        hour,
        START + (hour + 1) * HOUR_US,
        days_of(START + (hour + 1) * HOUR_US),
        np.zeros((hours, 2)),
        np.full(hours, 1e-3),
        np.full(hours, 3e-4),
        1e-3 * chance.uniform(0.5, 1.5, hours),
        (chance.random(hours) < 0.5).astype(float),
    )


def some_plan(form: Form, decoy: Decoy | None = None) -> Plan:
    return Plan("EURUSD", Kind.PRICE, decoy, form, -1, (0.5, 0.3, 0.2), 0.05, "test")


# Out of the past alone


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("known", [50, 151, 299])
def test_the_expectation_at_t_does_not_move_when_the_future_does(form: Form, known: int) -> None:
    chance = np.random.default_rng(known)
    ground = some_ground(400, chance)
    noise, outside = 1e-3 * chance.standard_normal(400), chance.choice([-1.0, 0.0, 1.0], 400)
    other_noise, other_outside = noise.copy(), outside.copy()
    other_noise[known:] = 2e-3 * chance.standard_normal(400 - known)
    other_outside[known:] = chance.choice([-1.0, 1.0], 400 - known)

    then = Run(some_plan(form), ground, outside, noise, noise, 1e-3).at(0.2)
    now = Run(some_plan(form), ground, other_outside, other_noise, other_noise, 1e-3).at(0.2)

    np.testing.assert_array_equal(then[0][: known + 1], now[0][: known + 1])
    np.testing.assert_array_equal(then[1][:known], now[1][:known])
    np.testing.assert_array_equal(then[3].mean[:known], now[3].mean[:known])
    np.testing.assert_array_equal(then[3].deviation[:known], now[3].deviation[:known])
    assert not np.array_equal(then[2][known:], now[2][known:])


def test_what_came_is_the_sum_of_the_next_four_moves() -> None:
    chance = np.random.default_rng(3)
    noise = 1e-3 * chance.standard_normal(60)

    _, _, moves, known = Run(
        some_plan(Form.EVERY_BAR), some_ground(60, chance), np.zeros(60), noise, noise, 0.0
    ).at(0.1)

    for t in (0, 17, 55):
        assert known.came[t] == pytest.approx(moves[t + 1 : t + 5].sum(), abs=1e-15)
    assert np.isnan(known.came[56:]).all()


def test_the_expectation_is_the_drift_that_then_comes() -> None:
    chance = np.random.default_rng(5)
    hours, ground = 80, some_ground(80, chance)
    outside, noise = np.zeros(hours), np.zeros(hours)
    outside[20] = 1.0
    plan = some_plan(Form.NEWS)

    _, _, moves, known = Run(plan, ground, outside, noise, noise, 0.0).at(0.3)

    assert (moves[:21] == 0).all()
    assert known.mean[20] == pytest.approx(moves[21:25].sum(), rel=1e-3)
    assert known.mean[20] > 0
    assert (known.mean[:20] == 0).all()


def test_news_counts_from_the_first_close_at_or_after_it_was_seen() -> None:
    time = START + np.arange(1, 6) * HOUR_US
    push = np.zeros(5)

    seen = np.array([time[1], time[1] + 1, time[4] + 1])
    heard(push, time, seen, np.array([1.0, 10.0, 100.0]))

    assert push.tolist() == [0.0, 1.0, 10.0, 0.0, 0.0]


def test_stories_do_not_know_the_price_before_they_happen(rolled: list[Rolled]) -> None:
    """Tones of drivers are drawn before prices: the hours before an event say nothing of them."""
    values = []
    for one in rolled:
        news = one.news
        driver = news.sort == Sort.DRIVER
        row = np.searchsorted(one.time, news.event_us[driver])
        kept = (row > 6) & (row < one.time.size)
        total = np.concatenate([[0.0], np.cumsum(one.moves / (one.season * one.volatility))])
        before = total[row[kept]] - total[row[kept] - 5]
        if before.size > 100:
            values.append(np.corrcoef(before, news.tone[driver][kept])[0, 1] * before.size**0.5)

    assert abs(np.mean(values)) < 4 / np.sqrt(len(values))


# The figures


def test_an_edge_of_known_size_has_the_figures_it_must_have() -> None:
    """With independent hours the formulas are known: IC = r, hit = 1/2 + asin(r) / pi."""
    chance = np.random.default_rng(8)
    count, r = 200_000, 0.06
    x = chance.standard_normal(count)
    y = r * x + np.sqrt(1 - r**2) * chance.standard_normal(count)
    time = START + np.arange(1, count + 1) * HOUR_US
    known = Forecasts(days_of(time), r * x, np.ones(count), y)

    record = figures(known, np.zeros(count), 0.0, 365)

    assert record.information_coefficient == pytest.approx(r, abs=0.007)
    assert record.hit_rate == pytest.approx(0.5 + np.arcsin(r) / np.pi, abs=0.004)
    mean = np.sqrt(2 / np.pi) * r
    assert record.gross_sharpe == pytest.approx(mean * np.sqrt(24 * 365), rel=0.1)


def test_costs_come_off_both_sides_and_small_promises_are_not_traded() -> None:
    count = 24 * 100
    time = START + np.arange(1, count + 1) * HOUR_US
    mean = np.where(np.arange(count) % 3 == 0, 3e-4, 1e-4)
    known = Forecasts(days_of(time), mean, np.ones(count), mean.copy())

    record = figures(known, np.full(count, 0.5e-4), 0.25e-4, 365)

    assert record.trades == count // 3
    assert record.hit_rate == record.trade_hit_rate == 1.0
    assert record.always_net_sharpe is not None
    assert record.gross_sharpe is not None
    assert record.always_net_sharpe < record.gross_sharpe


def test_nothing_to_judge_gives_no_figures() -> None:
    count = 100
    zero = np.zeros(count)
    known = Forecasts(days_of(START + np.arange(count) * HOUR_US), zero, zero + 1, zero)

    record = figures(known, zero, 0.0, 365)

    assert record.information_coefficient is None
    assert record.net_sharpe is None


def test_days_are_counted_by_their_utc_date() -> None:
    time = np.array([DAY_US - HOUR_US, DAY_US, DAY_US + HOUR_US, 3 * DAY_US])

    assert days_of(time).tolist() == [0, 0, 1, 2]


# Caps and decoys


def assert_inside_caps(one: Rolled) -> None:
    said = f"{one.plan.symbol} {one.plan.kind} {one.figures}"
    record = one.figures
    assert record.information_coefficient is not None, said
    assert record.net_sharpe is not None, said
    assert 0.037 < record.information_coefficient <= 0.06, said
    assert (record.hit_rate or 1.0) <= 0.55, said
    assert (record.trade_hit_rate or 1.0) <= 0.55, said
    assert 0.8 < record.net_sharpe <= 2.0, said


def assert_decoy_holds(one: Rolled) -> None:
    said = f"{one.plan.symbol} {one.plan.decoy} {one.figures}"
    if one.plan.decoy is Decoy.FIRST_HALF:
        early = np.arange(one.known.mean.size) < one.known.mean.size // 2
        assert correlation(one.known, early) > 0.045, said
        assert (one.known.mean[~early][5:-4] == 0).all(), said
    elif one.plan.decoy is Decoy.UNDER_COST:
        assert one.figures.information_coefficient == pytest.approx(0.031, abs=0.002), said
        assert (one.figures.gross_sharpe or 0.0) > 0.5, said
        assert (one.figures.always_net_sharpe or 0.0) < -1.0, said
        assert one.figures.net_sharpe is None, said
    else:
        assert one.figures.information_coefficient is None, said
        assert (one.known.mean[:-4] == 0).all(), said


def test_planted_edges_stay_inside_their_caps(rolled: list[Rolled]) -> None:
    for one in rolled:
        if one.plan.kind is not Kind.NONE:
            assert_inside_caps(one)


def test_decoys_are_what_they_are_called(rolled: list[Rolled]) -> None:
    assert {one.plan.decoy for one in rolled} > set(Decoy)
    for one in rolled:
        if one.plan.kind is Kind.NONE:
            assert_decoy_holds(one)


def test_wild_hours_follow_large_moves_only_where_that_is_planted(rolled: list[Rolled]) -> None:
    def tilt(one: Rolled) -> float:
        """Return how much larger moves are in the three hours after a large one."""
        size = np.abs(one.moves / one.season)
        large = size[:-3] > np.quantile(size, 0.93)
        after = (size[1:-2] + size[2:-1] + size[3:]) / 3
        return float(after[large].mean() / after[~large].mean())

    wild = [tilt(one) for one in rolled if one.plan.decoy is Decoy.VOLATILITY]
    usual = [tilt(one) for one in rolled if one.plan.decoy is not Decoy.VOLATILITY]

    assert min(wild) > np.median(usual)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_year_and_a_half_of_other_seeds_stays_inside_the_caps(seed: int) -> None:
    market = market_of(seed, 1.5)
    for one in KNOWN.values():
        if plan_of(seed, one).kind in (Kind.PRICE, Kind.MACRO):
            record = market.roll(one).figures
            assert (record.information_coefficient or 1.0) <= 0.06
            assert (record.hit_rate or 1.0) <= 0.55


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_the_full_market_stays_inside_its_caps(seed: int) -> None:
    market = market_of(seed, 6.0)
    for one in KNOWN.values():
        made = market.roll(one)
        if made.plan.kind is Kind.NONE:
            assert_decoy_holds(made)
        else:
            assert_inside_caps(made)


# Who is given what


@pytest.mark.parametrize("seed", range(0, 200, 7))
def test_ten_of_the_known_are_planted_and_every_decoy_is_there(seed: int) -> None:
    plans = [plan_of(seed, one) for one in KNOWN.values()]

    kinds = Counter(plan.kind for plan in plans)
    assert kinds == {Kind.PRICE: 4, Kind.NEWS: 4, Kind.MACRO: 2, Kind.NONE: 11}
    assert {plan.decoy for plan in plans if plan.decoy} == set(Decoy)
    assert all(plan.kind is Kind.NONE for plan in plans if plan.decoy)
    assert all(plan.symbol in FX_PAIRS for plan in plans if plan.kind is Kind.MACRO)
    assert all(sum(plan.weights) == pytest.approx(1.0) for plan in plans)


def test_about_half_of_all_shares_are_planted() -> None:
    kinds = Counter(plan_of(1, equity(f"S{number}")).kind for number in range(400))

    assert 150 < kinds[Kind.NONE] < 250
    assert kinds[Kind.MACRO] == 0


def test_a_share_of_the_simulated_world_keeps_the_caps() -> None:
    market = market_of(9, 4.0)
    symbols = [f"S{number}" for number in range(60)]
    planted = [s for s in symbols if plan_of(9, equity(s)).kind is Kind.PRICE]

    record = market.roll(equity(planted[0])).figures

    assert 0.03 < (record.information_coefficient or 0.0) <= 0.06


# Really there, for one who has only what is public


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> tuple[Simulated, dict[str, Any]]:
    one = Simulated(seed=4, years=4.0)
    path = tmp_path_factory.mktemp("truth") / "truth.json"
    one.write_truth(path)
    return one, json.loads(path.read_text())


def scaled_moves(one: Simulated, symbol: str) -> tuple[NDArray[np.int64], Floats]:
    frame = one.bars(instrument(symbol), Timeframe.H1).bars.frame
    move = np.diff(np.log(frame["close"].to_numpy()), prepend=np.nan)
    square = np.full(move.size, np.nanvar(move[:200]))
    for t in range(1, move.size):
        square[t] = 0.97 * square[t - 1] + 0.03 * min(move[t] ** 2, 16 * square[t - 1])
    scaled = np.clip(move[1:] / np.sqrt(square[:-1]), -4, 4)
    return frame["time"].dt.timestamp("us").to_numpy()[1:], scaled


def test_a_price_edge_can_be_seen_in_the_bars_alone(
    public: tuple[Simulated, dict[str, Any]],
) -> None:
    one, truth = public
    for part in truth["instruments"]:
        if part["kind"] == "price":
            _, move = scaled_moves(one, part["symbol"])
            signal = np.sign(move[:-1]) * np.minimum(move[:-1] ** 2, 3.0)
            r = np.corrcoef(signal, move[1:])[0, 1]
            assert r * part["sign"] * np.sqrt(signal.size) > 4.0, part


def test_a_macro_edge_can_be_seen_in_releases_and_bars(
    public: tuple[Simulated, dict[str, Any]],
) -> None:
    one, truth = public
    releases = one.releases()
    values = []
    for part in truth["instruments"]:
        symbol = part["symbol"]
        if symbol not in FX_PAIRS:
            continue
        time, move = scaled_moves(one, symbol)
        values.append((part["kind"], macro_t(releases, symbol, time, move) * (part["sign"] or 1)))

    planted = [value for kind, value in values if kind == "macro"]
    others = [value for kind, value in values if kind != "macro"]
    assert min(planted) > 2.5
    assert np.mean(planted) > np.max(np.abs(others)) - 1.0
    assert abs(np.mean(others)) < 1.0


def macro_t(releases: Any, symbol: str, time: NDArray[np.int64], move: Floats) -> float:
    """Return the t-value of the two hours after surprises against them."""
    spread: dict[str, list[float]] = {}
    for release in releases:
        spread.setdefault(release.series, []).append(release.actual - release.consensus)
    size = {name: float(np.std(values)) for name, values in spread.items()}
    push = np.zeros(time.size)
    for release in releases:
        side = (release.currency == symbol[:3]) - (release.currency == symbol[3:])
        row = int(np.searchsorted(time, microseconds(release.seen_at)))
        if side and row < time.size:
            surprise = (release.actual - release.consensus) / size[release.series]
            push[row] += side * np.clip(surprise, -1, 1)
    after = move[1:-1] + move[2:]
    rows = push[:-2] != 0
    r = np.corrcoef(push[:-2][rows], after[rows])[0, 1]
    return float(r * np.sqrt(rows.sum()))


def test_the_truth_file_says_everything_and_that_it_is_simulated(
    public: tuple[Simulated, dict[str, Any]],
) -> None:
    _, truth = public

    assert truth["simulated"] is True
    assert truth["seed"] == 4
    assert [part["symbol"] for part in truth["instruments"]] == list(KNOWN)
    for part in truth["instruments"]:
        assert part["simulated"] is True
        assert part["explanation"].startswith("simulated: ")
        assert (part["sign"] == 0) == (part["information_coefficient"] is None)


def test_the_truth_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text("old")

    Simulated(seed=1, years=0.3, instruments=[KNOWN["EURUSD"]]).write_truth(path)

    assert json.loads(path.read_text())["simulated"]
    assert [item.name for item in tmp_path.iterdir()] == ["truth.json"]


def test_a_plan_for_another_attempt_keeps_its_kind() -> None:
    for one in KNOWN.values():
        first, later = plan_of(3, one), plan_of(3, one, 12)
        assert (first.kind, first.decoy) == (later.kind, later.decoy)
