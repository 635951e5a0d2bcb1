"""Prices, one row a bar, stamped with the close of the bar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.core.calendars.table import micros
from assay.core.errors import DataError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe

BAR_SCHEMA = pl.Schema(
    {
        "time": pl.Datetime("us", "UTC"),
        "open": pl.Float64(),
        "high": pl.Float64(),
        "low": pl.Float64(),
        "close": pl.Float64(),
        "volume": pl.Float64(),
    }
)
PRICES = ("open", "high", "low", "close")
_PIECE = 65_536
"""Rows that are looked at together: their columns stay in the cache."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one instrument and timeframe.

    `frame` has the columns of `BAR_SCHEMA`: `time` is the UTC **close** of the bar, strictly
    increasing; prices are finite and above zero, `low` ≤ `open`, `close` ≤ `high`; `volume` is in
    the provider's unit, 0 where none is published. A missing bar is a missing row, never a filled
    one. Anything else is refused with `DataError`.
    """

    instrument: Instrument
    timeframe: Timeframe
    frame: pl.DataFrame

    def __post_init__(self) -> None:
        name = f"{self.instrument.symbol} {self.timeframe}"
        if self.frame.schema != BAR_SCHEMA:
            raise DataError(
                f"{name}: bars need the columns {dict(BAR_SCHEMA)}; found {dict(self.frame.schema)}"
            )
        problem = first_problem(self.frame)
        if problem:
            raise DataError(f"{name}: {problem}")

    @classmethod
    def again(cls, instrument: Instrument, timeframe: Timeframe, frame: pl.DataFrame) -> "Bars":
        """Return rows that were `Bars` before and came back unaltered; they are not gone through.

        Only for a store that has checked its bytes against their hash: going through a million
        rows costs a third of reading them.
        """
        found = object.__new__(cls)
        for name, value in (("instrument", instrument), ("timeframe", timeframe), ("frame", frame)):
            object.__setattr__(found, name, value)
        return found

    def __len__(self) -> int:
        return self.frame.height

    @property
    def first_time(self) -> datetime:
        """Return the close of the first bar; an empty frame is refused."""
        return self._time(0)

    @property
    def last_time(self) -> datetime:
        """Return the close of the last bar; an empty frame is refused."""
        return self._time(-1)

    @property
    def micros(self) -> npt.NDArray[np.int64]:
        """Return the closes of the bars (n,) in microseconds since 1970 UTC, read-only."""
        return micros(self.frame["time"])

    def until(self, moment: datetime) -> "Bars":
        """Return the bars that had closed by `moment`, that one included."""
        return Bars(self.instrument, self.timeframe, self.frame.filter(pl.col("time") <= moment))

    def _time(self, row: int) -> datetime:
        if not self.frame.height:
            raise DataError(f"{self.instrument.symbol} {self.timeframe}: there are no bars")
        found = self.frame["time"][row]
        assert isinstance(found, datetime)
        return found


def first_problem(frame: pl.DataFrame) -> str | None:
    """Return the first rule that `frame` breaks, with its row and time, or None."""
    if _is_sound(frame):
        return None
    rules = _rules()
    found = frame.select(broken.any().alias(str(i)) for i, (_, broken) in enumerate(rules)).row(0)
    for (said, broken), is_broken in zip(rules, found, strict=True):
        if is_broken:
            hits = frame.with_row_index("row").filter(broken)
            row, time = hits["row"][0], hits["time"][0]
            return f"{said} in {hits.height:,} bars, first in row {row:,} at {time}"
    return None


def _is_sound(frame: pl.DataFrame) -> bool:
    """Say whether no rule is broken: the same rules over arrays, far quicker where all is well."""
    if any(column.null_count() for column in frame):
        return False
    last = np.iinfo(np.int64).min
    for piece in _pieces(frame):
        time = piece["time"].to_physical().to_numpy()
        if not (last < time[0] and (time[1:] > time[:-1]).all() and _fits(piece)):
            return False
        last = time[-1]
    return True


def _pieces(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield a few rows at a time, cut where the memory is, so that nothing is copied."""
    if frame.height <= _PIECE:
        yield from (frame,) if frame.height else ()
        return
    begin = 0
    for length in frame["time"].chunk_lengths():
        for start in range(begin, begin + length, _PIECE):
            yield frame.slice(start, min(_PIECE, begin + length - start))
        begin += length


def _fits(piece: pl.DataFrame) -> bool:
    opened, high, low, close, volume = (piece[name].to_numpy() for name in (*PRICES, "volume"))
    return bool(
        low.min() > 0.0  # a NaN is in no order
        and high.max() < np.inf
        and volume.min() >= 0.0
        and volume.max() < np.inf
        and (low <= opened).all()
        and (low <= close).all()
        and (opened <= high).all()
        and (close <= high).all()
    )


def _rules() -> Sequence[tuple[str, pl.Expr]]:
    prices = [pl.col(name) for name in PRICES]
    return (
        ("the time is missing", pl.col("time").is_null()),
        ("time does not increase", (pl.col("time").diff() <= pl.duration()).fill_null(value=False)),
        (
            "a price is missing, NaN or infinite",
            pl.any_horizontal(*(p.is_null() | ~p.is_finite() for p in prices)),
        ),
        ("a price is zero or negative", pl.any_horizontal(*(p <= 0 for p in prices))),
        ("high is below open, low or close", pl.max_horizontal(*prices) > pl.col("high")),
        ("low is above open, high or close", pl.min_horizontal(*prices) < pl.col("low")),
        (
            "volume is missing, NaN, infinite or negative",
            pl.col("volume").is_null() | ~pl.col("volume").is_finite() | (pl.col("volume") < 0),
        ),
    )
