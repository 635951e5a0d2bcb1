"""What the volatility features share: the variance a bar's own prices tell of, and safe ratios."""

from dataclasses import dataclass
from math import log as ln

import numpy as np

from assay.features.contract import Frames
from assay.features.series import Prices, log
from assay.features.windows import Vector, window_mean

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class BarMoves:
    """ln(H / O), ln(L / O) and ln(C / O) of each bar, shape (rows,)."""

    up: Vector
    down: Vector
    body: Vector

    @classmethod
    def of(cls, frames: Frames) -> "BarMoves":
        """Return the moves of each bar of `frames` away from its open, made once."""
        prices = Prices.of(frames)
        ends = prices.high, prices.low, prices.close
        found: BarMoves = frames.once(
            "bar moves", lambda: cls(*(log(end / prices.open) for end in ends))
        )
        return found

    def garman_klass(self) -> Vector:
        """Return ln(H / L)^2 / 2 - (2 ln 2 - 1) ln(C / O)^2 (Garman & Klass 1980).

        Its mean is the variance of a bar without drift and without a gap before it.
        """
        width = self.up - self.down
        return 0.5 * width * width - (2.0 * ln(2.0) - 1.0) * self.body * self.body

    def rogers_satchell(self) -> Vector:
        """Return ln(H / O) ln(H / C) + ln(L / O) ln(L / C) (Rogers & Satchell 1991).

        Its mean is the variance of a bar without a gap before it, whatever its drift.
        """
        return self.up * (self.up - self.body) + self.down * (self.down - self.body)


def root_mean(variances: Vector, window: int) -> Vector:
    """Return the root of the mean of the last `window` variances, 0 where that is negative."""
    return np.sqrt(np.maximum(window_mean(variances, window), 0.0))


def log_ratio(top: Vector, bottom: Vector, *, cap: float = 5.0) -> Vector:
    """Return ln(top / bottom) of two volatilities within ±`cap`.

    Each counts as at least 1e-9, so a market that stands still gives 0.
    """
    found: Vector = log(np.maximum(top, _LEAST) / np.maximum(bottom, _LEAST))
    return np.clip(found, -cap, cap, out=found)
