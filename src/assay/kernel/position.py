"""What one tradable bar does to one position, and what one decision asks of the next.

Shared by `step` (one instrument) and `step_book` (an account); there the same record may stand for
both `position` and `account`.
"""

import numpy as np

from assay.kernel.barrier import Hit, barrier
from assay.kernel.jit import compiled
from assay.kernel.records import NEVER, TICKS_LIMIT, Exit, Record, Refusal

_MISSED, _TARGET_HIT = int(Hit.NONE), int(Hit.TARGET)
_STOP, _TARGET, _TIME, _OPPOSITE = map(int, Exit)
_TAKEN, _TOO_SMALL, _EXPOSURE, _LOSS = map(int, Refusal)


@compiled
def trade_bar(
    position: Record,
    account: Record,
    params: Record,
    open_: int,
    high: int,
    low: int,
    half_spread: int,
    rate: float,
    first: Record,
    second: Record,
) -> int:
    """Fill what is due at the open, then stop or target within the bar; return how many closed.

    Exits come before entries. A bar closes two positions at most: their trades are written to
    `first` and then `second` (two `TRADE` records).
    """
    closed = 0
    if position.pending_side != 0 or position.held_bars >= position.limit_bars:
        closed = _at_open(position, account, params, open_, half_spread, rate, first)
    if position.side == 0:
        return closed
    hit, price, ambiguous = barrier(
        open_,
        high,
        low,
        position.stop,
        position.target,
        position.side,
        params.resolution,
        params.through_ticks,
    )
    if hit == _MISSED:
        _stretch(position, high, low)
        position.held_bars += 1
        return closed
    trade = second if closed else first
    slippage, reason = params.slippage_ticks, _STOP
    if hit == _TARGET_HIT:  # a resting limit order does not slip
        slippage, reason = 0, _TARGET
    _stretch(position, max(open_, price), min(open_, price))
    _close(position, account, params, price, half_spread, slippage, rate, trade)
    trade.reason = reason
    trade.ambiguous = ambiguous
    return closed + 1


@compiled
def _at_open(
    position: Record,
    account: Record,
    params: Record,
    open_: int,
    half_spread: int,
    rate: float,
    trade: Record,
) -> int:
    closed = 0
    timed_out = position.held_bars >= position.limit_bars
    if position.side != 0 and (timed_out or position.pending_side == -position.side):
        _stretch(position, open_, open_)
        _close(position, account, params, open_, half_spread, params.slippage_ticks, rate, trade)
        trade.reason = _TIME if timed_out else _OPPOSITE
        trade.ambiguous = 0
        closed = 1
    if position.pending_lots > 0 and position.side == 0:
        _enter(position, account, params, open_, half_spread, rate)
    position.pending_side = 0
    position.pending_lots = 0
    position.pending_risk = 0.0
    return closed


@compiled
def _enter(
    position: Record, account: Record, params: Record, open_: int, half_spread: int, rate: float
) -> None:
    side, lots = position.pending_side, position.pending_lots
    paid = half_spread + params.slippage_ticks
    entry = open_ + side * paid
    unit = params.tick_value * rate
    position.side = side
    position.lots = lots
    position.entry_bar = position.bar
    position.decided_bar = position.pending_bar
    position.entry = entry
    position.stop = entry - side * position.pending_stop
    position.target = entry + side * position.pending_target
    position.limit_bars = position.pending_limit
    position.held_bars = 0
    position.adverse = 0
    position.favourable = 0
    position.entry_fees = params.fee_rate * (lots * entry) * unit
    position.entry_cost = (lots * paid) * unit
    position.risk = position.pending_risk
    account.cash -= position.entry_fees


