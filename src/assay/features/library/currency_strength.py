"""Which of the pair's two currencies the peers say is stronger."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from assay.features.contract import Frames, Group, Input
from assay.features.currencies import legs, side
from assay.features.peers import Peers, mean_over_peers
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class CurrencyStrength(Windowed):
    """Mean move of the base currency less that of the quote, for each h of `horizons`.

    Over the peers that trade it. The move of a currency is the volatility-scaled return of
    `peer_return`, its sign turned where the peer quotes it the other way; 0 for a currency in no
    peer that has both bars. Source: currency factors, Aloosh & Bekaert (2022).
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
        return tuple(f"currency_strength_{h}_by_{self.window}" for h in self.horizons)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        peers = Peers.of(frames)
        own = frames.instrument
        pairs = [legs(symbol, own.asset_class) for symbol in frames.peer_symbols]
        base, quote = (
            np.array([side(pair, money) for pair in pairs]) for money in (own.base, own.quote)
        )
        told = (base != 0) | (quote != 0)
        values = {}
        for name, h in zip(self.names, self.horizons, strict=True):
            moves = peers.scaled(h, self.window)[told] / sqrt(h)
            of_base, _ = mean_over_peers(_turned(moves, base[told]))
            of_quote, _ = mean_over_peers(_turned(moves, quote[told]))
            values[name] = of_base - of_quote
        return values


def _turned(moves: Vector, sides: npt.NDArray[np.int64]) -> Vector:
    """Return the moves of the peers with a side, by its sign."""
    some = sides != 0
    found: Vector = moves[some] * sides[some, None]
    return found
