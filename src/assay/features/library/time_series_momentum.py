"""Returns over long windows, in units of what they were on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class TimeSeriesMomentum(Windowed):
    """ln(C_t / C_t-h) / (sqrt(h) x RMS of the same h returns) for each h in `horizons`.

    Near a standard normal for a random walk, whatever its volatility was; within ±sqrt(h), 0 where
    nothing moved. Source: time-series momentum, Moskowitz, Ooi & Pedersen (2012), with the
    volatility of the same bars.
    """

    horizons: tuple[int, ...] = (60, 120, 250)
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.horizons) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"time_series_momentum_{h}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        moves = (
            ratio(prices.returns(h), prices.volatility(h) * sqrt(h), cap=sqrt(h))
            for h in self.horizons
        )
        return dict(zip(self.names, moves, strict=True))
