"""How crooked the way of the price was."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log as ln
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_max, window_min, window_sum


@dataclass(frozen=True, slots=True)
class FractalDimension(Windowed):
    """D - 1, D = ln n / (ln n + ln(d / L)) over n = `window` steps from close to close.

    L is the sum of |C_i - C_i-1|, d the farthest a close came from the first. 0 for a straight
    line and where nothing moved, about 0.7 for a random walk, within 2. Source: Katz (1988), over
    prices alone.
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a single step, which is always straight."""
        Feature.__post_init__(self)
        if self.window < 2:
            raise SettingsError(f"FractalDimension: window is at least 2; found {self.window}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"fractal_dimension_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        n = self.window
        close = Prices.of(frames).close
        first = lagged(close, n)
        far = np.maximum(window_max(close, n) - first, first - window_min(close, n))
        way = window_sum(np.abs(close - lagged(close, 1)), n)
        straight = ratio(far, way, cap=1.0)
        straight[straight == 0.0] = 1.0
        bend = log(straight)
        return {self.names[0]: (0.0 - bend) / np.maximum(ln(n) + bend, ln(n) / 3.0)}
