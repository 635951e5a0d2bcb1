"""How far through its day the market is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class DayShare(Windowed):
    """Minutes open / (minutes open + minutes to close), in [0, 1]; 0 for a day of no length.

    Null where the calendar is. Source: time scaled by the trading day, as in the intraday patterns
    of Wood, McInish & Ord (1985).
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
        return ("day_share",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        opened = frames.numbers(Input.CALENDAR, "minutes_open")
        left = frames.numbers(Input.CALENDAR, "minutes_to_close")
        return {"day_share": ratio(opened, opened + left, cap=1.0)}
