"""What the news of the last bar said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Tone(Windowed):
    """Mean score of the stories first seen in this bar, in [-1, 1]; 0 where there is none.

    Source: media tone and returns, Tetlock (2007).
    """

    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return ("tone",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        mean = ratio(
            frames.numbers(Input.STORIES, "score_sum"),
            frames.numbers(Input.STORIES, "count"),
            cap=1.0,
        )
        return {"tone": mean}
