"""Whether trading is picking up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.features.contract import Feature, Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class VolumeTrend(Windowed):
    """(mean V of `short` bars - mean V of `long` bars) / their sum, in [-1, 1].

    0 where no volume is published. Source: the volume oscillator, as a bounded share.
    """

    short: int = 5
    long: int = 50
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    def __post_init__(self) -> None:
        """Refuse a short window that is not the shorter one."""
        Feature.__post_init__(self)
        if self.short >= self.long:
            raise SettingsError(
                f"VolumeTrend: short is below long; found {self.short}, {self.long}"
            )

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.long

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"volume_trend_{self.short}_{self.long}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        volume = Prices.of(frames).volume
        short, long = window_mean(volume, self.short), window_mean(volume, self.long)
        return {self.names[0]: ratio(short - long, short + long, cap=1.0)}