@compiled
def _close(
    position: Record,
    account: Record,
    params: Record,
    price: int,
    half_spread: int,
    slippage: int,
    rate: float,
    trade: Record,
) -> None:
    side, lots = position.side, position.lots
    paid = half_spread + slippage
    fill = price - side * paid
    unit = params.tick_value * rate
    gain = side * (fill - position.entry) * lots * unit
    fees = params.fee_rate * (lots * fill) * unit
    account.cash += gain - fees
    trade.instrument = 0
    trade.decided_bar = position.decided_bar
    trade.entry_bar = position.entry_bar
    trade.exit_bar = position.bar
    trade.side = side
    trade.lots = lots
    trade.entry = position.entry
    trade.exit = fill
    trade.stop = position.stop
    trade.target = position.target
    trade.adverse = position.adverse
    trade.favourable = position.favourable
    trade.fees = position.entry_fees + fees
    trade.cost = position.entry_cost + (lots * paid) * unit
    trade.pnl = gain - fees - position.entry_fees
    position.side = 0
    position.lots = 0
    position.limit_bars = NEVER
    position.held_bars = 0
    position.risk = 0.0


@compiled
def _stretch(position: Record, high: int, low: int) -> None:
    above, below = high - position.entry, position.entry - low
    if position.side < 0:
        above, below = below, above
    position.favourable = max(position.favourable, above)
    position.adverse = max(position.adverse, below)


@compiled
def open_profit(position: Record, params: Record) -> float:
    """Return the position's gain at the last tradable close, before any cost of closing."""
    moved = position.side * (position.close - position.entry) * position.lots
    return float(moved * (params.tick_value * position.rate))


@compiled
def begin_day(account: Record, day: int) -> None:
    """Remember the equity before the first bar of trading day `day`; lift the last day's halt."""
    account.day = day
    account.day_start = account.equity
    account.day_halted = 0


@compiled
def mark(account: Record, equity: float, daily_loss: float, drawdown: float) -> None:
    """Set the equity after a bar, and halt new entries where a breaker trips."""
    account.equity = equity
    account.peak = max(account.peak, equity)
    if equity <= account.day_start * (1.0 - daily_loss):
        account.day_halted = 1
    if equity <= account.peak * (1.0 - drawdown):
        account.halted = 1


@compiled
def keeps(position: Record) -> bool:
    """Say whether the position, if any, outlives the next open unless an order closes it."""
    return bool(position.side != 0 and position.held_bars < position.limit_bars)


@compiled
def decide(
    position: Record,
    account: Record,
    params: Record,
    side: int,
    stop: int,
    target: int,
    limit_bars: int,
    lots: int,
    risk_fraction: float,
    risk_room: float,
    notional_room: float,
) -> None:
    """Turn an order with a side into what is pending for the next tradable open.

    The same side as a position that stays is no order at all. The opposite side always closes;
    it, or an order from flat, opens only lots that fit `risk_room` and `notional_room` (money),
    and none while a breaker has halted the account: `position.refusal` then says why.
    """
    if keeps(position) and position.side == side:
        return
    unit = params.tick_value * position.rate
    notional = position.close * unit
    at_stake = stop * unit if stop > 0 else notional
    opening = 0
    if account.halted != 0 or account.day_halted != 0 or not account.equity > 0.0:
        refusal = _LOSS
    else:
        wanted = float(lots)
        if lots <= 0:
            wanted = risk_fraction * account.equity / at_stake if stop > 0 else 0.0
        opening = _whole(min(wanted, risk_room / at_stake, notional_room / notional))
        refusal = _TAKEN if opening > 0 else (_EXPOSURE if wanted >= 1.0 else _TOO_SMALL)
    position.refusal = refusal
    if opening > 0 or position.side == -side:
        position.pending_side = side
        position.pending_lots = opening
        position.pending_bar = position.bar
        position.pending_stop = stop if stop > 0 else NEVER
        position.pending_target = target if target > 0 else NEVER
        position.pending_limit = limit_bars if limit_bars > 0 else NEVER
        position.pending_risk = opening * at_stake


@compiled
def _whole(wanted: float) -> int:
    if not wanted >= 1.0:  # NaN included
        return 0
    return int(np.floor(min(wanted, float(TICKS_LIMIT - 1))))
