"""`step` over a whole history in one compiled loop: trades, equity, and the state to go on from."""

from dataclasses import dataclass

import numpy as np

from assay.core.errors import DataError
from assay.kernel.jit import compiled
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import (
    Exit,
    Flags,
    Floats,
    Integers,
    Records,
    Signs,
    new_state,
    new_trades,
)
from assay.kernel.step import begin_bar, decide_alone


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did.

    `trades` are the closed positions (`TRADE`), `equity` (n,) the account after each bar in its
    currency, `state` what `step` or another `run` goes on from: a position may still be open in it.
    """

    trades: Records
    equity: Floats
    state: Records

    @property
    def net(self) -> float:
        """Return the profit of all closed trades after costs."""
        return float(self.trades["pnl"].sum())

    @property
    def ambiguous_share(self) -> float:
        """Return the share of closed trades decided in a bar that reached stop and target."""
        return float(self.trades["ambiguous"].mean()) if self.trades.size else 0.0

    def exits(self) -> dict[Exit, int]:
        """Return how many trades ended for each reason."""
        return {reason: int((self.trades["reason"] == reason).sum()) for reason in Exit}


def run(
    market: Market,
    orders: Orders,
    params: Params,
    *,
    equity: float | None = None,
    state: Records | None = None,
) -> Result:
    """Step through every bar of `market`; equal to the bit to `step` called bar by bar.

    Begins with `equity` of money, or goes on from `state` (which is not altered). A position that
    is open after the last bar stays open: its profit is in `equity`, not in `trades`.
    """
    if len(orders) != len(market):
        raise DataError(f"{len(market):,} bars need as many orders; found {len(orders):,}")
    if (equity is None) == (state is None):
        raise DataError("A run begins with equity or goes on from a state: hand in one of them")
    now = new_state(equity or 0.0) if state is None else state.copy()
    curve = np.empty(len(market))
    trades = new_trades(64 + len(market) // 64)
    row, count = 0, 0
    while True:
        row, count = _run(
            row,
            (market.open, market.high, market.low, market.close),
            (market.tradable, market.half_spread, market.rate, market.day),
            (orders.side, orders.stop, orders.target, orders.limit_bars, orders.lots),
            orders.risk_fraction,
            now,
            params.record(),
            curve,
            trades,
            count,
        )
        if row == len(market):
            return Result(trades[:count].copy(), curve, now)
        trades = np.concatenate([trades, new_trades(trades.size)])


@compiled
def _run(
    first: int,
    prices: tuple[Integers, Integers, Integers, Integers],
    conditions: tuple[Flags, Integers, Floats, Integers],
    orders: tuple[Signs, Integers, Integers, Integers, Integers],
    risk_fraction: Floats,
    state: Records,
    params: Records,
    curve: Floats,
    trades: Records,
    count: int,
) -> tuple[int, int]:
    open_, high, low, close = prices
    tradable, half_spread, rate, day = conditions
    side, stop, target, limit_bars, lots = orders
    this, rule = state[0], params[0]
    for t in range(first, open_.size):
        if count + 2 > trades.size:
            return t, count
        live = tradable[min(t, tradable.size - 1)]
        count += begin_bar(
            this,
            rule,
            open_[t],
            high[t],
            low[t],
            close[t],
            live,
            half_spread[min(t, half_spread.size - 1)],
            rate[min(t, rate.size - 1)],
            day[min(t, day.size - 1)],
            trades[count],
            trades[count + 1],
        )
        if side[t] != 0 and live:
            decide_alone(
                this,
                rule,
                side[t],
                stop[min(t, stop.size - 1)],
                target[min(t, target.size - 1)],
                limit_bars[min(t, limit_bars.size - 1)],
                lots[min(t, lots.size - 1)],
                risk_fraction[min(t, risk_fraction.size - 1)],
            )
        curve[t] = this.equity
    return open_.size, count
