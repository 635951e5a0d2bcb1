"""How likely the market is in its wild state rather than its calm one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.regimes import BARS, probability
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean

_WILD, _LEAVE = 0.2, 0.1
"""A fifth of the bars are wild, ten in a row on average."""
_CALM = 1.0 - _WILD
_LEAST = 0.1
"""The calm variance is at least this share of the whole."""
_FATTEST = 1.0 + (1.0 - _LEAST) ** 2 * _CALM / _WILD
"""The fourth moment of the mixture, over that of a normal, at which it is just that."""


@dataclass(frozen=True, slots=True)
class Turbulence(Windowed):
    """Probability that the returns of late come from the wilder of two normal distributions.

    Their variances v are fitted to the second and fourth moment of the `window` bars before the
    bar: with k = m4 / (3 m2^2) and a fifth of the bars wild, v_wild / m2 = 1 + sqrt(4 (k - 1)) and
    v_calm / m2 = 1 - sqrt((k - 1) / 4), at least 0.1. Then the filter of the last 64 bars; a wild
    spell lasts ten bars on average. Where the tails are not fat there is one state, and it stays at
    0.2. Source: regime switching, Hamilton (1989), fitted by moments on the past alone.
    """

    window: int = 200
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + BARS + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"turbulence_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        squares = Prices.of(frames).returns() ** 2
        second = lagged(window_mean(squares, self.window), 1)
        fourth = lagged(window_mean(squares * squares, self.window), 1)
        fat = np.clip(ratio(fourth, 3.0 * second * second), 1.0, _FATTEST) - 1.0
        wild, calm = 1.0 + np.sqrt(fat * _CALM / _WILD), 1.0 - np.sqrt(fat * _WILD / _CALM)
        size = ratio(squares, second, cap=100.0)
        likelihood = np.sqrt(calm / wild) * np.exp(0.5 * size * (1.0 / calm - 1.0 / wild))
        return {self.names[0]: probability(likelihood, _LEAVE, _LEAVE * _WILD / _CALM)}
