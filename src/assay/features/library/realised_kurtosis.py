"""Whether the movement of late came in a few large moves or in many alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum

_NORMAL = 3.0


@dataclass(frozen=True, slots=True)
class RealisedKurtosis(Windowed):
    """ln(K / 3), K = n sum of r^4 / (sum of r^2)^2 over n = `window` log returns.

    0 as for normal returns, and where nothing moved; from ln(1 / 3), all moves alike, to ln(n / 3),
    a single one. Source: realised kurtosis, Amaya, Christoffersen, Jacobs & Vasquez (2015).
    """

    window: int = 100
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"realised_kurtosis_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        returns = Prices.of(frames).returns()
        squares = returns * returns
        variance = window_sum(squares, self.window)
        fourth = window_sum(squares * squares, self.window) * self.window
        kurtosis = ratio(fourth, variance * variance, cap=self.window)
        kurtosis[kurtosis == 0.0] = _NORMAL
        return {self.names[0]: log(kurtosis / _NORMAL)}
