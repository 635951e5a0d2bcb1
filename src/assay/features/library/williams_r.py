"""Where the close stands below the top of its range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_min


@dataclass(frozen=True, slots=True)
class WilliamsR(Windowed):
    """-(highest high - C) / (highest high - lowest low) over `window` bars, in [-1, 0].

    0 (no distance to the top) where the range is 0. Source: %R, Williams (1979), divided by 100.
    """

    window: int = 28
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"williams_r_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        top = window_max(prices.high, self.window)
        bottom = window_min(prices.low, self.window)
        return {self.names[0]: ratio(prices.close - top, top - bottom, cap=1.0)}
