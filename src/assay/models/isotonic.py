"""Isotonic regression by pooling adjacent violators: a map that only rises, of no other shape."""

import numpy as np

from assay.models.contract import Floats


def fit_isotonic(at: Floats, value: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the knots (x, y) of the rising map with the least weighted squared error.

    Between knots the map is linear, beyond them constant. Equal `at` are one point first (their
    weighted mean); blocks with equal values keep only their two ends. Ayer et al. 1955.
    """
    places, group = np.unique(at, return_inverse=True)
    mass = np.bincount(group, weights=weight).astype(np.float64)
    level = np.bincount(group, weights=weight * value) / mass
    fitted = pooled(level, mass)
    keep = np.ones(len(places), dtype=np.bool_)
    keep[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    return places[keep], fitted[keep]


def pooled(level: Floats, mass: Floats) -> Floats:
    """Return the rising sequence nearest to `level` under weights `mass`."""
    means: list[float] = []
    masses: list[float] = []
    sizes: list[int] = []
    for mean, weight in zip(level.tolist(), mass.tolist(), strict=True):
        size = 1
        while means and means[-1] >= mean:
            other = masses.pop()
            mean = (means.pop() * other + mean * weight) / (other + weight)
            weight += other
            size += sizes.pop()
        means.append(mean)
        masses.append(weight)
        sizes.append(size)
    return np.repeat(means, sizes)
