"""Where the instrument's return stands among its peers'."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PeerRank(Windowed):
    """(peers below - peers above) / peers, by return over h bars, for each h of `horizons`.

    1 the strongest, -1 the weakest; returns are scaled as `peer_return`. 0 where no peer has both
    bars. Source: cross-sectional momentum, Jegadeesh & Titman (1993).
    """

    horizons: tuple[int, ...] = (1, 12)
    window: int = 50
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(*self.horizons, self.window) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"peer_rank_{h}_by_{self.window}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        p, peers = Prices.of(frames), Peers.of(frames)
        values = {}
        for name, h in zip(self.names, self.horizons, strict=True):
            own = ratio(p.returns(h), p.volatility(self.window))
            values[name], _ = mean_over_peers(np.sign(own - peers.scaled(h, self.window)))
        return values
