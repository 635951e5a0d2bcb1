"""The shape of the last closed higher bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.higher import HigherBars
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class HigherCandle(Windowed):
    """(C - O) / (H - L) and (2 C - H - L) / (H - L) of the last closed higher bar, in [-1, 1].

    0 where it is flat, null before the first. Source: candles, Nison (1991).
    """

    group: ClassVar[Group] = Group.HIGHER
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.HIGHER})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return "higher_body", "higher_close_location"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        bars = HigherBars.of(frames)
        span = bars.high - bars.low
        place = (bars.close - bars.low) - (bars.high - bars.close)
        values = ratio(bars.close - bars.open, span, cap=1.0), ratio(place, span, cap=1.0)
        return dict(zip(self.names, values, strict=True))
