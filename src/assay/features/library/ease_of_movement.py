"""How far the price moves for the volume it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean


@dataclass(frozen=True, slots=True)
class EaseOfMovement(Windowed):
    """Mean of (M - M_t-1) (H - L) / V x mean V / (mean true range)^2, all over `window` bars.

    M = (H + L) / 2; a bar without volume adds nothing. Within ±20; 0 where nothing moved. Source:
    the ease of movement of Arms (1983), per mean volume and true range.
    """

    window: int = 14
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"ease_of_movement_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        middle = (p.high + p.low) / 2.0
        some = p.volume > 0
        box = (p.high - p.low) / np.where(some, p.volume, np.inf)
        ease = window_mean((middle - lagged(middle, 1)) * box, self.window)
        unit = p.mean_true_range(self.window)
        volume = window_mean(p.volume, self.window)
        return {self.names[0]: ratio(ease * volume, unit * unit)}
