"""Returns over several horizons, in units of what they usually are."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class LogReturn(Windowed):
    """ln(C_t / C_t-h) over h bars, divided by its volatility sqrt(h) x RMS of `window` returns.

    Within ±20; 0 where the window stood still. Source: time-series momentum scaled by volatility,
    Moskowitz, Ooi & Pedersen (2012).
    """

    horizons: tuple[int, ...] = (1, 3, 12)
    window: int = 50
    group: ClassVar[Group] = Group.RETURNS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(*self.horizons, self.window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"log_return_{h}_by_{self.window}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        usual = prices.volatility(self.window)
        moves = (ratio(prices.returns(h), usual * sqrt(h)) for h in self.horizons)
        return dict(zip(self.names, moves, strict=True))
