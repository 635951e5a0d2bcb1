"""How closely the peers move with one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.series import ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class PeerCoupling(Windowed):
    """Mean absolute correlation of each peer with the next by name, over `window` bars.

    About zero; the last with the first. A bar that one of two lacks counts as no move together. In
    [0, 1]; 0 with under two peers that move. Source: average correlation, Pollet & Wilson (2010),
    of neighbours in place of all pairs.
    """

    window: int = 100
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"peer_coupling_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        moves = Peers.of(frames).returns()
        if len(moves) < 2:
            return {self.names[0]: np.zeros(moves.shape[-1])}
        moves = np.where(np.isfinite(moves), moves, 0.0)
        size = np.sqrt(window_sum(moves * moves, self.window))
        pairs = range(len(moves) if len(moves) > 2 else 1)
        each = np.stack([self._together(moves, size, place) for place in pairs])
        return {self.names[0]: mean_over_peers(each)[0]}

    def _together(self, moves: Vector, size: Vector, place: int) -> Vector:
        """Return the absolute correlation of a peer and the next, NaN where one stood still."""
        other = (place + 1) % len(moves)
        both = size[place] * size[other]
        found = np.abs(ratio(window_sum(moves[place] * moves[other], self.window), both, cap=1.0))
        return np.where(both > 0, found, np.nan)
