"""How much of the movement was downwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class DownsideShare(Windowed):
    """(sum of squared gains - sum of squared losses) / their total, over `window` log returns.

    In [-1, 1]; 0 where nothing moved. Source: realised semivariance, Barndorff-Nielsen, Kinnebrock
    & Shephard (2010), as signed share.
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"downside_share_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        returns = Prices.of(frames).returns()
        squares = returns * returns
        signed = window_sum(np.sign(returns) * squares, self.window)
        share = ratio(signed, window_sum(squares, self.window), cap=1.0)
        return {self.names[0]: share}
