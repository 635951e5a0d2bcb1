"""Whether money moves towards the base currency or away from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.rates import change
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class RateMomentum(Windowed):
    """Change of (policy rate of the base - of the quote) over `window` bars, percentage points.

    0 until both rates were known so long. Source: monetary policy momentum, Neuhierl & Weber
    (2018), for a pair.
    """

    window: int = 240
    group: ClassVar[Group] = Group.MACRO
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.MACRO})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"rate_momentum_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {self.names[0]: change(frames, "policy_base", "policy_quote", self.window)}
