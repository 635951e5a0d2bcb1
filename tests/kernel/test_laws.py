"""What holds for every market and every list of orders."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assay.kernel.barrier import Resolution
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import (
    STATE,
    Exit,
    Integers,
    Records,
    from_bytes,
    new_state,
    new_trades,
    to_bytes,
)
from assay.kernel.resolve import interval
from assay.kernel.run import Result, run
from assay.kernel.step import step
from tests.kernel.worlds import (
    BASE_TICKS,
    LAW,
    conditions,
    make_market,
    once,
    order_lists,
    price_rows,
    priced,
    rules,
)

ROWS = 40
PARAMS = st.builds(
    Params,
    tick_value=st.sampled_from([0.01, 1.0]),
    costs=st.builds(priced, st.floats(0, 5), st.integers(0, 3)),
    max_leverage=st.floats(0.5, 50),
    daily_loss=st.none() | st.floats(0.005, 0.1),
    drawdown=st.none() | st.floats(0.01, 0.2),
    through_ticks=st.integers(0, 2),
    resolution=st.sampled_from(Resolution),
)


def one_by_one(market: Market, orders: Orders, params: Params, state: Records) -> Result:
    """Call `step` from Python for every bar."""
    room, rule = new_trades(2), params.record()
    curve, trades = np.empty(len(market)), [new_trades(0)]
    for t in range(len(market)):
        closed = step(state, market.row(t), orders.row(t), rule, room)
        trades.append(room[:closed].copy())
        curve[t] = state["equity"][0]
    return Result(np.concatenate(trades), curve, state)


def same(left: Result, right: Result) -> bool:
    return (
        left.trades.tobytes() == right.trades.tobytes()
        and left.equity.tobytes() == right.equity.tobytes()
        and left.state.tobytes() == right.state.tobytes()
    )


@given(prices=price_rows(), orders=order_lists(), extra=conditions(), params=PARAMS)
@LAW
def test_bulk_equals_bar_by_bar_to_the_bit(
    prices: Integers, orders: Orders, extra: dict[str, Any], params: Params
) -> None:
    market = make_market(prices, **extra)

    bulk = run(market, orders, params, equity=10_000.0)

    assert same(bulk, one_by_one(market, orders, params, new_state(10_000.0)))


@given(
    prices=price_rows(),
    orders=order_lists(),
    extra=conditions(),
    params=PARAMS,
    cut=st.integers(0, ROWS),
)
@LAW
def test_a_restart_from_saved_state_goes_on_as_if_nothing_had_been(
    prices: Integers, orders: Orders, extra: dict[str, Any], params: Params, cut: int
) -> None:
    def part(rows: slice) -> tuple[Market, Orders]:
        own = {name: values[rows] for name, values in extra.items()}
        return make_market(prices[rows], **own), Orders(
            orders.side[rows],
            orders.stop[rows],
            orders.target[rows],
            orders.limit_bars,
            orders.lots,
            orders.risk_fraction[rows],
        )

    whole = run(*part(slice(None)), params, equity=10_000.0)
    first = run(*part(slice(cut)), params, equity=10_000.0)
    saved = from_bytes(to_bytes(first.state), STATE)
    second = run(*part(slice(cut, None)), params, state=saved)

    joined = Result(
        np.concatenate([first.trades, second.trades]),
        np.concatenate([first.equity, second.equity]),
        second.state,
    )
    assert same(whole, joined)


@given(prices=price_rows(), orders=order_lists(), extra=conditions(), params=PARAMS)
@LAW
def test_no_fill_comes_before_its_decision_or_without_a_session(
    prices: Integers, orders: Orders, extra: dict[str, Any], params: Params
) -> None:
    trades = run(make_market(prices, **extra), orders, params, equity=10_000.0).trades

    assert (trades["decided_bar"] < trades["entry_bar"]).all()
    assert (trades["entry_bar"] <= trades["exit_bar"]).all()
    assert extra["tradable"][trades["entry_bar"]].all()
    assert extra["tradable"][trades["exit_bar"]].all()
    assert (orders.side[trades["decided_bar"]] == trades["side"]).all()


@given(
    prices=price_rows(),
    orders=order_lists(),
    extra=conditions(),
    params=PARAMS,
    cut=st.integers(1, ROWS),
)
@LAW
def test_the_future_changes_no_fill_of_the_past(
    prices: Integers, orders: Orders, extra: dict[str, Any], params: Params, cut: int
) -> None:
    other = prices.copy()
    other[cut:] += 500
    sides = orders.side.copy()
    sides[cut:] = -sides[cut:]
    turned = Orders(
        sides, orders.stop, orders.target, orders.limit_bars, orders.lots, orders.risk_fraction
    )

    one = run(make_market(prices, **extra), orders, params, equity=10_000.0)
    two = run(make_market(other, **extra), turned, params, equity=10_000.0)

    past = [r.trades[r.trades["exit_bar"] < cut].tobytes() for r in (one, two)]
    assert past[0] == past[1]
    assert np.array_equal(one.equity[:cut], two.equity[:cut])


@given(prices=price_rows(), orders=order_lists(), extra=conditions(), params=PARAMS)
@LAW
def test_no_exit_is_better_than_its_trigger_but_by_a_gap_in_favour(
    prices: Integers, orders: Orders, extra: dict[str, Any], params: Params
) -> None:
    trades = run(make_market(prices, **extra), orders, params, equity=10_000.0).trades

    for trade in trades:
        side, opened = trade["side"], prices[trade["exit_bar"], 0]
        entered = prices[trade["entry_bar"], 0]
        assert side * (trade["entry"] - entered) >= 0
        if trade["reason"] == Exit.STOP:
            assert side * (trade["exit"] - trade["stop"]) <= 0
        elif trade["reason"] == Exit.TARGET:
            gap = side * (opened - trade["target"])
            assert side * (trade["exit"] - trade["target"]) <= max(0, gap)
        else:
            assert side * (trade["exit"] - opened) <= 0


@given(prices=price_rows(), orders=order_lists(), extra=conditions(), params=PARAMS)
@LAW
def test_equity_is_start_plus_fills_less_fees(
    prices: Integers, orders: Orders, extra: dict[str, Any], params: Params
) -> None:
    result = run(make_market(prices, **extra), orders, params, equity=10_000.0)
    trades, state = result.trades, result.state[0]

    unit = params.tick_value * extra["rate"]
    moved = trades["side"] * (trades["exit"] - trades["entry"]) * trades["lots"]
    fills = moved * unit[trades["exit_bar"]]
    mark = state["side"] * (state["close"] - state["entry"]) * state["lots"]
    opened = mark * params.tick_value * state["rate"]
    unpaid = state["entry_fees"] if state["side"] else 0.0
    expected = 10_000.0 + fills.sum() - trades["fees"].sum() - unpaid + opened
    assert np.isclose(result.equity[-1], expected, rtol=1e-9, atol=0)
    assert np.isclose(trades["pnl"].sum(), fills.sum() - trades["fees"].sum(), rtol=1e-9, atol=1e-9)


@given(
    prices=price_rows(),
    side=st.sampled_from([1, -1]),
    stop=st.integers(1, 60),
    target=st.integers(1, 60),
    spread=st.integers(0, 3),
)
@LAW
def test_a_single_trade_lies_between_pessimism_and_optimism(
    prices: Integers, side: int, stop: int, target: int, spread: int
) -> None:
    market = make_market(prices, half_spread=spread)
    order = once(len(market), side, stop=stop, target=target)

    found = interval(market, order, rules(costs=priced(1.0, 1)), equity=10_000.0)

    ends = [r.equity[-1] for r in (found.pessimistic, found.adaptive, found.optimistic)]
    assert ends == sorted(ends)
    if not found.ambiguous_share:
        assert ends[0] == ends[2]


@given(
    prices=price_rows(gaps=False),
    side=st.sampled_from([1, -1]),
    stop=st.integers(1, 60),
    target=st.integers(1, 60),
    limit_bars=st.integers(1, ROWS - 2),
    paid=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    more=st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
@LAW
def test_a_single_trade_never_gains_from_a_wider_spread_or_more_slippage(
    prices: Integers,
    side: int,
    stop: int,
    target: int,
    limit_bars: int,
    paid: tuple[int, int],
    more: tuple[int, int],
) -> None:
    def net(spread: int, slippage: int) -> float:
        market = make_market(prices, half_spread=spread)
        order = once(len(market), side, stop=stop, target=target, limit_bars=limit_bars)
        result = run(market, order, rules(costs=priced(0, slippage)), equity=10_000.0)
        assert result.trades.size == 1
        return result.net

    assert net(paid[0] + more[0], paid[1] + more[1]) <= net(*paid)


@given(
    prices=price_rows(),
    orders=order_lists(sized=False),
    extra=conditions(),
    slippage=st.integers(0, 3),
)
@LAW
def test_fees_alone_make_every_trade_worse(
    prices: Integers, orders: Orders, extra: dict[str, Any], slippage: int
) -> None:
    market = make_market(prices, **extra)

    cheap, dear = (
        run(market, orders, rules(costs=priced(fee, slippage)), equity=10_000.0).trades
        for fee in (1.0, 2.0)
    )

    assert np.array_equal(cheap["exit"], dear["exit"])
    assert (dear["pnl"] < cheap["pnl"]).all()


@given(prices=price_rows(), orders=order_lists(sized=False), belief=st.sampled_from(Resolution))
@LAW
def test_short_is_long_in_the_mirror(prices: Integers, orders: Orders, belief: Resolution) -> None:
    mirrored = (2 * BASE_TICKS - prices)[:, [0, 2, 1, 3]]
    turned = Orders(
        -orders.side,
        orders.stop,
        orders.target,
        orders.limit_bars,
        orders.lots,
        orders.risk_fraction,
    )
    params = rules(costs=priced(0, 1), resolution=belief, max_leverage=1e9)

    one = run(make_market(prices, half_spread=2), orders, params, equity=1e6)
    two = run(make_market(mirrored, half_spread=2), turned, params, equity=1e6)

    assert np.array_equal(one.equity, two.equity)
    for name in ("entry_bar", "exit_bar", "lots", "reason", "ambiguous", "adverse", "favourable"):
        assert np.array_equal(one.trades[name], two.trades[name])
    assert np.array_equal(one.trades["exit"], 2 * BASE_TICKS - two.trades["exit"])
