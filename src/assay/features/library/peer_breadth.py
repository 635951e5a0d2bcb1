"""How many of the peers rise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class PeerBreadth(Windowed):
    """(peers that rose - peers that fell) / peers, over each h bars of `horizons`.

    In [-1, 1]. A peer without a bar now or then is left out; 0 where none is left. Source: the
    advance-decline line, Zakon & Pennypacker (1968), as a share.
    """

    horizons: tuple[int, ...] = (1, 12)
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.horizons) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"peer_breadth_{h}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        closes = Peers.of(frames).closes
        means = (mean_over_peers(np.sign(closes - lagged(closes, h)))[0] for h in self.horizons)
        return dict(zip(self.names, means, strict=True))
