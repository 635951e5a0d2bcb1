"""Down, flat or up over the next bars, flat being less than a share of the expected move."""

import math
from dataclasses import dataclass

import polars as pl

from assay.core.errors import SettingsError
from assay.labels.contract import Label
from assay.labels.outcome import check_horizon, end_time, expected_move, log_return, outcome


@dataclass(frozen=True, slots=True)
class ThreeClass(Label):
    """0 down, 1 flat, 2 up over `horizon_bars` rows.

    Flat is an absolute log return of at most `band` × volatility × sqrt(horizon). With normal
    returns a band of 0.25 calls a fifth of the bars flat, 0.43 a third.
    """

    horizon_bars: int = 4
    band: float = 0.25

    def __post_init__(self) -> None:
        check_horizon(self.horizon_bars)
        if not (math.isfinite(self.band) and self.band >= 0):
            raise SettingsError(f"A flat band is finite and zero or more; found {self.band}")

    def values(self, bars: pl.DataFrame, volatility: pl.Series) -> pl.DataFrame:
        """See `Label.values`."""
        moved = log_return(self.horizon_bars)
        edge = self.band * expected_move(self.horizon_bars)
        kind = pl.when(moved > edge).then(2).when(moved < -edge).then(0)
        known = moved.is_not_null() & edge.is_not_null()
        value = pl.when(known).then(kind.otherwise(1))
        return outcome(bars, volatility, value, end_time(self.horizon_bars))
