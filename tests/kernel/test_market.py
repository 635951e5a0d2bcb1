import numpy as np
import numpy.typing as npt
import pytest

from assay.core.errors import DataError, SettingsError
from assay.core.instruments import equity, instrument
from assay.kernel.costs import FREE, Costs, default_costs
from assay.kernel.market import Market, Orders, Params, distance, to_ticks
from assay.kernel.records import (
    ACCOUNT,
    BAR,
    STATE,
    Records,
    from_bytes,
    new_state,
    to_bytes,
)
from assay.kernel.resolve import interval
from assay.kernel.run import run
from tests.factories import make_bars
from tests.kernel.worlds import make_market, once, rules

EURUSD = instrument("EURUSD")
QUIET = [(100, 101, 99, 100)] * 3


def test_prices_become_the_nearest_tick() -> None:
    ticks = to_ticks(EURUSD, [1.1, 1.100004, 1.100006, 0.00001])

    assert ticks.tolist() == [110_000, 110_000, 110_001, 1]
    assert ticks.dtype == np.int64


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0, 0.000001, 1e9])
def test_a_price_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(DataError, match="row 1"):
        to_ticks(EURUSD, [1.1, bad])


def test_bars_become_a_market_in_ticks() -> None:
    bars = make_bars(50)

    market = Market.of(bars, half_spread_ticks=2.2)

    assert len(market) == 50
    assert np.allclose(market.close * 1e-5, bars.frame["close"].to_numpy(), atol=0.5e-5)
    assert market.half_spread.tolist() == [3]
    assert np.diff(market.day).min() >= 0
    assert market.day[0] == (bars.frame["time"][0]).date().toordinal() - 719_163


def test_midnight_closes_the_day_before() -> None:
    bars = make_bars(60, gaps=False)
    midnight = bars.frame["time"].dt.hour().to_numpy() == 0

    day = Market.of(bars, half_spread_ticks=1).day

    assert midnight.any()
    rows = np.flatnonzero(midnight)
    assert (day[rows[rows > 0]] == day[rows[rows > 0] - 1]).all()


def test_records_are_the_columns() -> None:
    market = make_market(QUIET, half_spread=[1, 2, 3], rate=2.0)

    records = market.records()

    assert records.dtype == BAR
    assert records["half_spread"].tolist() == [1, 2, 3]
    assert records["rate"].tolist() == [2.0] * 3
    assert market.row(1).tobytes() == records[1:2].tobytes()


