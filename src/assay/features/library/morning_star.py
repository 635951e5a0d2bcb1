"""A fall, a pause, and a rise out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.candles import Candles, Flags, Usual, earlier, signed
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class MorningStar(Windowed):
    """1 for a morning star, -1 for an evening star, its mirror image.

    A long falling body, then a short one that lies under its close or near it (a fifth of the mean
    range of five bars), then a rising one that is not short and closes more than `penetration` of
    the way up the first. Long and short are against the mean body of the `window` bars before.
    Source: the morning star, Nison (1991), near standing for the gap that a market without nights
    lacks.
    """

    window: int = 10
    penetration: float = 0.3
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 3

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"morning_star_{self.window}_{self.penetration:g}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {self.names[0]: signed(self._morning, frames, self.window)}

    def _morning(self, c: Candles, usual: Usual) -> Flags:
        long = c.body > usual.body
        star = (c.body <= usual.body) & (c.top <= lagged(c.close, 1) + usual.near)
        found: Flags = (
            earlier(long & c.falling(), 2)
            & earlier(star, 1)
            & long
            & c.rising()
            & (c.close > lagged(c.close + self.penetration * c.body, 2))
        )
        return found
