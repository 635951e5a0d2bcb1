"""How much of the time the closes lay closer together than the bars are wide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean, window_std

_BOLLINGER, _KELTNER = 2.0, 1.5


@dataclass(frozen=True, slots=True)
class Squeeze(Windowed):
    """Share of the last `span` bars in a squeeze: 2 sd < 1.5 mean true ranges, in [0, 1].

    There the Bollinger band lies inside the Keltner channel; both are of `window` bars, sd divides
    by n. A market that stands still is in none. Source: Carter (2005).
    """

    window: int = 20
    span: int = 20
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + self.span

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"squeeze_{self.window}_{self.span}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        apart = _KELTNER * prices.mean_true_range(self.window)
        apart -= _BOLLINGER * window_std(prices.close, self.window)
        inside = np.maximum(np.sign(apart), 0.0)
        return {self.names[0]: window_mean(inside, self.span)}
