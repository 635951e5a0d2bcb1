"""Where the relative strength index stands among its last values."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.chained import Chained
from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, lagged, window_max, window_mean, window_min

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class StochasticRsi(Chained):
    """2 K - 1 and the mean of its last `signal` values, K = (RSI - lowest) / (highest - lowest).

    RSI has Wilder's averages over `window` bars, its highest and lowest are of as many. In [-1, 1];
    an RSI that varies by less than a millionth counts as the middle. Source: Chande & Kroll (1994),
    centred.
    """

    window: int = 14
    signal: int = 3
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2 * self.window + self.signal - 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.window}_{self.signal}"
        return f"stochastic_rsi_{settings}", f"stochastic_rsi_signal_{settings}"

    @property
    def chains(self) -> tuple[tuple[float, ...], ...]:
        """See `Chained.chains`."""
        return (1.0 / self.window,), (1.0 / self.window,)

    @property
    def depth(self) -> int:
        """See `Chained.depth`."""
        return self.window + self.signal - 1

    def drives(self, frames: Frames) -> Parts:
        """See `Chained.drives`."""
        close = Prices.of(frames).close
        change = close - lagged(close, 1)
        return np.maximum(change, 0.0), np.maximum(-change, 0.0)

    def read(self, frames: Frames, paths: tuple[Parts, ...]) -> Parts:
        """See `Chained.read`."""
        (gain,), (loss,) = paths
        nothing = 1e-12 * Prices.of(frames).close
        rsi = ratio(gain - loss, gain + loss, cap=1.0, floor=nothing)
        top, bottom = window_max(rsi, self.window), window_min(rsi, self.window)
        place = ratio((rsi - bottom) - (top - rsi), top - bottom, cap=1.0, floor=2.0 * _LEAST)
        return place, window_mean(place, self.signal)
