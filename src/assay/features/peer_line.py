"""The line through zero that fits the instrument's returns to the mean of its peers'."""

from dataclasses import dataclass

import numpy as np

from assay.features.contract import Frames
from assay.features.peers import Peers, mean_over_peers
from assay.features.series import Prices, ratio
from assay.features.windows import Vector, window_sum


@dataclass(frozen=True, slots=True)
class PeerLine:
    """Returns, the peers' mean return, the slope and what it leaves (RMS), shape (rows,).

    Bars at which no peer has a return are left out: both returns are 0 there.
    """

    own: Vector
    common: Vector
    beta: Vector
    left: Vector

    @classmethod
    def of(cls, frames: Frames, window: int) -> "PeerLine":
        """Return the least-squares line of the last `window` bars at each bar; made once."""
        found: PeerLine = frames.once((cls, window), lambda: cls._fitted(frames, window))
        return found

    @classmethod
    def _fitted(cls, frames: Frames, window: int) -> "PeerLine":
        common, count = mean_over_peers(Peers.of(frames).returns())
        own = np.where(count > 0, Prices.of(frames).returns(), 0.0)
        size = window_sum(own * own, window)
        together = window_sum(own * common, window)
        beta = ratio(together, window_sum(common * common, window))
        rest = np.maximum(size - beta * together, 0.0)
        rounding = 1e-12 * size  # what is left of a perfect fit
        left = np.sqrt(np.where(rest > rounding, rest, 0.0) / window)
        return cls(own, common, beta, left)
