"""Days that begin or follow a holiday."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class DayFlags(Windowed):
    """1 on the first bar of the market's day, 1 on the day after a holiday, else 0.

    Source: the calendar's `first_of_day` and `after_holiday`; holidays, Ariel (1990).
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
        return "first_of_day", "after_holiday"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {name: frames.numbers(Input.CALENDAR, name) for name in self.names}
