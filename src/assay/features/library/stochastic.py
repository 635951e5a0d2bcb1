"""Where the close stands in its recent range, smoothed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_mean, window_min


@dataclass(frozen=True, slots=True)
class Stochastic(Windowed):
    """2 %K / 100 - 1, and the same of %D: slow %K is the mean of `smooth`, %D of `signal` of those.

    %K = (C - lowest low) / (highest high - lowest low) over `window` bars. In [-1, 1]; a range of
    0 counts as the middle. Source: Lane (1984), centred.
    """

    window: int = 14
    smooth: int = 3
    signal: int = 3
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.smooth + self.signal - 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.window}_{self.smooth}_{self.signal}"
        return f"stochastic_k_{settings}", f"stochastic_d_{settings}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        top = window_max(prices.high, self.window)
        bottom = window_min(prices.low, self.window)
        fast = ratio((prices.close - bottom) - (top - prices.close), top - bottom, cap=1.0)
        slow = window_mean(fast, self.smooth)
        lines = (slow, window_mean(slow, self.signal))
        return dict(zip(self.names, lines, strict=True))
