"""How far the typical price strayed from its mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, z_score
from assay.features.windowed import Windowed
from assay.features.windows import Vector, mean_deviation, window_mean


@dataclass(frozen=True, slots=True)
class Cci(Windowed):
    """(T - mean T) / (0.015 x mean absolute deviation of T) / 100, T = (H + L + C) / 3.

    Over `window` bars, within ±10; 0 where T does not vary. Source: the commodity channel index,
    Lambert (1980), divided by 100.
    """

    window: int = 20
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"cci_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        typical = (prices.high + prices.low + prices.close) / 3.0
        mean = window_mean(typical, self.window)
        spread = 1.5 * mean_deviation(typical, self.window)
        return {self.names[0]: z_score(typical, mean, spread)}
