"""How little of the bars' movement is drift."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.volatilities import BarMoves, log_ratio, root_mean
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class RogersSatchell(Windowed):
    """ln(Rogers-Satchell volatility / Garman-Klass volatility) over `window` bars.

    Variance of a bar = ln(H / O) ln(H / C) + ln(L / O) ln(L / C), free of drift, which the other
    counts in: below 0 the bars went one way. Within ±5; each volatility counts as at least 1e-9,
    so a market that stands still gives 0. Source: Rogers & Satchell (1991).
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"rogers_satchell_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        moves = BarMoves.of(frames)
        free = root_mean(moves.rogers_satchell(), self.window)
        return {self.names[0]: log_ratio(free, root_mean(moves.garman_klass(), self.window))}
