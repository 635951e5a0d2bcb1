"""How wide bid and ask are apart, from highs and lows."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean

_K = 3.0 - 2.0 * sqrt(2.0)


@dataclass(frozen=True, slots=True)
class CorwinSchultz(Windowed):
    """Mean spread S of the last `window` pairs of bars, in mean true ranges; in [0, 20].

    S = 2 (e^a - 1) / (1 + e^a), a = (sqrt(2 b) - sqrt(b)) / k - sqrt(g / k), k = 3 - 2 sqrt 2, b
    the sum of ln(H / L)^2 over both bars, g = ln(H / L)^2 of the pair. A bar that lies wholly above
    or below the close before it is moved to it; a negative S counts as 0. Source: Corwin & Schultz
    (2012).
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"corwin_schultz_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        high, low, close = log(p.high), log(p.low), log(p.close)
        before = lagged(close, 1)
        gap = np.maximum(low - before, 0.0) + np.minimum(high - before, 0.0)
        top, bottom = np.maximum(lagged(high, 1), high - gap), np.minimum(lagged(low, 1), low - gap)
        second, pair = high - low, top - bottom
        first = lagged(second, 1)
        one = np.sqrt(first * first + second * second)
        alpha = one * ((sqrt(2.0) - 1.0) / _K) - pair * (1.0 / sqrt(_K))
        spread = 2.0 * np.tanh(0.5 * np.maximum(alpha, 0.0))
        unit = p.mean_true_range(self.window) / p.close
        return {self.names[0]: ratio(window_mean(spread, self.window), unit)}
