"""The raw log return over the next bars."""

from dataclasses import dataclass

import polars as pl

from assay.labels.contract import Label
from assay.labels.outcome import check_horizon, end_time, log_return, outcome


@dataclass(frozen=True, slots=True)
class ForwardReturn(Label):
    """Log return from the close of t to the close `horizon_bars` rows later; a fraction, not %."""

    horizon_bars: int = 4

    def __post_init__(self) -> None:
        check_horizon(self.horizon_bars)

    def values(self, bars: pl.DataFrame, volatility: pl.Series) -> pl.DataFrame:
        """See `Label.values`."""
        ahead = self.horizon_bars
        return outcome(bars, volatility, log_return(ahead), end_time(ahead))
