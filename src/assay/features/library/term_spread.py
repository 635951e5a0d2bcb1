"""How steep the yield curves of both currencies are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.rates import change, spread
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class TermSpread(Windowed):
    """10-year less 2-year yield: of the quote, of the base less the quote, and the quote's change.

    In percentage points, the change over `window` bars; 0 until both are known. The quote is the
    money a price is counted in: for gold and shares in dollars the curve of the dollar. Source: the
    slope of the curve, Estrella & Hardouvelis (1991); in currencies, Ang & Chen (2010).
    """

    window: int = 120
    group: ClassVar[Group] = Group.MACRO
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.MACRO})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        kinds = ("quote", "differential", "quote_change")
        return tuple(f"term_spread_{kind}_{self.window}" for kind in kinds)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        quote = spread(frames, "long_quote", "short_quote")
        base = spread(frames, "long_base", "short_base")
        grown = change(frames, "long_quote", "short_quote", self.window)
        return dict(zip(self.names, (quote, base - quote, grown), strict=True))
