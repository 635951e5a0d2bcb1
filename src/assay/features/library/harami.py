"""A small body inside the large one before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.candles import Candles, Usual, earlier
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class Harami(Windowed):
    """1 where a short body lies inside a long falling one before it, -1 in a rising one.

    Long is over, short at most the mean body of the `window` bars before. The ends may meet on one
    side, not on both. Source: the harami, Nison (1991), lengths as measured by TA-Lib.
    """

    window: int = 10
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"harami_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        c, usual = Candles.of(frames), Usual.of(frames, self.window)
        above, below = lagged(c.top, 1), lagged(c.bottom, 1)
        inside = (c.top <= above) & (c.bottom >= below) & ((c.top < above) | (c.bottom > below))
        long = c.body > usual.body
        found = inside & ~long
        up, down = earlier(long & c.falling(), 1), earlier(long & c.rising(), 1)
        return {self.names[0]: (found & up).astype(np.float64) - (found & down)}
