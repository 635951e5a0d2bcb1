"""How far the higher timeframe came lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.higher import HigherBars
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_max, window_min


@dataclass(frozen=True, slots=True)
class HigherReturn(Windowed):
    """(higher C now - higher C `window` rows ago) / range of the higher bars seen since.

    In [-1, 1]. The range reaches from their lowest low to their highest high, the close it began
    from included. 0 where they stood still; null where a higher bar is missing. Source:
    time-series momentum, Moskowitz, Ooi & Pedersen (2012), of closed higher bars.
    """

    window: int = 24
    group: ClassVar[Group] = Group.HIGHER
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.HIGHER})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"higher_return_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        bars = HigherBars.of(frames)
        before = lagged(bars.close, self.window)
        top = np.maximum(window_max(bars.high, self.window), before)
        bottom = np.minimum(window_min(bars.low, self.window), before)
        return {self.names[0]: ratio(bars.close - before, top - bottom, cap=1.0)}
