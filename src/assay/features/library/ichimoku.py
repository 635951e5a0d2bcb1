"""Where the price and its lines stand against the cloud drawn before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_max, window_min


@dataclass(frozen=True, slots=True)
class Ichimoku(Windowed):
    """Tenkan - kijun, the close's distance from the cloud, and span A - span B.

    Each line is (highest high + lowest low) / 2 over `tenkan`, `kijun` and `senkou` bars; span A is
    the mean of tenkan and kijun, span B that of `senkou`, both as they were `kijun` bars ago, so
    the cloud at t was drawn then. Distance 0 inside it, above 0 over it. In mean true ranges of
    `range_window` bars, within ±20; 0 where that is 0. Source: Hosoda (1969).
    """

    tenkan: int = 9
    kijun: int = 26
    senkou: int = 52
    range_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse lengths that do not rise."""
        Feature.__post_init__(self)
        lengths = self.tenkan, self.kijun, self.senkou
        if not self.tenkan < self.kijun < self.senkou:
            raise SettingsError(f"Ichimoku: tenkan, kijun and senkou rise; found {lengths}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.senkou + self.kijun, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.tenkan}_{self.kijun}_{self.senkou}_by_{self.range_window}"
        return tuple(f"ichimoku_{what}_{settings}" for what in ("lines", "cloud", "spans"))

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        tenkan, kijun = _middle(prices, self.tenkan), _middle(prices, self.kijun)
        span_a = lagged(0.5 * (tenkan + kijun), self.kijun)
        span_b = lagged(_middle(prices, self.senkou), self.kijun)
        over = np.maximum(prices.close - np.maximum(span_a, span_b), 0.0)
        under = np.maximum(np.minimum(span_a, span_b) - prices.close, 0.0)
        unit = prices.mean_true_range(self.range_window)
        apart = (tenkan - kijun, over - under, span_a - span_b)
        return {name: ratio(one, unit) for name, one in zip(self.names, apart, strict=True)}


def _middle(prices: Prices, window: int) -> Vector:
    return 0.5 * (window_max(prices.high, window) + window_min(prices.low, window))
