"""How much of the last closes a straight line explains."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_slope, window_std


@dataclass(frozen=True, slots=True)
class TrendR2(Windowed):
    """R |R|, R the correlation of ln(C) with time over `window` bars, in [-1, 1].

    Its size is the R squared of the least-squares line, its sign the line's direction; 0 where the
    window stood still. Source: the coefficient of determination, Wright (1921), with a sign.
    """

    window: int = 50
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window that a line fits exactly."""
        Feature.__post_init__(self)
        if self.window < 3:
            raise SettingsError(f"TrendR2: window is at least 3; found {self.window}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"trend_r2_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        level = log(Prices.of(frames).close)
        times = sqrt((self.window**2 - 1.0) / 12.0)
        along = window_slope(level, self.window) * times
        correlation = ratio(along, window_std(level, self.window), cap=1.0, floor=1e-12)
        return {self.names[0]: correlation * abs(correlation)}
