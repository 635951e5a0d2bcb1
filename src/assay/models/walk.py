"""The compiled walk through boosted trees: for many rows, imported only when there are many.

Compiled by numba on first use and cached beside the package; holds no lock while it runs.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.lightgbm_text import DEFAULT_LEFT, MISSING_NAN, MISSING_ZERO, ZERO

Longs = NDArray[np.int64]


@njit(cache=True, nogil=True)
def goes_left(value: float, threshold: float, decision: int) -> bool:
    """Say which way a value goes at a split, unknown and zero as `decision` has it."""
    kind = (decision >> 2) & 3
    if (np.isnan(value) and kind != MISSING_NAN) or -ZERO <= value <= ZERO:
        value = 0.0
    if (kind == MISSING_ZERO and value == 0.0) or (kind == MISSING_NAN and np.isnan(value)):
        return (decision & DEFAULT_LEFT) != 0
    return value <= threshold


@njit(cache=True, nogil=True)
def walk(
    x: Floats,
    outputs: int,
    first_node: Longs,
    first_leaf: Longs,
    feature: NDArray[np.int32],
    threshold: Floats,
    decision: NDArray[np.int8],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    leaf: Floats,
) -> Floats:
    """Return (n, outputs) sums of the leaves that each row of `x` (n, columns) ends in."""
    total = np.zeros((x.shape[0], outputs))
    for row in range(x.shape[0]):
        for tree in range(len(first_leaf) - 1):
            at = 0 if first_leaf[tree + 1] - first_leaf[tree] > 1 else -1
            start = first_node[tree]
            while at >= 0:
                node = start + at
                goes = goes_left(x[row, feature[node]], threshold[node], decision[node])
                at = left[node] if goes else right[node]
            total[row, tree % outputs] += leaf[first_leaf[tree] + ~at]
    return total
