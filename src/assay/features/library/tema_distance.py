"""How far the close is from exponential averages without most of their lag."""

from dataclasses import dataclass
from typing import ClassVar

from assay.features.chained import Chained
from assay.features.contract import Frames, Group, Input
from assay.features.recursive import span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class TemaDistance(Chained):
    """(C - DEMA) / ATR and (C - TEMA) / ATR over `span` bars.

    With E the EMA of C, EE that of E and EEE that of EE, DEMA = 2 E - EE and TEMA = 3 E - 3 EE +
    EEE. ATR is Wilder's average over `atr_window` bars. Within ±20; 0 where ATR is under a
    millionth of a millionth of the price. Source: Mulloy (1994).
    """

    span: int = 20
    atr_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(3 * self.span - 2, self.atr_window)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.span}_by_{self.atr_window}"
        return f"dema_distance_{settings}", f"tema_distance_{settings}"

    @property
    def chains(self) -> tuple[tuple[float, ...], ...]:
        """See `Chained.chains`."""
        return (span_weight(self.span),) * 3, (1.0 / self.atr_window,)

    def drives(self, frames: Frames) -> Parts:
        """See `Chained.drives`."""
        prices = Prices.of(frames)
        return prices.close, prices.true_range()

    def read(self, frames: Frames, paths: tuple[Parts, ...]) -> Parts:
        """See `Chained.read`."""
        (once, twice, thrice), (atr,) = paths
        close = Prices.of(frames).close
        double = 2.0 * once - twice
        triple = 3.0 * (once - twice) + thrice
        nothing = 1e-12 * close
        return ratio(close - double, atr, floor=nothing), ratio(close - triple, atr, floor=nothing)
