"""What the peers' last move says about our next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.peers import (
    correlations,
    mean_over_peers,
    peer_closes,
    peer_returns,
    scaled_moves,
)
from assay.features.series import Prices, log_return
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
        closes = peer_closes(frames)
        own = log_return(Prices.of(frames).close)
        led = correlations(own, lagged(peer_returns(closes), 1), self.window)
        lead, _ = mean_over_peers(led * scaled_moves(closes, 1, self.window))
        return {self.names[0]: lead}
