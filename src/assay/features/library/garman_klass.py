"""How much the bars move inside against how much their closes move."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices
from assay.features.volatilities import BarMoves, log_ratio, root_mean
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class GarmanKlass(Windowed):
    """ln(Garman-Klass volatility / RMS of the returns) over `window` bars.

    Variance of a bar = ln(H / L)^2 / 2 - (2 ln 2 - 1) ln(C / O)^2. Above 0 the bars turned back
    inside, below 0 they gapped. Within ±5; each volatility counts as at least 1e-9, so a market
    that stands still gives 0. Source: Garman & Klass (1980).
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"garman_klass_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        inside = root_mean(BarMoves.of(frames).garman_klass(), self.window)
        return {self.names[0]: log_ratio(inside, prices.volatility(self.window))}
