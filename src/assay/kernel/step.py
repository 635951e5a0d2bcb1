"""One bar of one instrument: what is due fills, the account is marked, the decision waits.

The same compiled function runs in bulk (`run`), in a sweep, and bar by bar from Python for paper
and live trading, so their results are equal to the bit.
"""

from assay.kernel.jit import compiled
from assay.kernel.position import begin_day, decide, mark, open_profit, trade_bar
from assay.kernel.records import Record, Records

_INFINITE = float("inf")


@compiled
def step(state: Records, bar: Records, order: Records, params: Records, trades: Records) -> int:
    """Step `state` (in place) over one closed bar and return how many trades it closed.

    All are structured arrays of length 1 (`STATE`, `BAR`, `ORDER`, `PARAMS`), `trades` of at least
    2 (`TRADE`, written from 0 on). `order` was decided at the close of this bar: it is sized now,
    on the equity of this close, and fills no earlier than the open of the next tradable bar.
    On a bar that is not tradable nothing fills, nothing is decided, the mark stays, and a waiting
    order goes on waiting.

    Order of events: position closed at the open if its time is up or an opposite order waits;
    entry at the same open, worse by half spread and slippage; stop and target, anchored on the
    fill, from that very bar on; mark at the close; breakers; the new decision. Nothing is checked
    here: `Market`, `Orders` and `Params` refuse what would make no sense.
    """
    this, row, asked, rule = state[0], bar[0], order[0], params[0]
    count = begin_bar(
        this,
        rule,
        row.open,
        row.high,
        row.low,
        row.close,
        row.tradable,
        row.half_spread,
        row.rate,
        row.day,
        trades[0],
        trades[1],
    )
    if asked.side != 0 and row.tradable != 0:
        decide_alone(
            this,
            rule,
            asked.side,
            asked.stop,
            asked.target,
            asked.limit_bars,
            asked.lots,
            asked.risk_fraction,
        )
    return count


@compiled
def begin_bar(
    state: Record,
    params: Record,
    open_: int,
    high: int,
    low: int,
    close: int,
    tradable: int,
    half_spread: int,
    rate: float,
    day: int,
    first: Record,
    second: Record,
) -> int:
    """Fill, mark and check the breakers: all of a bar but its decision; return how many closed."""
    state.bar += 1
    if tradable == 0:
        return 0
    state.close = close
    state.rate = rate
    if day != state.day:
        begin_day(state, day)
    if state.side == 0 and state.pending_side == 0:  # flat and idle: the equity stays
        return 0
    return _busy_bar(state, params, open_, high, low, half_spread, rate, first, second)


@compiled
def _busy_bar(
    state: Record,
    params: Record,
    open_: int,
    high: int,
    low: int,
    half_spread: int,
    rate: float,
    first: Record,
    second: Record,
) -> int:
    closed = trade_bar(state, state, params, open_, high, low, half_spread, rate, first, second)
    equity = state.cash + open_profit(state, params)
    mark(state, equity, params.daily_loss, params.drawdown)
    return closed


@compiled
def decide_alone(
    state: Record,
    params: Record,
    side: int,
    stop: int,
    target: int,
    limit_bars: int,
    lots: int,
    risk_fraction: float,
) -> None:
    """Size an order on the state's own account: leverage is the only room that is limited."""
    room = params.max_leverage * state.equity
    decide(
        state,
        state,
        params,
        side,
        stop,
        target,
        limit_bars,
        lots,
        risk_fraction,
        _INFINITE,
        room,
    )
