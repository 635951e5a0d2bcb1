"""Worked examples: what one order does, bar by bar."""

from typing import Any

import numpy as np
import pytest

from assay.kernel.barrier import Resolution
from assay.kernel.market import Orders
from assay.kernel.records import (
    Exit,
    Records,
    Refusal,
    new_state,
    new_trades,
    reset_breakers,
)
from assay.kernel.run import Result, run
from assay.kernel.step import step
from tests.kernel.worlds import make_market, once, priced, rules

QUIET = (100, 101, 99, 100)


def trade_of(result: Result) -> Records:
    assert result.trades.size == 1
    return result.trades


def after(
    rows: list[tuple[int, int, int, int]],
    side: int = 1,
    *,
    params: dict[str, Any] | None = None,
    market: dict[str, Any] | None = None,
    **order: Any,
) -> Result:
    """Run one order decided on a quiet first bar."""
    prices = [QUIET, *rows]
    world = make_market(prices, **(market or {}))
    return run(world, once(len(prices), side, **order), rules(**(params or {})), equity=10_000.0)


def test_entry_is_at_the_next_open_and_pays_spread_and_slippage() -> None:
    result = after(
        [(102, 103, 101, 102)],
        stop=50,
        params={"costs": priced(slippage_ticks=2)},
        market={"half_spread": 3},
    )

    assert result.state["entry"][0] == 102 + 3 + 2
    assert result.state["stop"][0] == 107 - 50
    assert result.equity.tolist() == [10_000.0, 10_000.0 - 5]


def test_stop_is_live_on_the_entry_bar_and_slips() -> None:
    trade = trade_of(after([(100, 101, 90, 95)], stop=5, params={"costs": priced(0, 2)}))

    assert trade["entry"][0] == 102
    assert trade["stop"][0] == 97
    assert trade["exit"][0] == 97 - 2
    assert (trade["entry_bar"][0], trade["exit_bar"][0], trade["decided_bar"][0]) == (1, 1, 0)
    assert trade["reason"][0] == Exit.STOP


def test_target_is_a_resting_order_and_does_not_slip() -> None:
    trade = trade_of(
        after(
            [(100, 101, 99, 100), (100, 120, 99, 110)],
            target=10,
            stop=50,
            params={"costs": priced(0, 2)},
            market={"half_spread": 1},
        )
    )

    assert trade["target"][0] == 113
    assert trade["exit"][0] == 113 - 1
    assert trade["reason"][0] == Exit.TARGET
    assert trade["pnl"][0] == 112 - 103
    assert trade["cost"][0] == 3 + 1


def test_gap_through_the_stop_fills_at_the_open() -> None:
    trade = trade_of(after([QUIET, (90, 91, 89, 90)], stop=2))

    assert trade["exit"][0] == 90


def test_time_is_up_at_the_open_after_the_last_bar() -> None:
    result = after([QUIET, QUIET, (104, 105, 103, 104), QUIET], stop=50, limit_bars=2)
    trade = trade_of(result)

    assert (trade["entry_bar"][0], trade["exit_bar"][0]) == (1, 3)
    assert trade["exit"][0] == 104
    assert trade["reason"][0] == Exit.TIME


def test_an_opposite_order_reverses_at_one_open() -> None:
    market = make_market([QUIET, QUIET, (105, 106, 104, 105), QUIET])
    orders = Orders.of([1, -1, 0, 0], stop=50, lots=2)

    result = run(market, orders, rules(), equity=10_000.0)

    assert result.trades["reason"].tolist() == [Exit.OPPOSITE]
    assert result.trades["exit"].tolist() == [105]
    assert result.trades["pnl"].tolist() == [10.0]
    assert (result.state["side"][0], result.state["entry"][0]) == (-1, 105)


def test_an_opposite_order_without_lots_only_closes() -> None:
    market = make_market([QUIET, QUIET, (105, 106, 104, 105)])
    orders = Orders.of([1, -1, 0], lots=[3, 0, 0])

    result = run(market, orders, rules(), equity=10_000.0)

    assert result.trades["exit"].tolist() == [105]
    assert result.state["side"][0] == 0


def test_waiting_and_the_same_side_leave_the_brackets() -> None:
    market = make_market([QUIET] * 4)
    orders = Orders.of([1, 1, 0, 1], stop=[50, 3, 0, 3], target=[60, 4, 0, 4], lots=1)

    result = run(market, orders, rules(), equity=10_000.0)

    assert not result.trades.size
    assert (result.state["stop"][0], result.state["target"][0]) == (50, 160)


def test_a_fresh_order_follows_a_time_exit_at_the_same_open() -> None:
    market = make_market([QUIET, QUIET, (103, 104, 102, 103)])
    orders = Orders.of([1, 1, 0], stop=50, lots=[1, 2, 0], limit_bars=1)

    result = run(market, orders, rules(), equity=10_000.0)

    assert result.trades["reason"].tolist() == [Exit.TIME]
    assert (result.state["entry"][0], result.state["lots"][0]) == (103, 2)


def test_nothing_fills_or_is_decided_without_a_session() -> None:
    closed = (50, 500, 10, 60)
    market = make_market(
        [QUIET, closed, (110, 111, 109, 110), closed, (90, 91, 89, 90)],
        tradable=[True, False, True, False, True],
    )
    orders = Orders.of([1, -1, 0, -1, 0], stop=5, lots=1)

    result = run(market, orders, rules(), equity=10_000.0)

    assert result.trades["entry_bar"].tolist() == [2]
    assert result.trades["exit_bar"].tolist() == [4]
    assert result.trades["exit"].tolist() == [90]
    assert result.equity[3] == result.equity[2]


