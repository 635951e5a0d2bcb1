"""The close in standard deviations, and how wide they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio, z_score
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean_std


@dataclass(frozen=True, slots=True)
class Bollinger(Windowed):
    """(C - mean) / sd of the last `window` closes, and sd / mean true range of as many bars.

    sd divides by n. Within ±10 and up to 20; 0 where the closes or the bars stand still. Source:
    Bollinger (2001).
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"bollinger_position_{self.window}", f"bollinger_width_{self.window}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        mean, spread = window_mean_std(prices.close, self.window)
        values = (
            z_score(prices.close, mean, spread),
            ratio(spread, prices.mean_true_range(self.window)),
        )
        return dict(zip(self.names, values, strict=True))
