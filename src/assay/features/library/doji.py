"""A bar that closed where it opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.candles import Candles, Usual
from assay.features.contract import Frames, Group, Input
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class Doji(Windowed):
    """1 for a doji, else 0; and its lean, 1 for a dragonfly, -1 for a gravestone.

    A doji has a body of at most a tenth of the mean range of the `window` bars before; its lean is
    (lower shadow - upper shadow) / range, 0 for no doji. A bar without a range is none. Source: the
    doji, Nison (1991).
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
        return f"doji_{self.window}", f"doji_lean_{self.window}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        c = Candles.of(frames)
        small = c.body <= Usual.of(frames, self.window).no_shadow
        doji = (small & (c.span > 0)).astype(np.float64)
        lean = ratio(c.lower() - c.upper(), c.span, cap=1.0)
        return dict(zip(self.names, (doji, doji * lean), strict=True))
