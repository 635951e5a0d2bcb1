"""The columns of bars as arrays, for rules that look at hundreds of thousands at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.table import Micros, micros
from assay.core.values.bars import PRICES

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """Bars in the order they came; `time` (closes, microseconds UTC), unknown values NaN."""

    time: Micros
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Columns":
        """Return the columns of a frame of `BAR_SCHEMA`, whatever it holds."""
        values = (frame[name].cast(pl.Float64).to_numpy() for name in (*PRICES, "volume"))
        return cls(micros(frame["time"]), *values)  # null is NaN, and NaT the smallest integer

    def __len__(self) -> int:
        return len(self.time)

    @property
    def prices(self) -> Floats:
        """Return (n, 4) open, high, low and close."""
        return np.stack([self.open, self.high, self.low, self.close], axis=1)

    def frame(self) -> pl.DataFrame:
        """Return them as a frame of `BAR_SCHEMA`."""
        time = pl.Series(self.time).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        values = (self.open, self.high, self.low, self.close, self.volume)
        return pl.DataFrame([time.alias("time"), *map(pl.Series, (*PRICES, "volume"), values)])

    def take(self, rows: npt.NDArray[np.int64] | slice) -> "Columns":
        """Return the rows chosen by indices, or a stretch of them."""
        return Columns(
            self.time[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            self.volume[rows],
        )


def runs(mask: Mask, least: int = 1) -> list[tuple[int, int]]:
    """Return first and last place of each run of at least so many true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    pairs = edges.reshape(-1, 2)
    pairs = pairs[pairs[:, 1] - pairs[:, 0] >= least]
    return [(first, after - 1) for first, after in pairs.tolist()]
