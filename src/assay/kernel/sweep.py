"""Many settings of one rule on one series: moving-average cross with ATR brackets.

Every set of parameters goes through the kernel's own `begin_bar` and `decide_alone`, so a row of
the answer equals a `run` with the same orders to the bit; bars on which an account is flat and no
order waits are jumped over, which cannot change anything.
"""

from dataclasses import dataclass

import numpy as np

from assay.core.errors import DataError, HistoryError, SettingsError
from assay.kernel.jit import compiled
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import Floats, Integers, Record, Records, new_state, new_trades
from assay.kernel.step import begin_bar, decide_alone
from assay.kernel.volatility import wilder_atr

SWEPT = np.dtype(
    [
        (name, "<i8")
        for name in ("fast_bars", "slow_bars", "trades", "wins", "ambiguous", "bars_held")
    ]
    + [
        (name, "<f8")
        for name in ("stop_atr", "target_atr", "net", "fees", "cost", "equity", "drawdown")
    ]
)
"""One set of parameters and what came of it: `net`, `fees`, `cost` (spread and slippage) of closed
trades, final `equity` and the largest fall of the marked equity from its peak, all in money.
"""


_LONGEST = 46_340
"""Two sums of prices below 2**31, each times the other's length, stay below 2**63."""


@dataclass(frozen=True, slots=True)
class CrossRule:
    """What all sets of a sweep share.

    The order at the close of bar t is LONG when the mean of the last `fast_bars` closes rises above
    that of the last `slow_bars` (and SHORT when it falls below, with `both_sides`), means of ticks
    compared exactly. Stop and target are multiples of Wilder's ATR over `atr_bars`. Size and time
    limit as in `ORDER`.
    """

    atr_bars: int = 14
    limit_bars: int = 0
    lots: int = 0
    risk_fraction: float = 0.0
    both_sides: bool = False

    def __post_init__(self) -> None:
        if self.lots <= 0 and not 0 < self.risk_fraction <= 1:
            raise SettingsError("A sweep needs lots or a risk fraction in (0, 1]")
        if self.limit_bars < 0 or self.atr_bars < 1:
            raise SettingsError("A sweep's limit_bars is 0 or more and its atr_bars 1 or more")

    def orders(
        self, market: Market, fast_bars: int, slow_bars: int, stop_atr: float, target_atr: float
    ) -> Orders:
        """Return the orders of one set, bar by bar, for `run`."""
        average = _atr(market, self.atr_bars)
        side = np.zeros(len(market), np.int8)
        where, signs = _crosses(_totals(market), fast_bars, slow_bars, average, self.both_sides)
        side[where] = signs
        wide = np.nan_to_num(average)
        return Orders.of(
            side,
            stop=np.maximum(np.rint(stop_atr * wide), 1.0),
            target=np.maximum(np.rint(target_atr * wide), 1.0),
            limit_bars=self.limit_bars,
            lots=self.lots,
            risk_fraction=self.risk_fraction,
        )


def sweep(
    market: Market,
    params: Params,
    rule: CrossRule,
    *,
    fast_bars: Integers,
    slow_bars: Integers,
    stop_atr: Floats,
    target_atr: Floats,
    equity: float,
) -> Records:
    """Return one `SWEPT` row for each set of parameters; the four arrays have one length.

    Every bar must be tradable: a mean over bars that are not there would be a guess.
    """
    if not market.tradable.all():
        raise DataError("A sweep needs bars that are all tradable; drop the others first")
    table = np.zeros(len(fast_bars), SWEPT)
    columns = {
        "fast_bars": fast_bars,
        "slow_bars": slow_bars,
        "stop_atr": stop_atr,
        "target_atr": target_atr,
    }
    for name, values in columns.items():
        if not (np.asarray(values) > 0).all():
            raise SettingsError(f"{name} is above zero in every set of a sweep")
        table[name] = values
    longest = max(int(table["fast_bars"].max(initial=0)), int(table["slow_bars"].max(initial=0)))
    if longest > _LONGEST:
        raise SettingsError(f"A mean is over at most {_LONGEST:,} bars; found {longest:,}")
    if len(market) <= longest:
        raise HistoryError(f"A mean over {longest:,} bars was asked of {len(market):,} bars")
    average, totals = _atr(market, rule.atr_bars), _totals(market)
    pairs, group = np.unique(table[["fast_bars", "slow_bars"]], return_inverse=True)
    for number, (fast, slow) in enumerate(pairs):
        where, signs = _crosses(totals, int(fast), int(slow), average, rule.both_sides)
        rows = np.flatnonzero(group == number)
        swept = table[rows]
        _simulate(
            (market.open, market.high, market.low, market.close, average),
            (market.half_spread, market.rate, market.day),
            where,
            signs,
            (rule.limit_bars, rule.lots, rule.risk_fraction),
            new_state(equity),
            params.record(),
            new_trades(2),
            swept,
        )
        table[rows] = swept
    return table


