"""How near their true highs the bars closed, over three lengths at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum


@dataclass(frozen=True, slots=True)
class UltimateOscillator(Windowed):
    """UO / 50 - 1, UO = 100 (4 A_short + 2 A_middle + A_long) / 7, in [-1, 1].

    A = sum of (C - min(L, C_t-1)) / sum of true ranges over so many bars; where none moved it
    counts as a half. Source: Williams (1985), centred.
    """

    short: int = 7
    middle: int = 14
    long: int = 28
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse lengths that do not rise."""
        Feature.__post_init__(self)
        lengths = self.short, self.middle, self.long
        if not self.short < self.middle < self.long:
            raise SettingsError(f"UltimateOscillator: short, middle, long rise; found {lengths}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.long + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"ultimate_oscillator_{self.short}_{self.middle}_{self.long}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        before = lagged(prices.close, 1)
        ranges = prices.true_range()
        rise = prices.close - np.minimum(prices.low, before)  # NaN in the first row
        net = rise - (np.maximum(prices.high, before) - prices.close)
        total = np.zeros(ranges.size)
        for weight, rows in ((4.0, self.short), (2.0, self.middle), (1.0, self.long)):
            total += weight * ratio(window_sum(net, rows), window_sum(ranges, rows), cap=1.0)
        return {self.names[0]: total / 7.0}