@pytest.mark.parametrize(
    ("row", "changes", "said"),
    [
        ((100, 99, 98, 99), {}, "enclose"),
        ((100, 101, 100, 99), {}, "enclose"),
        ((0, 1, 0, 1), {}, "outside 1"),
        ((2**31, 2**31, 100, 100), {}, "outside 1"),
        ((100, 101, 99, 100), {"half_spread": -1}, "half spread"),
        ((100, 101, 99, 100), {"half_spread": 99}, "half spread"),
        ((100, 101, 99, 100), {"rate": np.nan}, "rate"),
        ((100, 101, 99, 100), {"rate": 0.0}, "rate"),
        ((100, 101, 99, 100), {"day": [1, 2]}, "length"),
    ],
)
def test_a_market_that_cannot_be_is_refused(
    row: tuple[int, int, int, int], changes: dict[str, npt.ArrayLike], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        make_market([QUIET[0], row, QUIET[0]], **changes)


def test_bars_that_are_not_tradable_may_hold_anything() -> None:
    market = make_market([QUIET[0], (0, -5, 7, 2**40)], tradable=[True, False])

    assert len(market) == 2


@pytest.mark.parametrize(
    "order",
    [
        {"side": [2]},
        {"side": [1], "stop": -1},
        {"side": [1], "stop": 2**31},
        {"side": [1], "stop": 1.5},
        {"side": [1], "stop": 5, "risk_fraction": 1.5},
        {"side": [1], "stop": 5, "risk_fraction": np.nan},
        {"side": [1], "risk_fraction": 0.01},
    ],
)
def test_an_order_that_cannot_be_is_refused(order: dict[str, npt.ArrayLike]) -> None:
    with pytest.raises(SettingsError):
        Orders.of(**order)


def test_a_distance_is_at_least_a_tick_and_nothing_where_unknown() -> None:
    assert distance(EURUSD, [0.0012, 1e-9, np.nan]).tolist() == [120, 1, 0]
    with pytest.raises(DataError):
        distance(EURUSD, [-0.1])


def test_parameters_that_cannot_be_are_refused() -> None:
    for wrong in (
        {"tick_value": 0.0},
        {"max_leverage": -1.0},
        {"daily_loss": 0.0},
        {"drawdown": 1.5},
        {"through_ticks": -1},
    ):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            rules(**wrong)


def test_tick_value_is_a_tick_of_a_lot() -> None:
    assert np.isclose(Params.of(EURUSD, FREE).tick_value, 0.01)
    assert Params.of(instrument("USDJPY"), FREE).tick_value == 1.0
    assert Params.of(equity("AAPL"), FREE).tick_value == 0.01


@pytest.mark.parametrize(
    ("symbol", "price"), [("EURUSD", 1.1), ("USDJPY", 150.0), ("XAUUSD", 2500), ("BTCUSDT", 1e5)]
)
def test_default_costs_are_above_zero_and_below_a_quarter_of_a_percent(
    symbol: str, price: float
) -> None:
    known = instrument(symbol)

    costs = default_costs(known, price)

    ticks = costs.half_spread_ticks + costs.slippage_ticks
    assert min(costs.fee_bps, costs.half_spread_ticks, costs.slippage_ticks) > 0
    assert 0.3e-4 < ticks * known.tick_size / price + costs.fee_bps * 1e-4 < 25e-4


def test_stressed_costs_round_up() -> None:
    assert Costs(1.0, 3, 1).times(1.5) == Costs(1.5, 5, 2)


@pytest.mark.parametrize(
    "wrong", [(-1.0, 0, 0), (np.nan, 0, 0), (0.0, -1, 0), (0.0, 0, -1), (10_000.0, 0, 0)]
)
def test_costs_that_cannot_be_are_refused(wrong: tuple[float, int, int]) -> None:
    with pytest.raises(SettingsError):
        Costs(*wrong)


def test_a_run_needs_as_many_orders_and_one_beginning() -> None:
    market = make_market(QUIET)

    with pytest.raises(DataError, match="as many orders"):
        run(market, once(2, 1), rules(), equity=1.0)
    with pytest.raises(DataError, match="one of them"):
        run(market, once(3, 1), rules())
    with pytest.raises(DataError, match="above zero"):
        run(market, once(3, 1), rules(), equity=np.nan)


def test_a_run_leaves_the_state_it_was_given() -> None:
    state = new_state(100.0)
    before = state.tobytes()

    run(make_market(QUIET), once(3, 1), rules(), state=state)

    assert state.tobytes() == before


def test_more_trades_than_room_are_all_kept() -> None:
    rows = 2000
    market = make_market([(100, 103, 97, 100)] * rows)
    orders = Orders.of(np.ones(rows), stop=2, lots=1)

    result = run(market, orders, rules(), equity=1e9)

    assert result.trades.size == rows - 1
    assert np.array_equal(result.trades["exit_bar"], np.arange(1, rows))


def test_an_interval_reports_all_three_and_the_share() -> None:
    market = make_market([QUIET[0], (100, 111, 89, 100)])

    found = interval(market, once(2, 1, stop=10, target=10), rules(), equity=1000.0)

    assert found.net == (-10.0, -10.0, 10.0)
    assert found.ambiguous_share == 1.0


def _damaged() -> list[tuple[bytes, str]]:
    whole = to_bytes(new_state(5.0))
    return [(whole[:-1], "cut off"), (whole[:16], "cut off"), (b"x" + whole[1:], "layout")]


@pytest.mark.parametrize(("data", "said"), _damaged())
def test_damaged_state_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        from_bytes(data, STATE)


def test_state_survives_bytes() -> None:
    state: Records = new_state(5.0)

    again = from_bytes(to_bytes(state), STATE)
    again["cash"] = 7.0

    assert again["equity"] == 5.0
    assert state["cash"] == 5.0
    with pytest.raises(DataError, match="layout"):
        from_bytes(to_bytes(state), ACCOUNT)
