"""How much was written lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import log
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class StoryCount(Windowed):
    """ln(1 + stories about the instrument first seen in the last n bars), n = `windows`.

    24 hourly bars are a day. Source: the number of news as attention, Fang & Peress (2009).
    """

    windows: tuple[int, ...] = (4, 24, 120)
    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.windows)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"story_count_{window}" for window in self.windows)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        count = frames.numbers(Input.STORIES, "count")
        sums = (log(1.0 + window_sum(count, window)) for window in self.windows)
        return dict(zip(self.names, sums, strict=True))
