"""Whether the market is in its rising or its falling state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.regimes import BARS, probability
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged

_DRIFT = 0.2
_FARTHEST = 4.0
"""A larger move says no more about its drift: it may as well be a jump."""


@dataclass(frozen=True, slots=True)
class DriftRegime(Windowed):
    """2 P(rising) - 1, where returns drift by 0.2 standard deviations a bar, up or down.

    The standard deviation is the RMS of the `window` returns before the bar, a return counts as 4
    of them at most; a state lasts `spell` bars on average. The filter of the last 64 bars, in
    [-1, 1]. Source: regime switching, Hamilton (1989).
    """

    window: int = 100
    spell: int = 25
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + BARS + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"drift_regime_{self.spell}_by_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        usual = lagged(prices.volatility(self.window), 1)
        move = ratio(prices.returns(), usual, cap=_FARTHEST)
        turn = min(1.0 / self.spell, 0.5)
        rising = probability(np.exp(2.0 * _DRIFT * move), turn, turn)
        return {self.names[0]: 2.0 * rising - 1.0}
