"""How much of the bar was refused above and below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Wicks(Windowed):
    """(H - max(O, C)) / (H - L) and (min(O, C) - L) / (H - L), in [0, 1]; 0 where the bar is flat.

    Source: the shadows of a candle, Nison (1991), as shares of the range.
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
        return "upper_wick", "lower_wick"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        span = p.high - p.low
        upper = ratio(p.high - np.maximum(p.open, p.close), span, cap=1.0)
        lower = ratio(np.minimum(p.open, p.close) - p.low, span, cap=1.0)
        return {"upper_wick": upper, "lower_wick": lower}
