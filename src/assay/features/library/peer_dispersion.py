"""How far apart the peers move."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PeerDispersion(Windowed):
    """Standard deviation over peers of their volatility-scaled 1-bar returns.

    Scaled as `peer_return`; 0 where fewer than two peers have both bars. Source: cross-sectional
    return dispersion, Christie & Huang (1995).
    """

    window: int = 50
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"peer_dispersion_by_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        moves = Peers.of(frames).scaled(1, self.window)
        mean, count = mean_over_peers(moves)
        variance, _ = mean_over_peers((moves - mean) ** 2)
        return {self.names[0]: np.where(count > 1, np.sqrt(variance), 0.0)}
