"""How unusual the volume is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, log, z_score
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean_std


@dataclass(frozen=True, slots=True)
class VolumeZ(Windowed):
    """z-score of ln(1 + volume) among its last `window` values.

    Within ±10; 0 where volume does not vary or is not published. Source: the high-volume premium,
    Gervais, Kaniel & Mingelgrin (2001).
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"volume_z_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        amount = log(1.0 + Prices.of(frames).volume)
        mean, spread = window_mean_std(amount, self.window)
        return {self.names[0]: z_score(amount, mean, spread)}
