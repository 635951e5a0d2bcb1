"""The candle of an averaged market, and how one-sided the last ones were."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, span_weight
from assay.features.series import Prices, ratio
from assay.features.windows import Parts, Vector, lagged


@dataclass(frozen=True, slots=True)
class HeikinAshi(Recursive):
    """(c - o) / (max(H, o, c) - min(L, o, c)), and the average sign of c - o over `run` bars.

    In [-1, 1]. c = (O + H + L + C) / 4; o = (o_t-1 + c_t-1) / 2, the middle of the averaged body
    before. The average of the signs is exponential. 0 where nothing moves. Source: heikin-ashi,
    Valcu (2004).
    """

    run: int = 5
    group: ClassVar[Group] = Group.CANDLE
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.BARS})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return self.run + 2

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return f"heikin_ashi_body_{self.run}", f"heikin_ashi_run_{self.run}"

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return (0.5,)

    @property
    def second_weights(self) -> tuple[float, ...]:
        """See `Recursive.second_weights`."""
        return (span_weight(self.run),)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        return (lagged(_middle(Prices.of(frames)), 1),)

    def seconds(self, frames: Frames, first: Parts) -> Parts:
        """See `Recursive.seconds`."""
        return (np.sign(_middle(Prices.of(frames)) - first[0]),)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`."""
        p, opened = Prices.of(frames), first[0]
        closed = _middle(p)
        top = np.maximum(p.high, np.maximum(opened, closed))
        bottom = np.minimum(p.low, np.minimum(opened, closed))
        return ratio(closed - opened, top - bottom, cap=1.0), second[0]


def _middle(p: Prices) -> Vector:
    return (p.open + p.high + p.low + p.close) / 4.0
