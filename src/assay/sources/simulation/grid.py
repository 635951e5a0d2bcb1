"""The hours of the simulated world, each cut into steps; markets open on some of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from assay.core.values.timeframe import Timeframe

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
STEPS_AN_HOUR = {
    Timeframe.M5: 48,
    Timeframe.M10: 36,
    Timeframe.M15: 24,
    Timeframe.M30: 24,
    Timeframe.H1: 12,
}
"""Steps of the price path an hour, by base timeframe: at least four a bar."""


def microseconds(moment: datetime) -> int:
    """Return UTC microseconds since 1970 of an aware time."""
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Grid:
    """All hours, open or not, from `start_us` (UTC microseconds, a full hour) on.

    Hour i covers (start + i h, start + (i + 1) h] and is cut into `steps` equal steps.
    """

    start_us: int
    hours: int
    steps: int

    @property
    def closes(self) -> Times:
        """Return the end of every hour, UTC microseconds (hours,)."""
        return self.start_us + (np.arange(self.hours, dtype=np.int64) + 1) * HOUR_US

    @property
    def end_us(self) -> int:
        """Return the end of the last hour."""
        return self.start_us + self.hours * HOUR_US

    def hour_of(self, closes: Times) -> NDArray[np.int64]:
        """Return the hour whose span (open, close] holds each close of a bar."""
        return (closes - self.start_us - 1) // HOUR_US

    def hour_from(self, times: Times) -> NDArray[np.int64]:
        """Return the hour in which what follows each moment begins: [open, close)."""
        return (times - self.start_us) // HOUR_US

    def step_from(self, times: Times) -> NDArray[np.int64]:
        """Return the step, over the whole grid, in which what follows each moment begins.

        An event on the full hour moves the bar that opens then, not the one that closes then.
        """
        return (times - self.start_us) // (HOUR_US // self.steps)


@lru_cache(maxsize=32)
def local_hour(zone: str, start_us: int, hours: int) -> Floats:
    """Return the local time of day, in hours, in the middle of every hour of a grid."""
    middle = start_us + np.arange(hours, dtype=np.int64) * HOUR_US + HOUR_US // 2
    days = middle // DAY_US
    first = int(days[0])
    offsets = np.array(
        [_offset_hours(zone, day) for day in range(first, int(days[-1]) + 1)], dtype=np.float64
    )
    return np.mod(middle / HOUR_US + offsets[days - first], 24.0)


def _offset_hours(zone: str, day: int) -> float:
    noon = datetime.combine(
        date(1970, 1, 1) + timedelta(days=day), datetime.min.time(), UTC
    ) + timedelta(hours=12)
    offset = noon.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 3600.0


def weekday(grid: Grid) -> NDArray[np.int64]:
    """Return the UTC weekday in the middle of every hour, Monday 0."""
    middle = grid.closes - HOUR_US // 2
    return (middle // DAY_US + 3) % 7


def bump(hour: Floats, centre: float, width: float) -> Floats:
    """Return a bell over the time of day, 1 at `centre`, `width` hours wide, wrapping at 24."""
    away = np.abs(hour - centre)
    return np.asarray(np.exp(-0.5 * (np.minimum(away, 24.0 - away) / width) ** 2))
