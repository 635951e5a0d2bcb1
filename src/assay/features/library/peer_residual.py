"""What the instrument did that its peers do not explain."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.peer_line import PeerLine
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class PeerResidual(Windowed):
    """Sum of r - beta m over h bars, by sqrt(h) times its RMS, for each h of `horizons`.

    RMS over `window` bars; beta as in `peer_beta`, at the last bar. Within ±20; 0 where nothing is
    left, or nothing moved. Source: statistical arbitrage on residuals, Avellaneda & Lee (2010).
    """

    horizons: tuple[int, ...] = (1, 12)
    window: int = 100
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(*self.horizons, self.window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"peer_residual_{h}_by_{self.window}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        line = PeerLine.of(frames, self.window)
        values = {}
        for name, h in zip(self.names, self.horizons, strict=True):
            rest = window_sum(line.own, h) - line.beta * window_sum(line.common, h)
            values[name] = ratio(rest / sqrt(h), line.left)
        return values
