"""How many figures came out lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import log
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class ReleaseCount(Windowed):
    """ln(1 + figures of either currency first seen in the last `window` bars).

    24 hourly bars are a day. Source: announcement days, Savor & Wilson (2013).
    """

    window: int = 24
    group: ClassVar[Group] = Group.MACRO
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.MACRO})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"release_count_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        count = window_sum(frames.numbers(Input.MACRO, "count"), self.window)
        return {self.names[0]: log(1.0 + count)}
