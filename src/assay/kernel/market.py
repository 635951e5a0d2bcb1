"""What goes into the kernel: prices in ticks, orders and parameters, each refused when wrong."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assay.core.errors import DataError, SettingsError
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.kernel.barrier import Resolution
from assay.kernel.costs import Costs
from assay.kernel.records import (
    BAR,
    ORDER,
    PARAMS,
    TICKS_LIMIT,
    Flags,
    Floats,
    Integers,
    Records,
    Signs,
)

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Market:
    """Bars of one instrument as the kernel reads them.

    `open high low close` are int64 ticks (n,). `tradable`, `half_spread` (ticks), `day` (number of
    the trading day) and `rate` (account money per unit of quote currency) have length n, or 1 for
    all bars. Prices of bars that are not tradable are never read. Anything else is a `DataError`.
    """

    open: Integers
    high: Integers
    low: Integers
    close: Integers
    tradable: Flags
    half_spread: Integers
    day: Integers
    rate: Floats

    def __post_init__(self) -> None:
        for name in ("high", "low", "close"):
            if getattr(self, name).shape != self.open.shape:
                raise DataError(
                    f"A market has as many {name} as open prices; found "
                    f"{getattr(self, name).size:,} and {self.open.size:,}"
                )
        for name in ("tradable", "half_spread", "day", "rate"):
            _check_length(name, getattr(self, name), len(self))
        top = np.maximum(self.open, self.close)
        bottom = np.minimum(self.open, self.close)
        paid = self.half_spread
        _refuse(self, "a price is outside 1 .. 2,147,483,647 ticks", self._out_of_range())
        _refuse(
            self,
            "high or low does not enclose open and close",
            (self.high < top) | (self.low > bottom),
        )
        _refuse(
            self,
            "the half spread is negative or not below the low",
            (paid < 0) | (paid >= self.low),
        )
        _refuse(
            self,
            "the conversion rate is not finite and above zero",
            ~(np.isfinite(self.rate) & (self.rate > 0)),
        )

    def _out_of_range(self) -> Flags:
        return (self.low < 1) | (self.high >= TICKS_LIMIT)

    def __len__(self) -> int:
        return self.open.size

    @classmethod
    def of(
        cls,
        bars: Bars,
        *,
        half_spread_ticks: npt.ArrayLike,
        tradable: npt.ArrayLike = True,
        rate: npt.ArrayLike = 1.0,
        day: npt.ArrayLike | None = None,
    ) -> "Market":
        """Return `bars` in ticks of their instrument, each price rounded to the nearest tick.

        A half spread between two ticks is rounded up. `day` defaults to the UTC date in which the
        bar closed (midnight belongs to the day before); hand in the calendar's own trading days
        where a daily-loss limit matters.
        """
        frame, instrument = bars.frame, bars.instrument
        if day is None:
            day = (frame["time"].to_physical().to_numpy() - 1) // _DAY_US
        names = ("open", "high", "low", "close")
        open_, high, low, close = (to_ticks(instrument, frame[name].to_numpy()) for name in names)
        spread = np.atleast_1d(np.asarray(half_spread_ticks, dtype=np.float64))
        if not np.isfinite(spread).all():
            raise DataError(f"{instrument.symbol}: a half spread is missing, NaN or infinite")
        return cls(
            open_,
            high,
            low,
            close,
            np.atleast_1d(np.asarray(tradable, dtype=np.bool_)),
            np.ceil(spread).astype(np.int64),
            np.atleast_1d(np.asarray(day, dtype=np.int64)),
            np.atleast_1d(np.asarray(rate, dtype=np.float64)),
        )

    def row(self, index: int) -> Records:
        """Return one bar as a `BAR` record, for `step`."""
        return self.records(slice(index, index + 1))

    def records(self, rows: slice = slice(None)) -> Records:
        """Return bars as `BAR` records, one a row."""
        whole = np.zeros(len(self), BAR)[rows]
        for name in BAR.names or ():
            values = getattr(self, name)
            whole[name] = values[rows] if values.size == len(self) else values
        return whole


@dataclass(frozen=True, slots=True)
class Orders:
    """What was decided at the close of each bar; `ORDER` says what the columns mean.

    `side` is int8 (n,); the others have length n, or 1 for all bars. An order with a side needs a
    stop (its size follows from the risk) or a number of lots, or no risk at all: it then only
    closes a position of the other side. Anything else is a `SettingsError`.
    """

    side: Signs
    stop: Integers
    target: Integers
    limit_bars: Integers
    lots: Integers
    risk_fraction: Floats

    def __post_init__(self) -> None:
        for name in ("stop", "target", "limit_bars", "lots", "risk_fraction"):
            values = getattr(self, name)
            _check_length(name, values, len(self))
            if not (values >= 0).all():
                raise SettingsError(f"An order's {name} is zero or more; found {values.min()}")
        if not np.isin(self.side, (-1, 0, 1)).all():
            raise SettingsError("An order's side is +1, -1 or 0 (WAIT)")
        if (self.risk_fraction > 1).any():
            raise SettingsError(
                f"An order risks at most all of the equity; found {self.risk_fraction.max()}"
            )
        for name in ("stop", "target", "lots"):
            if (getattr(self, name) >= TICKS_LIMIT).any():
                raise SettingsError(f"An order's {name} is below {TICKS_LIMIT:,}")
        unsized = (self.stop == 0) & (self.lots == 0) & (self.risk_fraction > 0)
        if (unsized & (self.side != 0)).any():
            raise SettingsError("An order that risks a fraction needs a stop to be sized by")

    def __len__(self) -> int:
        return self.side.size

    @classmethod
    def of(
        cls,
        side: npt.ArrayLike,
        *,
        stop: npt.ArrayLike = 0,
        target: npt.ArrayLike = 0,
        limit_bars: npt.ArrayLike = 0,
        lots: npt.ArrayLike = 0,
        risk_fraction: npt.ArrayLike = 0.0,
    ) -> "Orders":
        """Return orders from anything array-like; distances are whole ticks (see `distance`)."""
        return cls(
            np.atleast_1d(np.asarray(side)).astype(np.int8),
            _whole("stop", stop),
            _whole("target", target),
            _whole("limit_bars", limit_bars),
            _whole("lots", lots),
            np.atleast_1d(np.asarray(risk_fraction, dtype=np.float64)),
        )

    def row(self, index: int) -> Records:
        """Return one order as an `ORDER` record, for `step`."""
        return self.records(slice(index, index + 1))

    def records(self, rows: slice = slice(None)) -> Records:
        """Return orders as `ORDER` records, one a row."""
        whole = np.zeros(len(self), ORDER)[rows]
        for name in ORDER.names or ():
            values = getattr(self, name)
            whole[name] = values[rows] if values.size == len(self) else values
        return whole


@dataclass(frozen=True, slots=True)
class Params:
    """What stays the same over a run, for one instrument.

    `tick_value` is the worth of one tick of one lot in the quote currency. `max_leverage` caps a
    position's notional as a multiple of equity, both at the close of the decision. `daily_loss`
    and `drawdown` (shares of equity, None = off) halt new entries: for the rest of the trading
    day, and until a person resets `state["halted"]`. A target fills only when the price goes
    `through_ticks` beyond it.
    """

    tick_value: float
    costs: Costs
    max_leverage: float = 10.0
    daily_loss: float | None = None
    drawdown: float | None = None
    through_ticks: int = 0
    resolution: Resolution = Resolution.PESSIMISTIC

    def __post_init__(self) -> None:
        for name in ("tick_value", "max_leverage"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise SettingsError(f"{name} is finite and above zero; found {value}")
        for name in ("daily_loss", "drawdown"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise SettingsError(f"{name} is None or lies in (0, 1]; found {value}")
        if self.through_ticks < 0:
            raise SettingsError(f"through_ticks is zero or more; found {self.through_ticks}")

    @classmethod
    def of(
        cls,
        instrument: Instrument,
        costs: Costs,
        *,
        max_leverage: float = 10.0,
        daily_loss: float | None = None,
        drawdown: float | None = None,
        through_ticks: int = 0,
        resolution: Resolution = Resolution.PESSIMISTIC,
    ) -> "Params":
        """Return the parameters of `instrument`: its tick times its lot is the tick value."""
        tick_value = float(instrument.tick * instrument.lot)
        return cls(tick_value, costs, max_leverage, daily_loss, drawdown, through_ticks, resolution)

    def record(self) -> Records:
        """Return the `PARAMS` record, for `step`."""
        record = np.zeros(1, PARAMS)
        record["tick_value"] = self.tick_value
        record["fee_rate"] = self.costs.fee_bps * 1e-4
        record["slippage_ticks"] = self.costs.slippage_ticks
        record["through_ticks"] = self.through_ticks
        record["resolution"] = int(self.resolution)
        record["max_leverage"] = self.max_leverage
        record["daily_loss"] = math.inf if self.daily_loss is None else self.daily_loss
        record["drawdown"] = math.inf if self.drawdown is None else self.drawdown
        return record


def to_ticks(instrument: Instrument, prices: npt.ArrayLike) -> Integers:
    """Return prices as the nearest whole number of ticks; a price that is not finite is refused."""
    values = np.asarray(prices, dtype=np.float64)
    ticks = np.rint(values / instrument.tick_size)
    good = np.isfinite(ticks) & (ticks >= 1) & (ticks < TICKS_LIMIT)
    if not good.all():
        row = int(np.argmin(good))
        raise DataError(
            f"{instrument.symbol}: a price must be finite, at least one tick ({instrument.tick}) "
            f"and under {TICKS_LIMIT:,} of them; found {values[row]} in row {row:,}"
        )
    return ticks.astype(np.int64)


def distance(instrument: Instrument, prices: npt.ArrayLike) -> Integers:
    """Return price distances as ticks, at least 1, rounded to the nearest; NaN becomes 0 (none)."""
    values = np.asarray(prices, dtype=np.float64)
    if np.isinf(values).any() or (values < 0).any():
        raise DataError(f"{instrument.symbol}: a distance is finite and zero or more")
    ticks = np.maximum(np.rint(values / instrument.tick_size), 1.0)
    return np.where(np.isnan(values), 0.0, ticks).astype(np.int64)


def _refuse(market: Market, said: str, broken: Flags) -> None:
    hits = np.flatnonzero(broken & market.tradable)
    if hits.size:
        raise DataError(f"A market was refused: {said} in row {hits[0]:,}")


def _check_length(name: str, values: npt.NDArray[np.generic], count: int) -> None:
    if values.ndim != 1 or values.size not in (1, count):
        raise DataError(f"{name} has length 1 or {count:,}; found {values.shape}")


def _whole(name: str, values: npt.ArrayLike) -> Integers:
    given = np.atleast_1d(np.asarray(values))
    whole = given.astype(np.int64)
    if not np.array_equal(whole, given):
        raise SettingsError(f"An order's {name} is a whole number")
    return whole
