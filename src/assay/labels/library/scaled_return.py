"""The log return over the next bars in units of its expected size."""

from dataclasses import dataclass

import polars as pl

from assay.labels.contract import Label
from assay.labels.outcome import check_horizon, end_time, expected_move, log_return, outcome


@dataclass(frozen=True, slots=True)
class ScaledReturn(Label):
    """Log return over `horizon_bars` rows, divided by volatility × sqrt(horizon); null at zero."""

    horizon_bars: int = 4

    def __post_init__(self) -> None:
        check_horizon(self.horizon_bars)

    def values(self, bars: pl.DataFrame, volatility: pl.Series) -> pl.DataFrame:
        """See `Label.values`."""
        ahead = self.horizon_bars
        scaled = log_return(ahead) / expected_move(ahead)
        return outcome(bars, volatility, scaled, end_time(ahead))
