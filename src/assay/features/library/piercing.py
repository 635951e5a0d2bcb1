"""A long body that takes back more than half of the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.candles import NEAR_BARS, Candles, Flags, Usual, earlier, signed
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class Piercing(Windowed):
    """1 for a piercing line, -1 for a dark cloud cover, its mirror image.

    A long falling body, then a long rising one that opens under its close or near it (a fifth of
    the mean range of five bars) and closes over its middle but not over its open. Long is over the
    mean body of the `window` bars before. Source: the piercing pattern, Nison (1991), near standing
    for the gap that a market without nights lacks.
    """

    window: int = 10
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window, NEAR_BARS) + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"piercing_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {self.names[0]: signed(_piercing, frames, self.window)}


def _piercing(c: Candles, usual: Usual) -> Flags:
    long = c.body > usual.body
    found: Flags = (
        earlier(long & c.falling(), 1)
        & long
        & c.rising()
        & (c.open <= lagged(c.close, 1) + usual.near)
        & (c.close < lagged(c.open, 1))
        & (c.close > lagged(c.close + 0.5 * c.body, 1))
    )
    return found
