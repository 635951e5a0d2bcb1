"""Whether the market is livelier than it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, log
from assay.features.windowed import Windowed
from assay.features.windows import Vector

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class VolRatio(Windowed):
    """ln(RMS of the last `short` returns / RMS of the last `long` returns).

    Each RMS counts as at least 1e-9, so a market that stands still gives 0. Source: the clustering
    of volatility, Mandelbrot (1963), Engle (1982).
    """

    short: int = 10
    long: int = 100
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a short window that is not the shorter one."""
        Feature.__post_init__(self)
        if self.short >= self.long:
            raise SettingsError(f"VolRatio: short is below long; found {self.short}, {self.long}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.long + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"vol_ratio_{self.short}_{self.long}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        short = np.maximum(prices.volatility(self.short), _LEAST)
        long = np.maximum(prices.volatility(self.long), _LEAST)
        return {self.names[0]: log(short / long)}
