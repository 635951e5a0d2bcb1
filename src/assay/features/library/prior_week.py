"""Where the close stands against last week's high and low."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import Before, begins_week
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PriorWeek(Windowed):
    """(C - prior week's high) and (C - its low), in mean true ranges of `range_window` bars.

    A week has the market's days from Monday to Sunday, a day being named by the date it closes on.
    `longest_week` is how many bars the longest week may have: 120 suits currencies by the hour and
    longer. Within ±20; 0 in and after a longer week, and where nothing moved. Source: support and
    resistance at prior extremes, Osler (2000).
    """

    longest_week: int = 120
    range_window: int = 14
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(2 * self.longest_week, self.range_window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(
            f"week_{end}_distance_{self.longest_week}_by_{self.range_window}"
            for end in ("high", "low")
        )

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        unit = p.mean_true_range(self.range_window)
        before = Before.of(begins_week(frames), self.longest_week)
        ends = before.fold(np.maximum, p.high), before.fold(np.minimum, p.low)
        values = (ratio(np.where(before.known, p.close - end, 0.0), unit) for end in ends)
        return dict(zip(self.names, values, strict=True))
