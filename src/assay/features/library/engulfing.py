"""A body that swallows the body before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.candles import Candles, earlier
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class Engulfing(Windowed):
    """1 where a rising body holds a falling one before it, -1 where it is the other way.

    The ends of both may meet on one side, not on both. Whether a trend came before is left to the
    learner. Source: the engulfing pattern, Nison (1991).
    """

    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return ("engulfing",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        c = Candles.of(frames)
        above, below = lagged(c.top, 1), lagged(c.bottom, 1)
        holds = (c.top >= above) & (c.bottom <= below) & ((c.top > above) | (c.bottom < below))
        up = holds & c.rising() & earlier(c.falling(), 1)
        down = holds & c.falling() & earlier(c.rising(), 1)
        return {"engulfing": up.astype(np.float64) - down}
