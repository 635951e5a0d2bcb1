"""What the calendar and a bar's time tell together: the market's day, and the time in a zone."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from assay.features.contract import Frames, Input
from assay.features.windows import Vector

Places: TypeAlias = npt.NDArray[np.int64]

DAY_MINUTES = 1440
WEEK_MINUTES = 7 * DAY_MINUTES
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2070, 1, 1, tzinfo=UTC)


def minutes(frames: Frames) -> Vector:
    """Return the time of each bar in minutes since 1970-01-01 UTC."""
    return frames.times(Input.BARS) / 60e6


def day_close(frames: Frames) -> Vector:
    """Return when the market's day of each bar closes, in minutes since 1970-01-01 UTC."""
    return minutes(frames) + frames.numbers(Input.CALENDAR, "minutes_to_close")


def date_before(moments: Vector) -> Places:
    """Return the UTC date, in days since 1970, of the last minute before each; NaN is day 0."""
    known = np.where(np.isnan(moments), 0.5, moments)
    return np.floor((known - 0.5) / DAY_MINUTES).astype(np.int64)


def once_a_run(values: Vector, make: Callable[[Vector], Vector]) -> Vector:
    """Return `make(values)` row by row, made once for each run of equal values."""
    if not values.size:
        return make(values)
    new = np.empty(values.size, dtype=np.bool_)
    new[0] = True
    np.not_equal(values[1:], values[:-1], out=new[1:])
    found: Vector = make(values[new])[np.cumsum(new) - 1]
    return found


def minutes_ahead_of_utc(zone: str, days: Places) -> Vector:
    """Return how far the clocks of `zone` are ahead of UTC at the end of each day since 1970.

    Summer time begins and ends in the night to Sunday: of the five working days in the zone it is
    right all day long.
    """
    table = _ahead(zone)
    return table[np.clip(days, 0, table.size - 1)]


@lru_cache
def _ahead(zone: str) -> Vector:
    ends = pl.datetime_range(_EPOCH, _LAST, "1d", time_unit="us", time_zone="UTC", eager=True)
    local = ends.dt.offset_by("1439m").dt.convert_time_zone(zone)
    ahead = local.dt.base_utc_offset() + local.dt.dst_offset()
    found: Vector = ahead.dt.total_minutes().cast(pl.Float64).to_numpy()
    return found
