"""Which of the world's desks are open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector

CENTRES = ("sydney", "tokyo", "london", "new_york")


@dataclass(frozen=True, slots=True)
class Sessions(Windowed):
    """1 where the centre's desks are open at the bar's close, else 0; and London with New York.

    Source: the calendar's `session_*` flags; intraday activity by centre, Ito & Hashimoto (2006).
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
        return (*(f"session_{centre}" for centre in CENTRES), "session_overlap")

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        flags = {
            f"session_{name}": frames.numbers(Input.CALENDAR, f"session_{name}") for name in CENTRES
        }
        both = flags["session_london"] * flags["session_new_york"]
        return flags | {"session_overlap": both}
