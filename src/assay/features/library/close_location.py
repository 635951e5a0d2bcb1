"""Who had the last word in the bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class CloseLocation(Windowed):
    """(2 C - H - L) / (H - L): 1 closed on the high, -1 on the low; 0 where the bar is flat.

    Source: the close location value of Chaikin's accumulation and distribution line.
    """

    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return ("close_location",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        place = ratio((p.close - p.low) - (p.high - p.close), p.high - p.low, cap=1.0)
        return {"close_location": place}
