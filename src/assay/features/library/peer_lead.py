"""What the peers' last move says about our next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, correlations, mean_over_peers
from assay.features.series import Prices
from assay.features.windowed import Windowed
from assay.features.windows import Vector, lagged


@dataclass(frozen=True, slots=True)
class PeerLead(Windowed):
    """Mean over peers of rho_i x z_i: their last scaled return, weighted by how it led us so far.

    rho_i is the correlation (about zero) of our returns with the peer's return one bar earlier,
    over `window` bars, 0 where under a third of the pairs exist; z_i as in `peer_return`. 0 where
    no peer has both bars. Source: lead-lag between assets, Lo & MacKinlay (1990).
    """

    window: int = 100
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.window + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"peer_lead_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        peers = Peers.of(frames)
        own = Prices.of(frames).returns()
        led = correlations(own, lagged(peers.returns(), 1), self.window)
        lead, _ = mean_over_peers(led * peers.scaled(1, self.window))
        return {self.names[0]: lead}
