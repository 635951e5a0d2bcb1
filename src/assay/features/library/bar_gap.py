"""How far the bar opened from the last close."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class BarGap(Windowed):
    """ln(O_t / C_t-1) divided by the RMS of the last `window` returns.

    Within ±20; 0 where the window stood still. Source: the opening gap, as any price chart has it.
    """

    window: int = 50
    group: ClassVar[Group] = Group.RETURNS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"bar_gap_by_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        gap = log(prices.open / lagged(prices.close, 1))
        usual = prices.volatility(self.window)
        return {self.names[0]: ratio(gap, usual)}
