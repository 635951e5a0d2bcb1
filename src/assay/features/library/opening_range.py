"""How far the close is from the range of the day's first bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import begins_day, last_begin
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_max, window_min


@dataclass(frozen=True, slots=True)
class OpeningRange(Windowed):
    """(C - H) and (C - L), H and L of the day's first `bars` bars, in mean true ranges.

    Days begin as in `prior_day`; the mean is over `range_window` bars. Within ±20. 0 until the
    opening is complete, where the day began more than `longest_day` bars ago (288 suits 5 minutes
    and longer), and where nothing moved. Source: opening range breakout, Crabel (1990).
    """

    bars: int = 6
    longest_day: int = 288
    range_window: int = 14
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    def __post_init__(self) -> None:
        """Refuse an opening that is the whole day."""
        Feature.__post_init__(self)
        if self.bars >= self.longest_day:
            raise SettingsError(
                f"OpeningRange: bars is below longest_day; found {self.bars} and {self.longest_day}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.longest_day, self.range_window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(
            f"opening_{end}_distance_{self.bars}_of_{self.longest_day}_by_{self.range_window}"
            for end in ("high", "low")
        )

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        unit = p.mean_true_range(self.range_window)
        begin = last_begin(begins_day(frames), self.longest_day)
        done = begin + self.bars - 1
        known = (begin >= 0) & (done <= np.arange(done.size))
        place = np.where(known, done, 0)
        values = []
        for ends in (window_max(p.high, self.bars), window_min(p.low, self.bars)):
            away = np.where(known, p.close - ends[place], 0.0)
            values.append(ratio(away, unit))
        return dict(zip(self.names, values, strict=True))
