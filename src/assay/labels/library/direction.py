"""Whether the price rose or fell over the next bars."""

from dataclasses import dataclass

import polars as pl

from assay.labels.contract import Label
from assay.labels.outcome import check_horizon, end_time, outcome


@dataclass(frozen=True, slots=True)
class Direction(Label):
    """1 if the close `horizon_bars` rows later is higher, 0 if lower, null if exactly equal."""

    horizon_bars: int = 4

    def __post_init__(self) -> None:
        check_horizon(self.horizon_bars)

    def values(self, bars: pl.DataFrame, volatility: pl.Series) -> pl.DataFrame:
        """See `Label.values`."""
        later = pl.col("close").shift(-self.horizon_bars)
        rose = pl.when(later != pl.col("close")).then(later > pl.col("close"))
        return outcome(bars, volatility, rose, end_time(self.horizon_bars))
