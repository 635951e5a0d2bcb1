"""How much volume pushed, and which way."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, lagged


@dataclass(frozen=True, slots=True)
class ForceIndex(Recursive):
    """EMA(V (C - C_t-1)) / EMA(V TR) for each n of `windows`, in [-1, 1].

    TR is the true range, so 1 is a market whose every bar closes at the far end of its range. 0
    where no volume is published or nothing moved. Source: the force index of Elder (1993), as a
    share.
    """

    windows: tuple[int, ...] = (2, 13)
    group: ClassVar[Group] = Group.VOLUME
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return max(self.windows) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"force_index_{n}" for n in self.windows)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`: of the force, then of the range, for each window."""
        return tuple(span_weight(n) for n in self.windows) * 2

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        p = Prices.of(frames)
        move = p.close - lagged(p.close, 1)
        most = np.where(np.isnan(move), np.nan, p.true_range() * p.volume)
        count = len(self.windows)
        return (move * p.volume,) * count + (most,) * count

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        count = len(self.windows)
        pairs = zip(first[:count], first[count:], strict=True)
        return tuple(ratio(force, most, cap=1.0) for force, most in pairs)
