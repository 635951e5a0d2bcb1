"""A small body with one long shadow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.candles import NEAR_BARS, Candles, Flags, Usual, signed
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class Hammer(Windowed):
    """1 for a hammer: a price refused below; -1 for a shooting star, its mirror image.

    A hammer has a body under the mean of the `window` before, a lower shadow of at least two
    bodies, no upper shadow (under a tenth of the mean range before), and its body begins near the
    low before or under it (a fifth of the mean range of five bars). Source: the hammer, Nison
    (1991); small, near and none as measured by TA-Lib.
    """

    window: int = 10
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window, NEAR_BARS + 1) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"hammer_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {self.names[0]: signed(_hammer, frames, self.window)}


def _hammer(c: Candles, usual: Usual) -> Flags:
    lower = c.lower()
    found: Flags = (
        (c.body < usual.body)
        & (lower >= 2.0 * c.body)
        & (lower > 0)
        & (c.upper() < usual.no_shadow)
        & (c.bottom <= lagged(c.low + usual.near, 1))
    )
    return found
