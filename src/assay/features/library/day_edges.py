"""How near the market's open and close are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import freshness
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class DayEdges(Windowed):
    """2^(-m / h) for m minutes since the day's open and for m minutes to its close.

    h = `half_life` minutes; 1 at the edge itself. Null where the calendar is. Source: the U shape
    of the trading day, Wood, McInish & Ord (1985).
    """

    half_life: int = 60
    group: ClassVar[Group] = Group.CALENDAR
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"near_open_{self.half_life}", f"near_close_{self.half_life}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        values = {}
        for name, column in zip(self.names, ("minutes_open", "minutes_to_close"), strict=True):
            minutes = frames.numbers(Input.CALENDAR, column)
            values[name] = np.where(np.isnan(minutes), np.nan, freshness(minutes, self.half_life))
        return values
