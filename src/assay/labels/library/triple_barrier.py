"""Which comes first after an entry at the next open: stop, target or the end of patience."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assay.core.errors import SettingsError
from assay.core.values.decision import Side
from assay.kernel.barrier import Resolution, barrier
from assay.kernel.jit import compiled
from assay.kernel.records import Floats, Integers
from assay.kernel.volatility import wilder_atr
from assay.labels.contract import Label
from assay.labels.outcome import check_horizon, outcome

_STOP_FIRST = int(Resolution.PESSIMISTIC)


@dataclass(frozen=True, slots=True)
class TripleBarrier(Label):
    """0 stop first, 1 neither in `limit_bars` bars, 2 target first (−1, 0, +1 of the literature).

    The entry is the open of the next bar without costs; stop and target lie `stop_atr` and
    `target_atr` times the ATR of t away from it and count from the entry bar on, through the
    kernel's own `barrier`; a bar that reaches both is a stop. 2 means that a trade of this `side`
    (LONG or SHORT) won, whichever way the price went. `t1` is the close of the bar that decided.

    The ATR is Wilder's over `atr_bars`, known at t and computed from the bars handed in, so its
    first `atr_bars` rows are null. Near the end of a span quick outcomes are known and slow ones
    null: drop the last `limit_bars` rows where that tilt matters. Source: López de Prado,
    Advances in Financial Machine Learning, 2018, ch. 3.
    """

    stop_atr: float = 2.0
    target_atr: float = 3.0
    limit_bars: int = 12
    atr_bars: int = 14
    side: Side = Side.LONG

    def __post_init__(self) -> None:
        check_horizon(self.limit_bars)
        if not (self.stop_atr > 0 and self.target_atr > 0 and self.atr_bars >= 1):
            raise SettingsError(
                "stop_atr, target_atr and atr_bars are above zero; found "
                f"{self.stop_atr}, {self.target_atr} and {self.atr_bars}"
            )
        if Side(self.side) is Side.WAIT:
            raise SettingsError("A triple barrier needs a side, LONG or SHORT; found WAIT")

    @property
    def horizon_bars(self) -> int:
        """See `Label.horizon_bars`."""
        return self.limit_bars

    @property
    def scale_bars(self) -> int:
        """See `Label.scale_bars`: (1 - 1/14) to the power of 40 x 14 is below 1e-17."""
        return 40 * self.atr_bars

    def values(self, bars: pl.DataFrame, volatility: pl.Series) -> pl.DataFrame:
        """See `Label.values`."""
        open_, high, low, close = (bars[n].to_numpy() for n in ("open", "high", "low", "close"))
        value, ends = _outcomes(
            (open_, high, low),
            wilder_atr(high, low, close, self.atr_bars),
            Side(self.side).sign,
            self.stop_atr,
            self.target_atr,
            self.limit_bars,
        )
        known = pl.Series(ends >= 0)
        t1 = bars["time"].gather(np.maximum(ends, 0)) if bars.height else bars["time"]
        frame = bars.with_columns(
            _value=pl.Series(value),
            _t1=t1.zip_with(known, pl.repeat(None, bars.height, dtype=t1.dtype, eager=True)),
        )
        return outcome(frame, volatility, pl.col("_value"), pl.col("_t1"))


@compiled
def _outcomes(
    prices: tuple[Floats, Floats, Floats],
    average: Floats,
    side: int,
    stop_atr: float,
    target_atr: float,
    limit_bars: int,
) -> tuple[Floats, Integers]:
    """Return the class (NaN: not known) and the row that decided (-1: not known) of every row."""
    open_, high, low = prices
    value = np.full(open_.size, np.nan)
    ends = np.full(open_.size, -1, np.int64)
    for t in range(open_.size - 1):
        if not average[t] > 0.0:
            continue
        stop = open_[t + 1] - side * stop_atr * average[t]
        target = open_[t + 1] + side * target_atr * average[t]
        for k in range(t + 1, min(t + limit_bars, open_.size - 1) + 1):
            hit, _, _ = barrier(open_[k], high[k], low[k], stop, target, side, _STOP_FIRST, 0)
            if hit != 0 or k == t + limit_bars:
                value[t] = 1.0 if hit == 0 else 2.0 * (hit - 1)
                ends[t] = k
                break
    return value, ends
