"""How the instrument moved against its peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.series import Prices, ratio
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class RelativeReturn(Windowed):
    """Own volatility-scaled return less the mean of the peers', for each h of `horizons`.

    Scaled as `peer_return`; 0 where no peer has both bars. Source: relative strength, Levy (1967).
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
        return tuple(f"relative_return_{h}_by_{self.window}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        prices, peers = Prices.of(frames), Peers.of(frames)
        usual = prices.volatility(self.window)
        values = {}
        for name, h in zip(self.names, self.horizons, strict=True):
            own = ratio(prices.returns(h), usual) / sqrt(h)
            theirs, count = mean_over_peers(peers.scaled(h, self.window) / sqrt(h))
            values[name] = np.where(count > 0, own - theirs, 0.0)
        return values
