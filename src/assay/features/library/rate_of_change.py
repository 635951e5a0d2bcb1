"""How unusual the recent change is among those before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, z_score
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_mean_std


@dataclass(frozen=True, slots=True)
class RateOfChange(Windowed):
    """ROC = C_t / C_t-n - 1 over n = `bars`, as a z-score among its last `window` values.

    Within ±10; 0 where ROC does not vary. Source: the momentum oscillator, Wilder (1978),
    standardised.
    """

    bars: int = 10
    window: int = 100
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.bars + self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"rate_of_change_{self.bars}_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close = Prices.of(frames).close
        change = close / lagged(close, self.bars) - 1.0
        mean, spread = window_mean_std(change, self.window)
        return {self.names[0]: z_score(change, mean, spread)}
