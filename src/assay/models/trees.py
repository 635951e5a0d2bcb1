"""Walks boosted trees as LightGBM does, to the last bit of the score.

Compiled by numba on first use and cached beside the package; holds no lock while it runs.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.lightgbm_text import Forest

Longs = NDArray[np.int64]

_ZERO = float(np.float32(1e-35))
_DEFAULT_LEFT = 2
_MISSING_ZERO = 1
_MISSING_NAN = 2


def scores(forest: Forest, x: Floats) -> Floats:
    """Return (n, outputs) raw scores for `x` (n, columns), summed in the order of the trees."""
    return np.asarray(
        _scores(
            np.ascontiguousarray(x, dtype=np.float64),
            forest.outputs,
            forest.first_node,
            forest.first_leaf,
            forest.feature,
            forest.threshold,
            forest.decision,
            forest.left,
            forest.right,
            forest.leaf,
        )
    )


def answers(forest: Forest, x: Floats) -> Floats:
    """Return (n, outputs) what the objective makes of `scores`: probabilities or plain values."""
    raw = scores(forest, x)
    if forest.link == "softmax":
        raised = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))
    if forest.link == "sigmoid":
        return np.asarray(1.0 / (1.0 + np.exp(-forest.sigmoid * raw)))
    return raw


@njit(cache=True, nogil=True)
def goes_left(value: float, threshold: float, decision: int) -> bool:
    """Say which way a value goes at a split, unknown and zero as `decision` has it."""
    kind = (decision >> 2) & 3
    if np.isnan(value) and kind != _MISSING_NAN:
        value = 0.0
    if (kind == _MISSING_ZERO and -_ZERO < value <= _ZERO) or (
        kind == _MISSING_NAN and np.isnan(value)
    ):
        return (decision & _DEFAULT_LEFT) != 0
    return value <= threshold


@njit(cache=True, nogil=True)
def _scores(
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


@njit(cache=True, nogil=True)
def shapley_sums(
    x: Floats,
    leaves: Longs,
    coalitions: Floats,
    step_from: Longs,
    node: Longs,
    side: NDArray[np.int8],
    part: Longs,
    part_from: Longs,
    column: Longs,
    share: Floats,
    value: Floats,
    feature: NDArray[np.int32],
    threshold: Floats,
    decision: NDArray[np.int8],
) -> Floats:
    """Return (n, columns) Shapley values over the chosen `leaves`; see `models.shapley`."""
    values = np.zeros(x.shape)
    width = coalitions.shape[1]
    taken = np.zeros(width)
    sizes = np.zeros(width + 1)
    for row in range(x.shape[0]):
        for leaf in leaves:
            first, players = part_from[leaf], part_from[leaf + 1] - part_from[leaf]
            taken[:players] = 1.0
            for step in range(step_from[leaf], step_from[leaf + 1]):
                at = node[step]
                goes = goes_left(x[row, feature[at]], threshold[at], decision[at])
                if goes != (side[step] == 1):
                    taken[part[step]] = 0.0
            for player in range(players):
                # sizes[k]: over coalitions of k others, the share of rows that reach the leaf
                sizes[: players + 1] = 0.0
                sizes[0] = 1.0
                for other in range(players):
                    if other == player:
                        continue
                    for size in range(players - 1, 0, -1):
                        sizes[size] = (
                            sizes[size] * share[first + other] + sizes[size - 1] * taken[other]
                        )
                    sizes[0] *= share[first + other]
                weighed = 0.0
                for size in range(players):
                    weighed += sizes[size] * coalitions[players, size]
                values[row, column[first + player]] += (
                    value[leaf] * (taken[player] - share[first + player]) * weighed
                )
    return values
