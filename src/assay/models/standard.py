"""Columns brought to one scale: less their mean, over their spread, clipped, unknown to zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats

CLIP = 6.0
"""No z-score leaves [-CLIP, CLIP]: one wild value must not own an answer."""


@dataclass(frozen=True, slots=True)
class Standard:
    """Which columns are read (`used`, indices), and their mean and standard deviation."""

    used: NDArray[np.int64]
    mean: Floats
    deviation: Floats
    clip: float

    def scores(self, x: Floats) -> Floats:
        """Return (..., K) z-scores of the used columns of `x` (..., F); NaN becomes 0, the mean."""
        z = np.subtract(x[..., self.used], self.mean)
        np.divide(z, self.deviation, out=z)
        np.clip(z, -self.clip, self.clip, out=z)
        np.copyto(z, 0.0, where=np.isnan(z))
        return z

    def known_scores(self, x: Floats) -> NDArray[np.float32]:
        """Return the same in single precision for `x` without NaN, of which every column is used.

        `x` is overwritten. For one window the plain form takes longer than its net.
        """
        if len(self.used) != x.shape[-1]:
            return self.scores(x).astype(np.float32)
        np.subtract(x, self.mean, out=x)
        np.divide(x, self.deviation, out=x)
        np.maximum(x, -self.clip, out=x)
        np.minimum(x, self.clip, out=x)
        return x.astype(np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, for safetensors."""
        return {
            "used": self.used,
            "mean": self.mean,
            "deviation": self.deviation,
            "clip": np.array([self.clip]),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "Standard":
        """Return it from `arrays`."""
        used, clip = arrays["used"].astype(np.int64), float(arrays["clip"][0])
        return cls(used, arrays["mean"], arrays["deviation"], clip)


def standard_shapes(read: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of `Standard.arrays` for so many columns read."""
    return {"used": (read,), "mean": (read,), "deviation": (read,), "clip": (1,)}


def fit_standard(
    x: Floats, weight: Floats, used: NDArray[np.int64], clip: float = CLIP
) -> Standard:
    """Return weighted means and deviations of known values; a constant column gets deviation 1.

    A column that is never known, or constant, has z-score 0 on every row it was fitted on.
    """
    mean, deviation = np.zeros(len(used)), np.ones(len(used))
    for place, values in enumerate(np.ascontiguousarray(x[:, used].T)):
        known = np.isfinite(values)
        share = weight[known]
        if share.sum() <= 0:
            continue
        mean[place] = np.average(values[known], weights=share)
        spread = np.sqrt(np.average((values[known] - mean[place]) ** 2, weights=share))
        if spread > 1e-12 * max(1.0, abs(mean[place])):
            deviation[place] = spread
    return Standard(used, mean, deviation, clip)
