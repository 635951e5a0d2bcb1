"""Which way a thrice smoothed price is going."""

from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.chained import Chained
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.recursive import span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class Trix(Chained):
    """(EMA3 - EMA3 one bar ago) / ATR, EMA3 = EMA(EMA(EMA(C))), each of `span` bars.

    ATR is Wilder's average over `atr_window` bars. Within ±20; 0 where ATR is under a millionth
    of a millionth of the price. Source: Hutson (1983), in units of ATR, not per cent.
    """

    span: int = 15
    atr_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a span that smooths nothing."""
        Feature.__post_init__(self)
        if self.span < 2:
            raise SettingsError(f"Trix: span is at least 2; found {self.span}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(3 * self.span - 1, self.atr_window)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"trix_{self.span}_by_{self.atr_window}",)

    @property
    def chains(self) -> tuple[tuple[float, ...], ...]:
        """See `Chained.chains`."""
        return (span_weight(self.span),) * 3, (1.0 / self.atr_window,)

    def drives(self, frames: Frames) -> Parts:
        """See `Chained.drives`."""
        prices = Prices.of(frames)
        return prices.close, prices.true_range()

    def read(self, frames: Frames, paths: tuple[Parts, ...]) -> Parts:
        """See `Chained.read`: the last step of EMA3 is worked back from where it is now."""
        (_, second, third), (atr,) = paths
        weight = span_weight(self.span)
        step = (second - third) * (weight / (1.0 - weight))
        return (ratio(step, atr, floor=1e-12 * Prices.of(frames).close),)
