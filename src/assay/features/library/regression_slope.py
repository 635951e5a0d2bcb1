"""How sure a straight line through the last closes is of its direction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_slope, window_std


@dataclass(frozen=True, slots=True)
class RegressionSlope(Windowed):
    """t = slope / standard error of ln(C) on time by least squares over `window` bars.

    t = r sqrt((n - 2) / (1 - r^2)), within ±50; 0 where the window stood still. Source: the trend
    t-value of López de Prado (2020), ordinary least squares.
    """

    window: int = 20
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window that a line fits exactly."""
        Feature.__post_init__(self)
        if self.window < 3:
            raise SettingsError(f"RegressionSlope: window is at least 3; found {self.window}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"regression_slope_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        level = log(Prices.of(frames).close)
        n = self.window
        spread = np.sqrt((n * n - 1.0) / 12.0)
        correlation = ratio(
            window_slope(level, n) * spread, window_std(level, n), cap=1.0, floor=1e-12
        )
        left = np.sqrt(np.maximum(1.0 - correlation**2, 0.0) / (n - 2.0))
        steep = ratio(correlation, np.maximum(left, 1e-9), cap=50.0)
        return {self.names[0]: steep}