def test_size_risks_the_fraction_at_the_stop() -> None:
    result = after([QUIET], stop=20, lots=0, risk_fraction=0.01, params={"tick_value": 0.3})

    assert result.state["lots"][0] == 16  # 100 / (20 x 0.3) = 16.67, rounded down
    assert np.isclose(result.state["risk"][0], 16 * 20 * 0.3)


def test_size_converts_to_the_accounts_currency() -> None:
    result = after([QUIET], stop=20, lots=0, risk_fraction=0.01, market={"rate": 0.5})

    assert result.state["lots"][0] == 10


def test_size_is_capped_by_leverage() -> None:
    result = after([QUIET], stop=2, lots=0, risk_fraction=0.5, params={"max_leverage": 2.0})

    assert result.state["lots"][0] == 200  # 2 x 10,000 / 100


@pytest.mark.parametrize(
    ("order", "params", "refusal"),
    [
        ({"stop": 20_000, "risk_fraction": 0.01, "lots": 0}, {}, Refusal.TOO_SMALL),
        ({"stop": 20, "lots": 3}, {"max_leverage": 0.001}, Refusal.EXPOSURE_LIMIT),
    ],
)
def test_zero_lots_are_no_trade_and_say_why(
    order: dict[str, Any], params: dict[str, Any], refusal: Refusal
) -> None:
    result = after([QUIET, QUIET], params=params, **order)

    assert result.state["refusal"][0] == refusal
    assert result.state["side"][0] == 0
    assert not result.trades.size


def test_daily_loss_halts_entries_until_the_next_day() -> None:
    market = make_market([QUIET] * 2 + [(100, 101, 80, 80)] + [QUIET] * 5, day=[0] * 5 + [1] * 3)
    orders = Orders.of([1, 0, 1, 1, 0, 1, 0, 0], stop=10, lots=[30] + [1] * 7)

    result = run(market, orders, rules(daily_loss=0.03), equity=10_000.0)

    assert result.trades["entry_bar"].tolist() == [1]
    assert result.trades["pnl"].tolist() == [-300.0]
    assert result.state["entry_bar"][0] == 6
    assert result.state["day_start"][0] == 9_700.0


def test_drawdown_halts_entries_until_a_person_resets() -> None:
    market = make_market([QUIET] * 2 + [(100, 101, 80, 80)] + [QUIET] * 3, day=[0, 0, 0, 1, 2, 3])
    orders = Orders.of([1, 0, 0, 1, 1, 0], stop=10, lots=30)
    params = rules(drawdown=0.03)

    halted = run(market, orders, params, equity=10_000.0)
    state = halted.state.copy()
    reset_breakers(state)
    again = run(market, orders, params, state=state)

    assert halted.trades.size == 1
    assert halted.state["refusal"][0] == Refusal.LOSS_LIMIT
    assert again.trades.size == 1


def test_a_halted_account_may_still_close() -> None:
    market = make_market([QUIET, (100, 101, 99, 100), (90, 91, 89, 90), (80, 81, 79, 80)])
    orders = Orders.of([1, 0, -1, 0], stop=90, lots=100)

    result = run(market, orders, rules(drawdown=0.05), equity=10_000.0)

    assert result.trades["reason"].tolist() == [Exit.OPPOSITE]
    assert result.state["side"][0] == 0


def test_excursions_are_measured_from_the_fill() -> None:
    trade = trade_of(after([(100, 104, 97, 101), (101, 106, 90, 92)], stop=8))

    assert (trade["adverse"][0], trade["favourable"][0]) == (8, 4)


def test_fees_are_a_share_of_both_notionals() -> None:
    trade = trade_of(
        after(
            [QUIET, (100, 120, 99, 110)],
            target=10,
            stop=50,
            lots=3,
            params={"costs": priced(fee_bps=10)},
        )
    )

    assert np.isclose(trade["fees"][0], 0.001 * 3 * (100 + 110))
    assert np.isclose(trade["pnl"][0], 30 - 0.63)


def test_an_ambiguous_trade_says_so() -> None:
    trades = [
        trade_of(after([(100, 111, 89, 100)], stop=10, target=10, params={"resolution": belief}))
        for belief in Resolution
    ]

    assert [int(t["ambiguous"][0]) for t in trades] == [1, 1, 1]
    assert [float(t["pnl"][0]) for t in trades] == [-10.0, 10.0, -10.0]


def test_python_steps_with_the_markets_own_records() -> None:
    market, orders = make_market([QUIET, QUIET]), once(2, 1, stop=5)
    state, trades, params = new_state(100.0), new_trades(2), rules().record()

    closed = [step(state, market.row(t), orders.row(t), params, trades) for t in range(2)]

    assert closed == [0, 0]
    assert (state["bar"][0], state["side"][0], state["entry"][0]) == (1, 1, 100)


def test_size_counts_open_profit() -> None:
    market = make_market([QUIET, QUIET, (200, 201, 199, 200), QUIET])
    orders = Orders.of([1, 0, -1, 0], stop=80, lots=[50, 0, 0, 0], risk_fraction=0.08)

    result = run(market, orders, rules(), equity=10_000.0)

    assert result.equity[2] == 15_000.0
    assert result.state["lots"][0] == 15  # 0.08 x 15,000 / 80


def test_nothing_waits_once_it_has_filled() -> None:
    decided, filled = after([], stop=50).state, after([QUIET], stop=50).state

    assert (decided["pending_side"][0], decided["pending_lots"][0]) == (1, 1)
    assert (filled["pending_side"][0], filled["pending_lots"][0]) == (0, 0)
    assert filled["pending_risk"][0] == 0.0
