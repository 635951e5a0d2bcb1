"""Where the higher timeframe stands against its own average."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.higher import BARS_A_HIGHER_BAR, HigherBars
from assay.features.recursive import Recursive, rows_to_forget, span_weight
from assay.features.series import ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class HigherTrend(Recursive):
    """(C - EMA_n(C)) / EMA_n(H - L) of the higher bars that have closed, n = `span` of them.

    Each higher bar counts once, when it is first seen. Within ±20; 0 where they stand still; null
    before the first. Source: the "triple screen", Elder (1993); EMA, Brown (1959).
    """

    span: int = 10
    group: ClassVar[Group] = Group.HIGHER
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.HIGHER})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return BARS_A_HIGHER_BAR * self.span

    @property
    def warm_up(self) -> int:
        """See `Feature.warm_up`; a higher bar spans at most eight of ours."""
        forget = max(rows_to_forget(weight) for weight in self.weights)
        return self.lookback + BARS_A_HIGHER_BAR * forget

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"higher_trend_{self.span}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (span_weight(self.span),) * 2

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`; NaN where the higher bar is the one already seen."""
        bars = HigherBars.of(frames)
        new = bars.is_new()
        return np.where(new, bars.close, np.nan), np.where(new, bars.high - bars.low, np.nan)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        average, width = first
        return (ratio(HigherBars.of(frames).close - average, width),)
