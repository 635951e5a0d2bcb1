"""Which side the volume was on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum


@dataclass(frozen=True, slots=True)
class SignedVolume(Windowed):
    """Change of on-balance volume over `window` bars / volume of these bars, in [-1, 1].

    On-balance volume adds the volume of a rising close and takes away that of a falling one. 0
    where no volume is published. Source: Granville (1963), as a share.
    """

    window: int = 20
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"signed_volume_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        signed = np.sign(prices.close - lagged(prices.close, 1)) * prices.volume
        share = ratio(window_sum(signed, self.window), window_sum(prices.volume, self.window))
        return {self.names[0]: share}
