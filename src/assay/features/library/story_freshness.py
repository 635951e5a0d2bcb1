"""How new the last story is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import freshness
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class StoryFreshness(Windowed):
    """2^(-m / h), m minutes since the last story was first seen, h = `half_life` minutes.

    1 at the moment it was seen, 0 where none ever was. Source: the speed at which news is used up,
    Boudoukh, Feldman, Kogan & Richardson (2019).
    """

    half_life: int = 240
    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"story_freshness_{self.half_life}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        minutes = frames.numbers(Input.STORIES, "minutes_since")
        return {self.names[0]: freshness(minutes, self.half_life)}
