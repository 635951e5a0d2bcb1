"""How wide the bar is against those before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class RangeExpansion(Windowed):
    """(TR - m) / (TR + m), m the mean true range of the `window` bars before, in [-1, 1].

    0 where neither moved. Source: range expansion, Crabel (1990), as a bounded share.
    """

    window: int = 20
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"range_expansion_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        ranges = prices.true_range()
        before = lagged(prices.mean_true_range(self.window), 1)
        share = ratio(ranges - before, ranges + before, cap=1.0)
        return {self.names[0]: share}
