"""Whether moves tend to go on or to turn back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged, window_sum


@dataclass(frozen=True, slots=True)
class ReturnAutocorrelation(Windowed):
    """Sum of r_t r_t-1 over the root of (sum r_t^2 x sum r_t-1^2), over `window` bars.

    In [-1, 1]; returns count as having mean zero; 0 where nothing moved. Source: the first
    autocorrelation of Box & Jenkins (1970), of returns about zero.
    """

    window: int = 100
    group: ClassVar[Group] = Group.RETURNS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"return_autocorrelation_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        returns = Prices.of(frames).returns()
        before = lagged(returns, 1)
        products = window_sum(returns * before, self.window)
        squares = window_sum(returns * returns, self.window) ** 0.5
        earlier = window_sum(before * before, self.window) ** 0.5
        return {self.names[0]: ratio(products, squares * earlier, cap=1.0)}
