"""Three strong bars in a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.candles import NEAR_BARS, Candles, Flags, Usual, earlier, signed
from assay.features.contract import Frames, Group, Input
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class ThreeSoldiers(Windowed):
    """1 for three white soldiers, -1 for three black crows, their mirror image.

    Three rising bars, each closing higher and at its high (an upper shadow under a tenth of the
    mean range of the `window` bars before), opening in the body before or near its end (a fifth of
    the mean range of five bars), none far shorter than the one before (three fifths), the last no
    short one. Source: three advancing white soldiers, Nison (1991), lengths as measured by TA-Lib.
    """

    window: int = 10
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.window, NEAR_BARS) + 3

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"three_soldiers_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {self.names[0]: signed(_soldiers, frames, self.window)}


def _soldiers(c: Candles, usual: Usual) -> Flags:
    strong = c.rising() & (c.upper() < usual.no_shadow)
    follows = (
        strong
        & (c.close > lagged(c.close, 1))
        & (c.open > lagged(c.open, 1))
        & (c.open <= lagged(c.close + usual.near, 1))
        & (c.body > lagged(c.body - usual.far, 1))
    )
    return follows & earlier(follows, 1) & earlier(strong, 2) & (c.body > usual.body)
