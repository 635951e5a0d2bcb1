"""Decisions of many instruments through one account: fills, equity, baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.kernel.barrier import Resolution
from assay.kernel.book import BookResult, Limits, run_book
from assay.kernel.costs import Rates, default_costs, default_ticks
from assay.kernel.grid import align, align_orders, union
from assay.kernel.market import Market, Orders, Params
from assay.models.contract import Floats
from assay.risk.decide import Decisions
from assay.workflows.gather import Prepared, Series
from assay.workflows.replay import LIMIT_BARS, Replayed

Integers = NDArray[np.int64]
START_EQUITY = 1_000_000.0
ROUGH_RATES = {"JPY": 0.0085, "CHF": 1.05, "GBP": 1.3, "CAD": 0.76, "AUD": 0.72, "NZD": 0.66}
ROUGH_RATES |= {"EUR": 1.12, "USD": 1.0, "USDT": 1.0}
"""Used for a quote currency whose pair with the dollar is not stored: only lot rounding feels it,
because profit and size are converted alike."""


@dataclass(frozen=True, slots=True)
class Book:
    """One account over the joined test spans.

    `grid` (n,) is the close of every row, UTC microseconds; `day` (n,) its trading day;
    `instruments` in the order of the kernel's positions; `first_rows` where each one's bars begin.
    """

    grid: Integers
    day: Integers
    instruments: tuple[Instrument, ...]
    markets: tuple[Market, ...]
    orders: tuple[Orders, ...]
    params: tuple[Params, ...]

    def run(
        self,
        *,
        resolution: Resolution = Resolution.PESSIMISTIC,
        cost_factor: float = 1.0,
        orders: Sequence[Orders] | None = None,
    ) -> BookResult:
        """Run the account; `cost_factor` multiplies every cost, 0 means free."""
        return run_book(
            [_spread_times(market, cost_factor) for market in self.markets],
            self.orders if orders is None else orders,
            [_params_times(each, cost_factor, resolution) for each in self.params],
            Limits(),
            equity=START_EQUITY,
        )

    def daily(self, result: BookResult) -> Floats:
        """Return the simple return of equity of each trading day, in order."""
        last = np.flatnonzero(np.diff(self.day, append=self.day[-1] + 1))
        closes = np.concatenate([[START_EQUITY], result.equity[last]])
        return np.asarray(closes[1:] / closes[:-1] - 1.0)

    @property
    def days(self) -> Integers:
        """Return the trading days, in order, as days since 1970."""
        return np.unique(self.day)


class Decided(Protocol):
    """What was decided of one series: at which of its rows, and what."""

    @property
    def series(self) -> Series:
        """Return the series."""

    @property
    def rows(self) -> Integers:
        """Return (n,) places in the prepared series, rising."""

    @property
    def decisions(self) -> Decisions:
        """Return the n decisions."""


def book_of(
    prepared: Mapping[Series, Prepared],
    replays: Sequence[Decided],
    *,
    limit_bars: int = LIMIT_BARS,
    rates: Mapping[Series, Rates] = MappingProxyType({}),
) -> Book:
    """Return the account of all decided spans, on the union of the instruments' bars.

    A position is held for at most `limit_bars`; `rates` are what trading costs, by series, the
    usual ones of its market where there are none.
    """
    series = sorted({replay.series for replay in replays})
    items = [prepared[each] for each in series]
    own = {each: [r for r in replays if r.series == each] for each in series}
    spans = [_span(own[each]) for each in series]
    times = [item.time[span] for item, span in zip(items, spans, strict=True)]
    grid, rows = union(times)
    markets, orders, params = [], [], []
    for item, span, places, each in zip(items, spans, rows, series, strict=True):
        market, rule = _market(item, span, prepared, rates.get(each))
        markets.append(align(market, places, len(grid)))
        own_orders = _orders(span, own[each], limit_bars)
        orders.append(align_orders(own_orders, places, len(grid)))
        params.append(rule)
    day = _days(max(items, key=lambda i: (i.instrument.days_per_year, len(i.time))), grid)
    return Book(
        grid, day, tuple(i.instrument for i in items), tuple(markets), tuple(orders), tuple(params)
    )


def _span(replays: Sequence[Decided]) -> slice:
    return slice(int(min(r.rows[0] for r in replays)), int(max(r.rows[-1] for r in replays)) + 1)


def _days(item: Prepared, grid: Integers) -> Integers:
    """Return the trading day of each row of the grid, by the clock of `item`.

    Of several instruments it is the one that trades on most days, so that a year has as many days
    as figures are annualised with.
    """
    import polars as pl

    times = pl.Series("time", grid).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    days = calendar(item.instrument.calendar).trading_day(times, item.series.timeframe)
    return np.maximum.accumulate(days.to_physical().to_numpy().astype(np.int64))


def _market(
    item: Prepared, span: slice, prepared: Mapping[Series, Prepared], rates: Rates | None
) -> tuple[Market, Params]:
    bars = Bars(item.instrument, item.series.timeframe, item.bars.frame[span])
    opens = bars.frame["open"].to_numpy()
    costs = default_costs(item.instrument, float(opens[0]), rates)
    half_spread, slippage = default_ticks(item.instrument, opens, rates)
    market = Market.of(
        bars,
        # a price that rose since the first bar pays more ticks of slippage: as spread, bar by bar
        half_spread_ticks=half_spread + np.maximum(slippage - costs.slippage_ticks, 0),
        rate=_rate(item, span, prepared),
        day=_days(item, item.time[span]),
    )
    return market, Params.of(item.instrument, costs)


def _rate(item: Prepared, span: slice, prepared: Mapping[Series, Prepared]) -> Floats | float:
    """Return dollars per unit of the quote currency at each bar, from what was known by then."""
    quote, frame = item.instrument.quote, item.series.timeframe
    if quote in ("USD", "USDT"):
        return 1.0
    for symbol, invert in ((f"{quote}USD", False), (f"USD{quote}", True)):
        other = prepared.get(Series(symbol, frame))
        if other is None:
            continue
        close = other.bars.frame["close"].to_numpy()
        place = np.searchsorted(other.time, item.time[span], side="right") - 1
        known = close[np.maximum(place, 0)]
        return np.asarray(1.0 / known if invert else known)
    return ROUGH_RATES.get(quote, 1.0)


def _orders(span: slice, replays: Sequence[Decided], limit_bars: int) -> Orders:
    size = span.stop - span.start
    side, stop, target = np.zeros(size, np.int8), np.zeros(size, np.int64), np.zeros(size, np.int64)
    risk = np.zeros(size)
    for replay in replays:
        at = replay.rows - span.start
        side[at] = replay.decisions.side
        stop[at] = replay.decisions.stop_ticks
        target[at] = replay.decisions.target_ticks
        risk[at] = replay.decisions.risk_fraction
    return Orders.of(
        side,
        stop=stop,
        target=target,
        limit_bars=np.full(size, limit_bars),
        risk_fraction=risk,
    )


def naive_orders(
    book: Book, prepared: Mapping[Series, Prepared], replays: Sequence[Replayed], risk: float
) -> list[Orders]:
    """Return orders on the side of climatology on every bar, with the chain's stops and size."""
    series = sorted({replay.series for replay in replays})
    made = []
    for each in series:
        item = prepared[each]
        own = [r for r in replays if r.series == each]
        span = _span(own)
        side = np.zeros(span.stop - span.start, np.int8)
        for replay in own:
            side[replay.rows - span.start] = np.where(replay.pooled.base >= 0.5, 1, -1)
        atr = np.nan_to_num(item.atr[span], nan=0.0) / item.instrument.tick_size
        side[atr <= 0] = 0
        orders = Orders.of(
            side,
            stop=np.maximum(np.ceil(2 * atr), 1),
            target=np.maximum(np.ceil(3 * atr), 1),
            limit_bars=np.full(len(side), LIMIT_BARS),
            risk_fraction=np.where(side != 0, risk, 0.0),
        )
        places = np.searchsorted(book.grid, item.time[span])
        made.append(align_orders(orders, places, len(book.grid)))
    return made


