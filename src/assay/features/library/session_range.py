"""Where the close stands in the range of Tokyo's and of London's session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.stretches import Flags, last_begin, running
from assay.features.windowed import Windowed
from assay.features.windows import Vector

_CENTRES = ("tokyo", "london")


@dataclass(frozen=True, slots=True)
class SessionRange(Windowed):
    """(2 C - H - L) / (H - L), H and L the extremes of the last session of each centre.

    1 on its high, -1 on its low, within ±20. While the session is on, its bars so far; its bars are
    those after a close at which the desks were open. 0 where no session began in the last
    `longest_day` bars (288 suits 5 minutes and longer) and where it did not move. Source:
    volatility and price discovery by session, Baillie & Bollerslev (1991).
    """

    longest_day: int = 288
    group: ClassVar[Group] = Group.RANGE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.CALENDAR})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.longest_day + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"{centre}_range_{self.longest_day}" for centre in _CENTRES)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p = Prices.of(frames)
        flags = (frames.numbers(Input.CALENDAR, f"session_{centre}") == 1.0 for centre in _CENTRES)
        values = (self._position(p, open_now) for open_now in flags)
        return dict(zip(self.names, values, strict=True))

    def _position(self, p: Prices, open_now: Flags) -> Vector:
        """Return the place of the close in the last session; `open_now` speaks of the bar's end."""
        within, begins = np.zeros_like(open_now), np.zeros_like(open_now)
        within[1:] = open_now[:-1]
        begins[1:] = within[1:] & ~within[:-1]
        known = last_begin(begins, self.longest_day) >= 0
        if not known.any():
            return np.zeros(p.close.size)
        held = np.flatnonzero(within)
        ends = p.high[held], -p.low[held]
        tops, bottoms = running(np.maximum, begins[held], self.longest_day, ends)
        last = np.maximum(np.cumsum(within) - 1, 0)
        high = np.where(known, tops[last], p.close)
        low = np.where(known, -bottoms[last], p.close)
        return ratio((p.close - low) - (high - p.close), high - low)
