"""Which producers say the same thing, and how many independent ones are left."""

import numpy as np
from numpy.typing import NDArray

from assay.fusion.evidence import Floats

SAME = 1.0 - 1e-9
"""From this correlation on, two producers are one, counted twice."""


def correlation(values: Floats) -> Floats:
    """Return (k, k): correlations of the columns of `values` (n, k) over rows both know.

    NaN is unknown. Pairs that share no variation have correlation 0; the diagonal is 1.
    """
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    centred = np.where(known, values - mean, 0.0)
    shared = centred.T @ centred
    if known.all():
        power = np.outer(np.diag(shared), np.diag(shared))
    else:
        spread = (centred**2).T @ known  # of the row's producer, over the column's rows
        power = spread * spread.T
    ratio = np.divide(shared, np.sqrt(power), out=np.zeros_like(shared), where=power > 0)
    ratio = np.clip(ratio, -1.0, 1.0)
    np.fill_diagonal(ratio, 1.0)
    return np.asarray(ratio)


def shrunk(matrix: Floats, blocks: int) -> Floats:
    """Return `matrix` drawn toward its own average correlation, never below 0 off the diagonal.

    The share is the sum of the sampling variances (1 - r^2)^2 / blocks over the sum of squared
    distances from the target (Schaefer and Strimmer 2005, target of equal correlation). Negative
    correlation is not rewarded: no pool counts as more members than it has.
    """
    size = len(matrix)
    if size < 2:
        return matrix.copy()
    off = matrix[~np.eye(size, dtype=bool)]
    target = off.mean()
    distance = ((off - target) ** 2).sum()
    noise = ((1.0 - off**2) ** 2).sum() / max(blocks, 1)
    share = 1.0 if distance <= 0 else min(1.0, noise / distance)
    mixed = np.maximum((1.0 - share) * matrix + share * target, 0.0)
    np.fill_diagonal(mixed, 1.0)
    return np.asarray(mixed)


def cluster(matrix: Floats, cut: float) -> tuple[NDArray[np.int64], Floats]:
    """Return each item's cluster (k,) and its share in it (k,), from correlations (k, k).

    Average linkage, merged while the closest pair of clusters correlates at least `cut`. Copies
    (`SAME`) are first made one item, so that copying an item changes neither the clusters nor the
    mean inside them: the shares of a cluster's distinct items are equal, and copies divide theirs.
    Clusters are numbered by their first item.
    """
    size = len(matrix)
    first_copy = np.array(
        [int(np.flatnonzero(matrix[i, : i + 1] >= SAME)[0]) for i in range(size)], dtype=np.int64
    )
    items = np.unique(first_copy)
    groups = _merged(matrix[np.ix_(items, items)], cut)
    label, share = np.zeros(size, np.int64), np.zeros(size)
    groups.sort(key=lambda group: group[0])
    for number, group in enumerate(groups):
        for item in items[list(group)]:
            copies = np.flatnonzero(first_copy == item)
            label[copies] = number
            share[copies] = 1.0 / (len(group) * len(copies))
    return label, share


def effective_members(weights: Floats, matrix: Floats) -> float:
    """Return N_eff = 1 / (w' R w), at least 1 (the design effect of Kish 1965)."""
    variance = float(weights @ matrix @ weights)
    return 1.0 / min(1.0, max(variance, 1e-12))


def _merged(matrix: Floats, cut: float) -> list[list[int]]:
    groups = [[i] for i in range(len(matrix))]
    linkage = np.array(matrix)
    np.fill_diagonal(linkage, -np.inf)
    while len(groups) > 1 and linkage.max() >= cut:
        a, b = sorted(divmod(int(linkage.argmax()), len(groups)))
        left, right = len(groups[a]), len(groups[b])
        row = (left * linkage[a] + right * linkage[b]) / (left + right)
        linkage[a], linkage[:, a] = row, row
        linkage[a, a] = -np.inf
        linkage = np.delete(np.delete(linkage, b, axis=0), b, axis=1)
        groups[a] = sorted(groups[a] + groups.pop(b))
    return groups
