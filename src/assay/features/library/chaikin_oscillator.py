"""Whether accumulation is picking up."""

from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.recursive import Recursive, span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class ChaikinOscillator(Recursive):
    """(EMA_fast(AD) - EMA_slow(AD)) / EMA_slow(V), AD the accumulation line.

    Accumulation and distribution adds V (2 C - H - L) / (H - L) of each bar. AD - EMA(AD) is (1 -
    w) / w times the average of what AD adds, w the weight, so that no level is remembered. Within
    ±20; 0 where no volume is published. Source: the oscillator of Chaikin, in Achelis (1995), per
    mean volume.
    """

    fast: int = 3
    slow: int = 10
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a fast average that is not the faster one."""
        Feature.__post_init__(self)
        if self.fast >= self.slow:
            raise SettingsError(
                f"ChaikinOscillator: fast is below slow; found {self.fast} and {self.slow}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.slow

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"chaikin_oscillator_{self.fast}_{self.slow}",)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        fast, slow = span_weight(self.fast), span_weight(self.slow)
        return fast, slow, slow

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        p = Prices.of(frames)
        place = ratio((p.close - p.low) - (p.high - p.close), p.high - p.low, cap=1.0)
        flow = place * p.volume
        return flow, flow, p.volume

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        fast, slow, volume = first
        behind = [(1.0 - weight) / weight for weight in self.weights]
        return (ratio(behind[1] * slow - behind[0] * fast, volume),)
