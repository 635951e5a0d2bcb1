"""A long body without shadows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.candles import Candles, Usual
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Marubozu(Windowed):
    """1 where a long rising body has no shadows, -1 where a long falling one has none.

    Long is over the mean body of the `window` bars before; a shadow under a tenth of their mean
    range is none. Source: the shaven body, Nison (1991), lengths as measured by TA-Lib.
    """

    window: int = 10
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"marubozu_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        c, usual = Candles.of(frames), Usual.of(frames, self.window)
        shaven = (c.upper() < usual.no_shadow) & (c.lower() < usual.no_shadow)
        found = shaven & (c.body > usual.body)
        return {self.names[0]: (found & c.rising()).astype(np.float64) - (found & c.falling())}
