"""Fills against backtesting.py: next open, stop first, the same trades at the same prices.

It puts stop and target where it is told; so it is told the level that our fill will have.
"""

import warnings
from typing import Any

import numpy as np
import pytest

from assay.kernel.market import Orders
from assay.kernel.records import Exit, Integers
from assay.kernel.run import run
from tests.kernel.worlds import make_market, priced, rules, walk

pytest.importorskip("backtesting", reason="the oracle extra is not installed")

ROWS = 3000
TICK = 0.01
LOTS = 10


def prices_and_orders(seed: int, *, both_sides: bool) -> tuple[Integers, Orders]:
    chance = np.random.default_rng(seed)
    moves = chance.integers(-25, 26, (ROWS, 4))
    moves[:, 0] = np.where(chance.random(ROWS) < 0.5, moves[:, 0], 0)
    moves[:, 1] //= 3
    moves[chance.random(ROWS) < 0.2, 2:] *= 3
    prices = walk(moves)
    side = np.where(chance.random(ROWS) < 0.2, 1, 0)
    if both_sides:
        side *= chance.choice([-1, 1], ROWS)
    side[-2:] = 0
    orders = Orders.of(
        side,
        stop=chance.integers(30, 70, ROWS),
        target=chance.integers(30, 90, ROWS),
        lots=LOTS,
    )
    return prices, orders


def oracle_trades(prices: Integers, orders: Orders, commission: float) -> Any:
    import pandas as pd
    from backtesting import Backtest, Strategy

    class Follow(Strategy):  # type: ignore[misc] # the library has no types
        def init(self) -> None: ...

        def next(self) -> None:
            t = len(self.data) - 1
            side = int(orders.side[t])
            if side == 0 or (self.position.is_long if side > 0 else self.position.is_short):
                return
            entry = prices[t + 1, 0]
            stop, target = entry - side * orders.stop[t], entry + side * orders.target[t]
            place = self.buy if side > 0 else self.sell
            place(size=LOTS, sl=stop * TICK, tp=target * TICK)

    frame = pd.DataFrame(
        prices * TICK,
        columns=["Open", "High", "Low", "Close"],
        index=pd.date_range("2020-01-01", periods=ROWS, freq="h"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of ambiguous bars and of the open last trade
        test = Backtest(
            frame,
            Follow,
            cash=1_000_000,
            commission=commission,
            exclusive_orders=True,
            finalize_trades=False,
        )
        found = test.run()["_trades"]
    return found.sort_values(["ExitBar", "EntryBar"], ignore_index=True)


@pytest.mark.parametrize("both_sides", [False, True])
@pytest.mark.parametrize("fee_bps", [0.0, 5.0])
def test_trades_are_those_of_backtesting_py(*, both_sides: bool, fee_bps: float) -> None:
    prices, orders = prices_and_orders(5, both_sides=both_sides)

    ours = run(
        make_market(prices),
        orders,
        rules(tick_value=TICK, costs=priced(fee_bps)),
        equity=1_000_000.0,
    ).trades
    theirs = oracle_trades(prices, orders, fee_bps * 1e-4)

    assert ours.size == len(theirs) > 90
    assert np.array_equal(ours["side"] * ours["lots"], theirs["Size"])
    assert np.array_equal(ours["entry_bar"], theirs["EntryBar"])
    assert np.array_equal(ours["exit_bar"], theirs["ExitBar"])
    assert np.allclose(ours["entry"] * TICK, theirs["EntryPrice"], rtol=0, atol=1e-9)
    assert np.allclose(ours["exit"] * TICK, theirs["ExitPrice"], rtol=0, atol=1e-9)
    assert np.allclose(ours["pnl"], theirs["PnL"], rtol=0, atol=1e-8)
    assert len(set(ours["reason"])) == (3 if both_sides else 2)
    assert ((ours["reason"] == Exit.STOP) & (ours["exit"] != ours["stop"])).any()  # gaps
    assert ((ours["reason"] == Exit.TARGET) & (ours["exit"] != ours["target"])).any()
    assert (ours["entry_bar"] == ours["exit_bar"]).any()