def _atr(market: Market, bars: int) -> Floats:
    return wilder_atr(
        market.high.astype(np.float64),
        market.low.astype(np.float64),
        market.close.astype(np.float64),
        bars,
    )


def _totals(market: Market) -> Integers:
    return np.concatenate([[0], np.cumsum(market.close)])


@compiled
def _crosses(
    totals: Integers,
    fast: int,
    slow: int,
    average: Floats,
    both_sides: bool,  # noqa: FBT001 - compiled code takes no keyword-only arguments
) -> tuple[Integers, Integers]:
    """Return the rows on which the fast mean crosses the slow one, with +1 (up) or -1 (down)."""
    where, signs = np.empty(average.size, np.int64), np.empty(average.size, np.int64)
    count, start = 0, max(fast, slow)
    before = 0
    for t in range(start - 1, average.size):
        quick = (totals[t + 1] - totals[t + 1 - fast]) * slow
        calm = (totals[t + 1] - totals[t + 1 - slow]) * fast
        now = 1 if quick > calm else (-1 if quick < calm else 0)
        if now != before and t >= start and not np.isnan(average[t]):
            if now > 0:
                where[count], signs[count] = t, 1
                count += 1
            elif now < 0 and both_sides:
                where[count], signs[count] = t, -1
                count += 1
        before = now
    return where[:count].copy(), signs[:count].copy()


@compiled
def _simulate(
    series: tuple[Integers, Integers, Integers, Integers, Floats],
    conditions: tuple[Integers, Floats, Integers],
    where: Integers,
    signs: Integers,
    size: tuple[int, int, float],
    fresh: Records,
    params: Records,
    scratch: Records,
    swept: Records,
) -> None:
    for number in range(swept.size):
        state = fresh.copy()
        _one_set(series, conditions, where, signs, size, state, params, scratch, swept, number)


@compiled
def _one_set(
    series: tuple[Integers, Integers, Integers, Integers, Floats],
    conditions: tuple[Integers, Floats, Integers],
    where: Integers,
    signs: Integers,
    size: tuple[int, int, float],
    state: Records,
    params: Records,
    scratch: Records,
    swept: Records,
    number: int,
) -> None:
    open_, high, low, close, average = series
    half_spread, rate, day = conditions
    limit_bars, lots, risk_fraction = size
    this, rule, row = state[0], params[0], swept[number]
    first, second = scratch[0], scratch[1]
    t, k, fall = 0, 0, 0.0
    while t < open_.size:
        if this.side == 0 and this.pending_side == 0:  # idle: go to the next signal
            if k == where.size:
                break
            t = where[k]
            this.bar = t - 1
        closed = begin_bar(
            this,
            rule,
            open_[t],
            high[t],
            low[t],
            close[t],
            1,
            half_spread[min(t, half_spread.size - 1)],
            rate[min(t, rate.size - 1)],
            day[min(t, day.size - 1)],
            first,
            second,
        )
        if closed > 0:
            _count(row, first)
        if closed > 1:
            _count(row, second)
        fall = max(fall, this.peak - this.equity)
        if k < where.size and where[k] == t:
            stop = max(int(np.rint(row.stop_atr * average[t])), 1)
            target = max(int(np.rint(row.target_atr * average[t])), 1)
            decide_alone(this, rule, signs[k], stop, target, limit_bars, lots, risk_fraction)
            k += 1
        t += 1
    row.equity = this.equity
    row.drawdown = fall


@compiled
def _count(row: Record, trade: Record) -> None:
    row.trades += 1
    row.wins += 1 if trade.pnl > 0.0 else 0
    row.ambiguous += trade.ambiguous
    row.bars_held += trade.exit_bar - trade.entry_bar + 1
    row.net += trade.pnl
    row.fees += trade.fees
    row.cost += trade.cost
