"""How unusual the instrument's price is against each peer's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.peers import Peers, mean_over_peers
from assay.features.series import Prices, log
from assay.features.spreads import spread_z
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PeerSpread(Windowed):
    """Mean over peers of the z-score of ln(C / peer's close) among its last `window` values.

    A bar that a peer lacks has the last spread before it, up to `window` bars old. Within ±10; a
    peer without a bar now is left out, 0 where none is left or nothing moved. Source: pairs
    trading, Gatev, Goetzmann & Rouwenhorst (2006).
    """

    window: int = 100
    group: ClassVar[Group] = Group.PEERS
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS, Input.PEERS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 2 * self.window

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return (f"peer_spread_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        own, closes = Prices.of(frames).close, Peers.of(frames).closes
        each = [spread_z(log(own / close), self.window) for close in closes]
        mean, _ = mean_over_peers(np.stack(each) if each else closes)
        return {self.names[0]: mean}