def buy_and_hold(book: Book) -> Floats:
    """Return the daily return of an equal weight in every instrument, rebalanced daily, free."""
    days = book.days
    total, count = np.zeros(len(days)), np.zeros(len(days))
    for market in book.markets:
        traded = np.flatnonzero(market.tradable)
        close = market.close[traded].astype(np.float64)
        last = np.flatnonzero(np.diff(book.day[traded], append=book.day[traded][-1] + 1))
        change = np.diff(np.log(close[last]))
        at = np.searchsorted(days, book.day[traded][last][1:])
        total[at] += np.expm1(change)
        count[at] += 1
    return np.asarray(np.divide(total, count, out=np.zeros(len(days)), where=count > 0))


def _spread_times(market: Market, factor: float) -> Market:
    if factor == 1.0:
        return market
    spread = np.ceil(market.half_spread * factor).astype(np.int64)
    return Market(
        market.open,
        market.high,
        market.low,
        market.close,
        market.tradable,
        spread,
        market.day,
        market.rate,
    )


def _params_times(params: Params, factor: float, resolution: Resolution) -> Params:
    return Params(
        params.tick_value,
        params.costs.times(factor),
        params.max_leverage,
        params.daily_loss,
        params.drawdown,
        params.through_ticks,
        resolution,
    )
