"""All instruments of one account, bar by bar or in bulk: shared equity, limits and breakers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.errors import DataError, SettingsError
from assay.kernel.jit import compiled
from assay.kernel.market import Market, Orders, Params
from assay.kernel.position import begin_day, decide, mark, open_profit, trade_bar
from assay.kernel.records import (
    LIMITS,
    Floats,
    Record,
    Records,
    new_account,
    new_positions,
    new_trades,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may carry at once.

    `max_open_risk` is the sum, over open and waiting positions, of what their stops would lose;
    `max_leverage` of their notionals at the last close; both as multiples of equity.
    `max_positions` counts instruments. `daily_loss` and `drawdown` are as in `Params`, whose own
    breakers are not read for an account of several.
    """

    max_positions: int = 10
    max_open_risk: float = 0.06
    max_leverage: float = 10.0
    daily_loss: float | None = None
    drawdown: float | None = None

    def __post_init__(self) -> None:
        if self.max_positions < 1:
            raise SettingsError(f"max_positions is 1 or more; found {self.max_positions}")
        for name in ("max_open_risk", "max_leverage"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} is above zero; found {getattr(self, name)}")
        for name in ("daily_loss", "drawdown"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise SettingsError(f"{name} is None or lies in (0, 1]; found {value}")

    def record(self) -> Records:
        """Return the `LIMITS` record, for `step_book`."""
        record = np.zeros(1, LIMITS)
        record["max_positions"] = self.max_positions
        record["max_open_risk"] = self.max_open_risk
        record["max_leverage"] = self.max_leverage
        record["daily_loss"] = math.inf if self.daily_loss is None else self.daily_loss
        record["drawdown"] = math.inf if self.drawdown is None else self.drawdown
        return record


@dataclass(frozen=True, slots=True)
class BookResult:
    """What an account did.

    `trades` in the order they closed, `TRADE.instrument` the row of `positions`; `equity` (n,)
    after each row of the grid; `account` and `positions` are what `resume` goes on from.
    """

    trades: Records
    equity: Floats
    account: Records
    positions: Records


def run_book(
    markets: Sequence[Market],
    orders: Sequence[Orders],
    params: Sequence[Params],
    limits: Limits,
    *,
    equity: float | None = None,
    resume: BookResult | None = None,
) -> BookResult:
    """Step an account over every row of a shared grid; equal to the bit to `step_book` row by row.

    All markets and orders have the length of the grid; `grid.align` puts them there, a missing bar
    as one that is not tradable. Begins with `equity` or goes on from `resume`, left unaltered.
    """
    size = _common_length(markets, orders, params)
    if (equity is None) == (resume is None):
        raise DataError("A book begins with equity or resumes: hand in one of them")
    if resume is None:
        account, positions = new_account(equity or 0.0), new_positions(len(markets))
    else:
        account, positions = resume.account.copy(), resume.positions.copy()
    if positions.size != len(markets):
        raise DataError(f"The book holds {positions.size} instruments; found {len(markets)}")
    curve = np.empty(size)
    parts = [new_trades(0)]
    rules = np.concatenate([each.record() for each in params])
    for start in range(0, size, _ROWS):
        rows = slice(start, min(start + _ROWS, size))
        bars = np.stack([market.records(rows) for market in markets], axis=1)
        asked = np.stack([each.records(rows) for each in orders], axis=1)
        done = 0
        while done < bars.shape[0]:
            trades = new_trades(2 * len(markets) + bars.shape[0])
            done, count = _run_book(
                done, account, positions, bars, asked, rules, limits.record(), curve[rows], trades
            )
            parts.append(trades[:count].copy())
    return BookResult(np.concatenate(parts), curve, account, positions)


_ROWS = 16_384
"""Grid rows turned into records at a time: bounds the memory of a long run."""


def _common_length(
    markets: Sequence[Market], orders: Sequence[Orders], params: Sequence[Params]
) -> int:
    if not len(markets) == len(orders) == len(params) > 0:
        raise DataError(
            "A book needs one market, one list of orders and one set of parameters an instrument; "
            f"found {len(markets)}, {len(orders)} and {len(params)}"
        )
    lengths = {len(market) for market in markets} | {len(each) for each in orders}
    if len(lengths) != 1:
        raise DataError(f"A book needs one grid for all; found lengths {sorted(lengths)}")
    return lengths.pop()


@compiled
def _run_book(
    first: int,
    account: Records,
    positions: Records,
    bars: Records,
    orders: Records,
    params: Records,
    limits: Records,
    curve: Floats,
    trades: Records,
) -> tuple[int, int]:
    count = 0
    for t in range(first, bars.shape[0]):
        if count + 2 * positions.size > trades.size:
            return t, count
        count += step_book(account, positions, bars[t], orders[t], params, limits, trades[count:])
        curve[t] = account[0].equity
    return bars.shape[0], count


@compiled
def step_book(
    account: Records,
    positions: Records,
    bars: Records,
    orders: Records,
    params: Records,
    limits: Records,
    trades: Records,
) -> int:
    """Step an account (in place) over one closed row of its grid; return how many trades it closed.

    `account` (`ACCOUNT`) and `limits` (`LIMITS`) have length 1; `positions`, `bars`, `orders` and
    `params` one row an instrument, in the same order each time; `trades` at least two an
    instrument. First every tradable bar fills what is due, in order; then the account is marked
    once, at the last closes; then the decisions are sized, in order, each on what the ones before
    it left of the limits. An instrument without a tradable bar keeps its mark and its waiting
    order. The day is the latest of the tradable bars'.
    """
    purse, limit = account[0], limits[0]
    closed = _fill_all(purse, positions, bars, params, trades)
    profit = 0.0
    for k in range(positions.size):
        profit += open_profit(positions[k], params[k])
    mark(purse, purse.cash + profit, limit.daily_loss, limit.drawdown)
    for k in range(positions.size):
        if orders[k].side != 0 and bars[k].tradable != 0:
            _decide_within(k, purse, positions, orders[k], params, limit)
    return closed


@compiled
def _fill_all(
    account: Record, positions: Records, bars: Records, params: Records, trades: Records
) -> int:
    for k in range(positions.size):
        if bars[k].tradable != 0 and bars[k].day > account.day:
            begin_day(account, bars[k].day)
    count = 0
    for k in range(positions.size):
        position, bar = positions[k], bars[k]
        position.bar += 1
        if bar.tradable == 0:
            continue
        closed = trade_bar(
            position,
            account,
            params[k],
            bar.open,
            bar.high,
            bar.low,
            bar.half_spread,
            bar.rate,
            trades[count],
            trades[count + 1],
        )
        for j in range(count, count + closed):
            trades[j].instrument = k
        count += closed
        position.close = bar.close
        position.rate = bar.rate
    return count


@compiled
def _decide_within(
    k: int,
    account: Record,
    positions: Records,
    order: Record,
    params: Records,
    limit: Record,
) -> None:
    risk, notional, held = 0.0, 0.0, 0
    for j in range(positions.size):
        if j != k:
            lots, at_stake = _carried(positions[j])
            risk += at_stake
            notional += lots * positions[j].close * (params[j].tick_value * positions[j].rate)
            held += 1 if lots > 0 else 0
    risk_room = limit.max_open_risk * account.equity - risk
    if held >= limit.max_positions:
        risk_room = 0.0
    decide(
        positions[k],
        account,
        params[k],
        order.side,
        order.stop,
        order.target,
        order.limit_bars,
        order.lots,
        order.risk_fraction,
        risk_room,
        min(
            params[k].max_leverage * account.equity,
            limit.max_leverage * account.equity - notional,
        ),
    )


@compiled
def _carried(position: Record) -> tuple[int, float]:
    """Return lots and money at stake, now or after the next open, whichever is more.

    A position that is about to close counts until it has: its market may open later than others'.
    """
    return (
        max(position.lots, position.pending_lots),
        max(position.risk, position.pending_risk),
    )
