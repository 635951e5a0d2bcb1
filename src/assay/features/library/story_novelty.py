"""How new the news is, or how often it was told before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class StoryNovelty(Windowed):
    """Mean novelty of the stories of the last `window` bars, in [0, 1]; 0 where there were none.

    A story's novelty is 1 less the largest share of word pairs it has in common with a story of
    the 24 hours before it. Source: stale news, Tetlock (2011).
    """

    window: int = 24
    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"story_novelty_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        count = window_sum(frames.numbers(Input.STORIES, "count"), self.window)
        novelty = window_sum(frames.numbers(Input.STORIES, "novelty_sum"), self.window)
        return {self.names[0]: ratio(novelty, count, cap=1.0)}
