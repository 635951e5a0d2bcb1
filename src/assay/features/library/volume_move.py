"""A move counted by the volume behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_mean


@dataclass(frozen=True, slots=True)
class VolumeMove(Windowed):
    """(V / mean V) x (r / RMS r), both over `window` bars: signed, within ±100.

    0 where no volume is published or nothing moved. Source: volume and the continuation of moves,
    Llorente, Michaely, Saar & Wang (2002).
    """

    window: int = 50
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"volume_move_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices = Prices.of(frames)
        returns = prices.returns()
        move = ratio(returns, prices.volatility(self.window))
        amount = ratio(prices.volume, window_mean(prices.volume, self.window), cap=100.0)
        return {self.names[0]: (move * amount).clip(-100.0, 100.0)}
