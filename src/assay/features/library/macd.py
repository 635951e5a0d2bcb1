"""Two exponential averages, their distance and its own average."""

from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.recursive import Recursive, span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class Macd(Recursive):
    """(EMA_fast(C) - EMA_slow(C)) / ATR, and the same less its own EMA_signal (the histogram).

    ATR is Wilder's average over `atr_window` bars. Within ±20 ATR; 0 where ATR is 0. Source: Appel
    (1979), in units of ATR.
    """

    fast: int = 12
    slow: int = 26
    signal: int = 9
    atr_window: int = 14
    group: ClassVar[Group] = Group.TREND
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a fast average that is not the faster one."""
        Feature.__post_init__(self)
        if self.fast >= self.slow:
            raise SettingsError(f"Macd: fast is below slow; found {self.fast} and {self.slow}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.slow + self.signal - 1, self.atr_window)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        settings = f"{self.fast}_{self.slow}_{self.signal}_by_{self.atr_window}"
        return f"macd_{settings}", f"macd_histogram_{settings}"

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return span_weight(self.fast), span_weight(self.slow), 1.0 / self.atr_window

    @property
    def second_weights(self) -> tuple[float, ...]:
        """See `Recursive.second_weights`."""
        return (span_weight(self.signal),)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        prices = Prices.of(frames)
        return prices.close, prices.close, prices.true_range()

    def seconds(self, frames: Frames, first: Parts) -> Parts:
        """See `Recursive.seconds`."""
        return (first[0] - first[1],)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        fast, slow, atr = first
        line = fast - slow
        return ratio(line, atr), ratio(line - second[0], atr)
