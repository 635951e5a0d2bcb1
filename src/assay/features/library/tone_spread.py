"""Whether the news contradicts itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class ToneSpread(Windowed):
    """Standard deviation of the scores of all stories of the last `window` bars, in [0, 1].

    sqrt(sum s^2 / N - (sum s / N)^2); 0 where there are fewer than two. Source: disagreement
    among messages, Antweiler & Frank (2004).
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
        return (f"tone_spread_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        sums = {
            name: window_sum(frames.numbers(Input.STORIES, name), self.window)
            for name in ("count", "score_sum", "score_squares")
        }
        mean = ratio(sums["score_sum"], sums["count"], cap=1.0)
        square = ratio(sums["score_squares"], sums["count"], cap=1.0, floor=1.0)
        return {self.names[0]: np.sqrt(np.maximum(square - mean * mean, 0.0))}
