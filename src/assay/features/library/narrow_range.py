"""Whether the bar is the narrowest of the last few."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_min

_ROUNDING = 1e-9
"""Two ranges of as many ticks may differ by so small a share."""


@dataclass(frozen=True, slots=True)
class NarrowRange(Windowed):
    """1 where H - L is the least of n bars, else 0, for each n of `windows`.

    Equal ranges do not count. Source: NR4 and NR7, Crabel (1990).
    """

    windows: tuple[int, ...] = (4, 7)
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a window with nothing to compare with."""
        Feature.__post_init__(self)
        if min(self.windows) < 2:
            raise SettingsError(f"NarrowRange: windows are of 2 bars or more; found {self.windows}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.windows)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"narrow_range_{n}" for n in self.windows)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        span = p.high - p.low
        before = lagged(span, 1) * (1.0 - _ROUNDING)
        narrow = (span < window_min(before, n - 1) for n in self.windows)
        return {n: flags.astype(np.float64) for n, flags in zip(self.names, narrow, strict=True)}
