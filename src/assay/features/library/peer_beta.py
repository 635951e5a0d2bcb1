"""How much the instrument moves for a move of its peers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.peer_line import PeerLine
from assay.features.windowed import Windowed
from assay.features.windows import Vector


@dataclass(frozen=True, slots=True)
class PeerBeta(Windowed):
    """sum(r m) / sum(m^2) over `window` bars, r the log return and m the mean of the peers'.

    Within ±20; bars without a peer are left out, 0 where none is left or nothing moved. Source: the
    single-index model, Sharpe (1963), on the peers' mean.
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
        return (f"peer_beta_{self.window}",)

    def values(self, frames: Frames) -> Mapping[str, Vector]:
        """See `Windowed.values`."""
        return {self.names[0]: PeerLine.of(frames, self.window).beta}
