"""Where the close stands in the last closed higher bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.higher import HigherBars
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class HigherPosition(Windowed):
    """(2 C - H - L) / (H - L) with H and L of the last closed higher bar; beyond ±1 is outside.

    Within ±5; 0 where that bar is flat, null before the first. Source: pivot levels, Person (2004),
    as a position.
    """

    group: ClassVar[Group] = Group.HIGHER
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.HIGHER})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return ("higher_position",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        close, bars = Prices.of(frames).close, HigherBars.of(frames)
        place = (close - bars.low) - (bars.high - close)
        return {"higher_position": ratio(place, bars.high - bars.low, cap=5.0)}
