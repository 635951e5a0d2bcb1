"""How much of the bar was gained or lost for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Body(Windowed):
    """(C - O) / (H - L), in [-1, 1]; 0 where the bar is flat.

    Source: the real body of a candle, Nison (1991), as a share of the range.
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
        return ("body",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        share = ratio(prices.close - prices.open, prices.high - prices.low, cap=1.0)
        return {"body": share}
