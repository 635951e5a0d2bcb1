"""An average that hardly lags: where it is and where it is heading."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, weighted_mean


def hull_average(close: Vector, window: int) -> Vector:
    """Return WMA(2 WMA(C, n // 2) - WMA(C, n), floor(sqrt n)); NaN where it has too few rows."""
    fast, slow = weighted_mean(close, window // 2), weighted_mean(close, window)
    return weighted_mean(2.0 * fast - slow, isqrt(window))


@dataclass(frozen=True, slots=True)
class Hull(Windowed):
    """(C - HMA) and (HMA - HMA one bar ago), both in mean true ranges of `range_window` bars.

    Within ±20; 0 where the mean true range is 0. Source: HMA = WMA(2 WMA(n / 2) - WMA(n), sqrt n),
    Hull (2005).
    """

    window: int = 20
    range_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window that has no half."""
        Feature.__post_init__(self)
        if self.window < 4:
            raise SettingsError(f"Hull: window is at least 4 bars; found {self.window}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window + isqrt(self.window), self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.window}_by_{self.range_window}"
        return f"hull_distance_{settings}", f"hull_slope_{settings}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        hull = hull_average(prices.close, self.window)
        unit = prices.mean_true_range(self.range_window)
        distance, slope = ratio(prices.close - hull, unit), ratio(hull - lagged(hull, 1), unit)
        return dict(zip(self.names, (distance, slope), strict=True))
