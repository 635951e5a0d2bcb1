"""Whether the volume came at the top or at the bottom of the bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class ChaikinMoneyFlow(Windowed):
    """sum(V (2 C - H - L) / (H - L)) / sum(V) over `window` bars, in [-1, 1].

    A flat bar adds nothing above; 0 where no volume is published. Source: the money flow of
    Chaikin, in Achelis (2001).
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"chaikin_money_flow_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        place = ratio((p.close - p.low) - (p.high - p.close), p.high - p.low, cap=1.0)
        flow = window_sum(place * p.volume, self.window)
        return {self.names[0]: ratio(flow, window_sum(p.volume, self.window), cap=1.0)}
