"""Whether the middle of the bars has been rising lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class Awesome(Windowed):
    """Mean of the last `short` (H + L) / 2 less the mean of the last `long`, in mean true ranges.

    These are of `range_window` bars. Within ±20; 0 where the mean true range is 0. Source: the
    awesome oscillator, Williams (1998), in units of true range.
    """

    short: int = 5
    long: int = 34
    range_window: int = 14
    group: ClassVar[Group] = Group.MOMENTUM
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a short mean that is not the shorter one."""
        Feature.__post_init__(self)
        if self.short >= self.long:
            raise SettingsError(f"Awesome: short is below long; found {self.short}, {self.long}")

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.long, self.range_window + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"awesome_{self.short}_{self.long}_by_{self.range_window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        middle = 0.5 * (prices.high + prices.low)
        apart = window_mean(middle, self.short) - window_mean(middle, self.long)
        return {self.names[0]: ratio(apart, prices.mean_true_range(self.range_window))}
