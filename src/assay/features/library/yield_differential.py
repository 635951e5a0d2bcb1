"""What the market for two-year money thinks of both currencies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.rates import change, spread
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class YieldDifferential(Windowed):
    """2-year yield of the base less that of the quote, and its change over `window` bars.

    In percentage points; 0 until both are known. Source: expected rates in exchange rates, Engel,
    Mark & West (2007).
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
        return f"yield_differential_{self.window}", f"yield_differential_change_{self.window}"

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        legs = ("short_base", "short_quote")
        values = spread(frames, *legs), change(frames, *legs, self.window)
        return dict(zip(self.names, values, strict=True))
