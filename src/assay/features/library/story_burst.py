"""How unusual the flow of news is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import log, z_score
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean_std


@dataclass(frozen=True, slots=True)
class StoryBurst(Windowed):
    """z-score of ln(1 + stories of the bar) among its last `window` values.

    Within ±10; 0 where the flow does not vary. Source: news volume and attention, Barber & Odean
    (2008).
    """

    window: int = 100
    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"story_burst_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        flow = log(1.0 + frames.numbers(Input.STORIES, "count"))
        mean, spread = window_mean_std(flow, self.window)
        return {self.names[0]: z_score(flow, mean, spread)}
