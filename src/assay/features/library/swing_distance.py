"""How far the close is from the last swing high and the last swing low."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import last_begin
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged

_SIDE = 2
"""A fractal has so many lower highs on either side."""


@dataclass(frozen=True, slots=True)
class SwingDistance(Windowed):
    """(C - last fractal high) and (C - last fractal low), in mean true ranges.

    Of `range_window` bars. A fractal high is above the highs of the two bars before and of the two
    after, so it is known two bars later; a fractal low is its mirror image. Of those known in the
    last `window` bars the latest, 0 where there is none. Within ±20; 0 where nothing moved. Source:
    the fractal of Williams (1995).
    """

    window: int = 100
    range_window: int = 14
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window + 4, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(
            f"swing_{end}_distance_{self.window}_by_{self.range_window}" for end in ("high", "low")
        )

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        unit = p.mean_true_range(self.range_window)
        high, low = self._last(p.high), -self._last(-p.low)
        values = (np.where(np.isnan(end), 0.0, p.close - end) for end in (high, low))
        return {n: ratio(away, unit) for n, away in zip(self.names, values, strict=True)}

    def _last(self, highs: Vector) -> Vector:
        """Return the last fractal high, NaN where there is none."""
        middle = lagged(highs, _SIDE)
        others = (lagged(highs, bars) for bars in (0, 1, 3, 4))
        found = np.logical_and.reduce([middle > other for other in others])
        last = last_begin(found, self.window)
        return np.where(last >= 0, middle[np.maximum(last, 0)], np.nan) if last.size else middle
