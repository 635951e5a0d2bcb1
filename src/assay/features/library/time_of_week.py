"""The hour and the weekday, as points on two circles."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import tau
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector

MINUTES_A_DAY = 1440.0
MINUTES_A_WEEK = 10080.0


@dataclass(frozen=True, slots=True)
class TimeOfWeek(Windowed):
    """sin and cos of 2 pi m / 1440 and of 2 pi m / 10080, m the UTC minute of the week.

    Source: Fourier terms for seasonality, Andersen & Bollerslev (1997).
    """

    group: ClassVar[Group] = Group.CALENDAR
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return "day_sine", "day_cosine", "week_sine", "week_cosine"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        minute = frames.numbers(Input.CALENDAR, "minute_of_week")
        day, week = minute * (tau / MINUTES_A_DAY), minute * (tau / MINUTES_A_WEEK)
        waves = (np.sin(day), np.cos(day), np.sin(week), np.cos(week))
        return dict(zip(self.names, waves, strict=True))
