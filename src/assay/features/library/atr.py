"""The usual range of a bar as a fraction of the price."""

from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class Atr(Recursive):
    """ATR / C: Wilder's average of the true range, weight 1 / `window`, as a share of the price.

    True range = max(H, C_t-1) - min(L, C_t-1). Within 20. Source: Wilder (1978).
    """

    window: int = 14
    group: ClassVar[Group] = Group.VOLATILITY
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"atr_{self.window}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (1.0 / self.window,)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        return (Prices.of(frames).true_range(),)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        return (ratio(first[0], Prices.of(frames).close),)
