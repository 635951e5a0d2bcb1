"""How long ago the window's extremes were."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, rows_since_max


@dataclass(frozen=True, slots=True)
class Aroon(Windowed):
    """(bars since the lowest low - bars since the highest high) / `window`, in [-1, 1].

    Over `window` + 1 bars; the latest of equal extremes counts. Source: the Aroon oscillator,
    Chande (1995), divided by 100.
    """

    window: int = 25
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"aroon_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        since_high = rows_since_max(prices.high, self.window + 1)
        since_low = rows_since_max(-prices.low, self.window + 1)
        return {self.names[0]: (since_low - since_high) / self.window}
