"""How near the London fix is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.clocks import DAY_MINUTES, minutes, minutes_ahead_of_utc, once_a_run
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector

_FIX = 16 * 60
_SATURDAY = 5 * DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Fixing(Windowed):
    """2^(-m / `half_life`), m minutes to the day's fix at 16:00 in London, and m minutes since it.

    1 at the fix itself, 0 once it is past and before it, and at weekends. Source: trading around
    the London fix, Melvin & Prins (2015).
    """

    half_life: int = 60
    group: ClassVar[Group] = Group.CALENDAR
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"fix_ahead_{self.half_life}", f"fix_passed_{self.half_life}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        now = minutes(frames)
        since = now - once_a_run(np.floor(now / DAY_MINUTES), _fix)
        week = frames.numbers(Input.CALENDAR, "minute_of_week")
        working = np.where(np.isnan(week), np.nan, np.where(week < _SATURDAY, 1.0, 0.0))
        near = working * np.exp2(np.abs(since) / -self.half_life)
        ahead, passed = (
            np.where(since <= 0, near, 0.0 * near),
            np.where(since >= 0, near, 0.0 * near),
        )
        return dict(zip(self.names, (ahead, passed), strict=True))


def _fix(days: Vector) -> Vector:
    """Return when the fix of each UTC day is, in minutes since 1970."""
    ahead = minutes_ahead_of_utc("Europe/London", days.astype(np.int64))
    return days * DAY_MINUTES + _FIX - ahead
