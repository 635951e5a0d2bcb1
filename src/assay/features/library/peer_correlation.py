"""How closely the instrument moves with its peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, correlations, mean_over_peers
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PeerCorrelation(Windowed):
    """Mean over peers of the absolute correlation (about zero) of 1-bar returns over `window` bars.

    0 for a peer with under a third of the pairs, and where there is no peer. In [0, 1]. Source:
    average correlation as market risk, Pollet & Wilson (2010).
    """

    window: int = 100
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"peer_correlation_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        own = Prices.of(frames).returns()
        together = correlations(own, Peers.of(frames).returns(), self.window)
        return {self.names[0]: mean_over_peers(np.abs(together))[0]}
