"""Where the close stands between the recent extremes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_min


@dataclass(frozen=True, slots=True)
class ChannelPosition(Windowed):
    """(2 C - highest high - lowest low) / (highest high - lowest low) over each of `windows`.

    1 at the top, -1 at the bottom; 0 where the range is 0. Source: Donchian (1960); 20 and 55 bars
    are those of the Turtle rules, Faith (2007).
    """

    windows: tuple[int, ...] = (20, 55)
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.windows)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"channel_position_{window}" for window in self.windows)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        values = {}
        for name, window in zip(self.names, self.windows, strict=True):
            top, bottom = window_max(p.high, window), window_min(p.low, window)
            values[name] = ratio((p.close - bottom) - (top - p.close), top - bottom, cap=1.0)
        return values
