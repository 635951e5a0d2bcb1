"""How far the close is from what was paid today."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import Flags, begins_day, last_begin, running
from assay.features.windowed import Windowed
from assay.features.windows import Parts, Vector, window_sum


@dataclass(frozen=True, slots=True)
class DayVwap(Windowed):
    """(C - VWAP since the market's day began) / mean true range of `range_window` bars.

    VWAP = sum(T V) / sum(V), T = (H + L + C) / 3; days begin as in `prior_day`. `longest_day` is
    how many bars the longest day has; of a longer day the last so many are looked at. Within ±20; 0
    where no volume is published or nothing moved. Source: the volume-weighted average price of the
    day, Berkowitz, Logue & Noser (1988).
    """

    longest_day: int = 288
    range_window: int = 14
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.longest_day, self.range_window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"day_vwap_{self.longest_day}_by_{self.range_window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        begins = begins_day(frames)
        typical = (p.high + p.low + p.close) / 3.0
        paid, traded = self._since_open(begins, (typical * p.volume, p.volume))
        some = traded > 0
        away = np.where(some, p.close - paid / np.where(some, traded, 1.0), 0.0)
        return {self.names[0]: ratio(away, p.mean_true_range(self.range_window))}

    def _since_open(self, begins: Flags, amounts: Parts) -> Parts:
        """Return the sums since the day began, of the last `longest_day` bars at most."""
        sums = running(np.add, begins, self.longest_day, amounts)
        beyond = last_begin(begins, self.longest_day) < 0
        if beyond[self.lookback - 1 :].any():
            for found, values in zip(sums, amounts, strict=True):
                found[beyond] = window_sum(values, self.longest_day)[beyond]
        return sums
