"""Whether momentum grows or fades."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class Acceleration(Windowed):
    """(m_t - m_t-n) / (sqrt(2 n) x RMS of `window` returns), m = ln(C_t / C_t-n), n = `bars`.

    Within ±20; 0 where the window stood still. Source: the change of momentum, Ardila-Alvarez,
    Forró & Sornette (2021), scaled by volatility.
    """

    bars: int = 10
    window: int = 50
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(2 * self.bars, self.window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"acceleration_{self.bars}_by_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        momentum = prices.returns(self.bars)
        usual = prices.volatility(self.window) * sqrt(2.0 * self.bars)
        return {self.names[0]: ratio(momentum - lagged(momentum, self.bars), usual)}
