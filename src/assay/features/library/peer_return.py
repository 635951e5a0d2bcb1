"""How the peers moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PeerReturn(Windowed):
    """Mean over peers of ln(C_t / C_t-h) / (sqrt(h) x RMS of their last `window` returns).

    For each h of `horizons`. A peer without a bar now or then is left out; 0 where none is left.
    Source: cross-asset momentum, Pitkäjärvi, Suominen & Vaittinen (2020).
    """

    horizons: tuple[int, ...] = (1, 12)
    window: int = 50
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(*self.horizons, self.window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"peer_return_{h}_by_{self.window}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        peers = Peers.of(frames)
        moves = (peers.scaled(h, self.window) / sqrt(h) for h in self.horizons)
        means = (mean_over_peers(move)[0] for move in moves)
        return dict(zip(self.names, means, strict=True))
