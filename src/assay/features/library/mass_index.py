"""Whether the bars have been growing wider, as before a turn."""

from dataclasses import dataclass
from typing import ClassVar

from assay.features.chained import Chained
from assay.features.contract import Frames, Group, Input
from assay.features.recursive import span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, window_mean


@dataclass(frozen=True, slots=True)
class MassIndex(Chained):
    """Mass index / n - 1: mean of EMA(H - L) / EMA(EMA(H - L)) over n = `window` bars, less 1.

    The EMAs are of `span` bars. The "bulge" of 27 over 25 bars is 0.08. Within 20; 0 where no bar
    has a range (an average under a millionth of a millionth of the price). Source: Dorsey (1992).
    """

    span: int = 9
    window: int = 25
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2 * self.span + self.window - 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"mass_index_{self.span}_{self.window}",)

    @property
    def chains(self) -> tuple[tuple[float, ...], ...]:
        """See `Chained.chains`."""
        return ((span_weight(self.span),) * 2,)

    @property
    def depth(self) -> int:
        """See `Chained.depth`."""
        return self.window

    def drives(self, frames: Frames) -> Parts:
        """See `Chained.drives`."""
        prices = Prices.of(frames)
        return (prices.high - prices.low,)

    def read(self, frames: Frames, paths: tuple[Parts, ...]) -> Parts:
        """See `Chained.read`."""
        ((once, twice),) = paths
        nothing = 1e-12 * Prices.of(frames).close
        return (window_mean(ratio(once - twice, twice, floor=nothing), self.window),)
