"""Whether volume comes with rises, and whether it comes with moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean, window_mean_std

_ROUNDING = 1e-9
"""A spread under so small a share of the mean is the rounding of a constant."""


@dataclass(frozen=True, slots=True)
class VolumePriceCorrelation(Windowed):
    """Correlation of ln(1 + V) with r and with |r| over `window` bars, in [-1, 1].

    r is the log return. 0 where either does not vary. Source: volume and price changes, Karpoff
    (1987).
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"volume_return_correlation_{self.window}", f"volume_move_correlation_{self.window}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        amount, returns = log(1.0 + p.volume), p.returns()
        mean, spread = window_mean_std(amount, self.window)
        spread = np.where(spread > _ROUNDING * mean, spread, 0.0)
        values = {}
        for name, moves in zip(self.names, (returns, np.abs(returns)), strict=True):
            middle, width = window_mean_std(moves, self.window)
            together = window_mean(amount * moves, self.window) - mean * middle
            values[name] = ratio(together, spread * width, cap=1.0)
        return values
