"""How much of each centre's working day is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.calendars.sessions import CENTRES, Centre
from assay.features.clocks import DAY_MINUTES, minutes, minutes_ahead_of_utc, once_a_run
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class SessionClock(Windowed):
    """Share of the desks' hours that is left at the bar's close: 1 as they open, 0 as they close.

    For Sydney, Tokyo, London and New York, by their own clocks; 0 while they are closed. Source:
    the calendar's `session_*` flags; activity within the day, Ito & Hashimoto (2006).
    """

    group: ClassVar[Group] = Group.CALENDAR
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"{centre.name}_left" for centre in CENTRES)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        now = minutes(frames)
        day = np.floor(now / DAY_MINUTES)
        of_day = now - day * DAY_MINUTES
        return {
            name: self._left(frames, centre, day, of_day)
            for name, centre in zip(self.names, CENTRES, strict=True)
        }

    def _left(self, frames: Frames, centre: Centre, day: Vector, of_day: Vector) -> Vector:
        flag = frames.numbers(Input.CALENDAR, f"session_{centre.name}")
        to_close = once_a_run(day, lambda days: _minutes_to_close(centre, days)) - of_day
        left = to_close % DAY_MINUTES / (60.0 * (centre.closes - centre.opens))
        found = np.where(flag == 1.0, np.minimum(left, 1.0), 0.0)
        return np.where(np.isnan(flag), np.nan, found)


def _minutes_to_close(centre: Centre, days: Vector) -> Vector:
    """Return the minute of the UTC day, which may be before or after it, at which desks close."""
    return 60.0 * centre.closes - minutes_ahead_of_utc(centre.zone, days.astype(np.int64))
