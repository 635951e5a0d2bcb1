"""How new the last figure is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.series import freshness
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class ReleaseFreshness(Windowed):
    """2^(-m / h), m minutes since a figure of either currency was first seen, h = `half_life`.

    1 at the moment it was seen, 0 where none ever was. Source: how long announcements move prices,
    Ederington & Lee (1993).
    """

    half_life: int = 120
    group: ClassVar[Group] = Group.MACRO
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.MACRO})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"release_freshness_{self.half_life}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        minutes = frames.numbers(Input.MACRO, "minutes_since")
        return {self.names[0]: freshness(minutes, self.half_life)}
