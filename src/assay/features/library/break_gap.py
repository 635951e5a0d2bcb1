"""The gap over the last night, weekend or outage, fading."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, half_life_weight, span_weight
from assay.features.series import Prices, log, ratio
from assay.features.windows import Parts, lagged

_LONGER_THAN_A_BAR = 1.5


@dataclass(frozen=True, slots=True)
class BreakGap(Recursive):
    """Decayed sum of ln(O_t / C_t-1) over bars that follow a break, divided by the volatility.

    A break is more than 1.5 bar lengths between two closes (a daylight-saving day is none). The
    gap halves every `half_life` bars; the volatility is the root of the exponential average of
    squared returns of `window` bars. Within ±20; 0 where nothing moves. Source: overnight and
    weekend returns apart from intraday ones, Lou, Polk & Skouras (2019).
    """

    half_life: int = 8
    window: int = 50
    group: ClassVar[Group] = Group.RETURNS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"break_gap_{self.half_life}_by_{self.window}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return half_life_weight(self.half_life), span_weight(self.window)

    @property
    def seeds(self) -> tuple[float | None, ...]:
        """See `Recursive.seeds`."""
        return 0.0, None

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        prices = Prices.of(frames)
        times = frames.times(Input.BARS)
        minutes = np.diff(times, prepend=times[:1]) / 60e6
        after_break = minutes > _LONGER_THAN_A_BAR * frames.timeframe.minutes
        gap = log(prices.open / lagged(prices.close, 1))
        return np.where(after_break, gap, 0.0), prices.returns() ** 2

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        decayed, variance = first[0] / self.weights[0], first[1]
        return (ratio(decayed, np.sqrt(variance)),)
