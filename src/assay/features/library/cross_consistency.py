"""How far the price is from what its peers make of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.currencies import legs, synthetic
from assay.features.peers import Peers, mean_over_peers
from assay.features.series import Prices, log
from assay.features.spreads import spread_z
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class CrossConsistency(Windowed):
    """Mean over synthetic crosses of the z-score of ln(C / synthetic) in its last `window`.

    A synthetic cross of BASE and QUOTE is the product of two peers that share a third currency, as
    EURGBP x GBPUSD for EURUSD. A bar that a peer lacks has the last ratio before it, up to `window`
    bars old. Within ±10; 0 where no two peers make the cross or have a bar now, and where it does
    not vary. Source: triangular parity, Aiba, Hatano, Takayasu, Marumo & Shimizu (2002).
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
        return (f"cross_consistency_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        own, closes = Prices.of(frames).close, Peers.of(frames).closes
        market = frames.instrument
        pairs = tuple(legs(symbol, market.asset_class) for symbol in frames.peer_symbols)
        each = []
        for first, power, second, other in synthetic(market.base, market.quote, pairs):
            between = own / closes[first] if power > 0 else own * closes[first]
            apart = between / closes[second] if other > 0 else between * closes[second]
            each.append(spread_z(log(apart), self.window))
        mean, _ = mean_over_peers(np.stack(each) if each else closes[:0])
        return {self.names[0]: mean}
