"""How much of the recent variance came in jumps."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum


@dataclass(frozen=True, slots=True)
class Bipower(Windowed):
    """1 - BV / RV over n = `window` returns: the share of jumps in the variance, in [0, 1].

    BV = (pi / 2) n / (n - 1) sum of |r_i| |r_i-1|, which jumps hardly raise; RV = sum of r_i^2. A
    negative share counts as 0; 0 where nothing moved. Source: bipower variation, Barndorff-Nielsen
    & Shephard (2004).
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window without two neighbouring returns."""
        Feature.__post_init__(self)
        if self.window < 2:
            raise SettingsError(f"Bipower: window is at least 2; found {self.window}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"bipower_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        n = self.window
        size = np.abs(Prices.of(frames).returns())
        realised = window_sum(size * size, n)
        smooth = window_sum(size * lagged(size, 1), n - 1) * (0.5 * pi * n / (n - 1.0))
        return {self.names[0]: np.maximum(ratio(realised - smooth, realised, cap=1.0), 0.0)}
