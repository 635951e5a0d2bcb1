"""What it pays to hold the base currency rather than the quote."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.rates import spread
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector

_MINUTES_A_YEAR = 260 * 1440


@dataclass(frozen=True, slots=True)
class Carry(Windowed):
    """Policy rate of the base less that of the quote, in percentage points, and by volatility.

    Volatility is the RMS of the last `window` returns, as percent of a year of 260 days of such
    bars round the clock. Gold, a coin, a share pays none: its rate is 0. 0 until both rates are
    known; within ±20 and ±5. Source: carry trades, Lustig & Verdelhan (2007), per volatility.
    """

    window: int = 100
    group: ClassVar[Group] = Group.MACRO
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.MACRO})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"carry_{self.window}", f"carry_to_risk_{self.window}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        paid = spread(frames, "policy_base", "policy_quote")
        bars_a_year = _MINUTES_A_YEAR / frames.timeframe.minutes
        risk = Prices.of(frames).volatility(self.window) * (100.0 * np.sqrt(bars_a_year))
        return dict(zip(self.names, (paid, ratio(paid, risk, cap=5.0)), strict=True))
