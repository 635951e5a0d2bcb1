"""How much the price has risen over two lengths, the last bars counting most."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, weighted_mean


@dataclass(frozen=True, slots=True)
class Coppock(Windowed):
    """WMA(ROC_long + ROC_short) / (sqrt(long) x RMS of `window` returns).

    ROC_n = C_t / C_t-n - 1; WMA is the linearly weighted mean of the last `smooth` sums. Within
    ±20; 0 where the window stood still. Source: Coppock (1962), with bars for months and in units
    of volatility.
    """

    short: int = 11
    long: int = 14
    smooth: int = 10
    window: int = 50
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a short length that is not the shorter one."""
        Feature.__post_init__(self)
        if self.short >= self.long:
            raise SettingsError(f"Coppock: short is below long; found {self.short}, {self.long}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.long + self.smooth, self.window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"coppock_{self.short}_{self.long}_{self.smooth}_by_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        close = prices.close
        change = close / lagged(close, self.long) + close / lagged(close, self.short) - 2.0
        usual = prices.volatility(self.window) * sqrt(self.long)
        return {self.names[0]: ratio(weighted_mean(change, self.smooth), usual)}
