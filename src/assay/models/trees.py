"""Walks boosted trees as LightGBM does, to the last bit of the score."""

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.lightgbm_text import DEFAULT_LEFT, MISSING_NAN, MISSING_ZERO, ZERO, Forest

FEW = 64
"""Up to so many rows numpy is quicker than waking the compiler, which takes half a second."""


def scores(forest: Forest, x: Floats) -> Floats:
    """Return (n, outputs) raw scores for `x` (n, columns), summed in the order of the trees."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    return _few(forest, x) if len(x) <= FEW else _many(forest, x)


def answers(forest: Forest, x: Floats) -> Floats:
    """Return (n, outputs) what the objective makes of `scores`: probabilities or plain values."""
    raw = scores(forest, x)
    if forest.link == "softmax":
        raised = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))
    if forest.link == "sigmoid":
        return np.asarray(1.0 / (1.0 + np.exp(-forest.sigmoid * raw)))
    return raw


def turns_left(forest: Forest, x: Floats) -> NDArray[np.bool_]:
    """Return (n, nodes) whether each row of `x` (n, columns) would go left at each split.

    Unknown and zero go as the split's `decision` has it; see `Forest`.
    """
    kind = (forest.decision >> 2) & 3
    value = x[:, forest.feature]
    unknown = np.isnan(value)
    value[(unknown & (kind != MISSING_NAN)) | (np.abs(value) <= ZERO)] = 0.0
    by_default = np.where(kind == MISSING_ZERO, value == 0.0, unknown & (kind == MISSING_NAN))
    return np.where(by_default, (forest.decision & DEFAULT_LEFT) != 0, value <= forest.threshold)


def _few(forest: Forest, x: Floats) -> Floats:
    """Return the scores by one step of all rows in all trees at a time."""
    left = turns_left(forest, x)
    rows = np.arange(len(x))[:, None]
    start = forest.first_node[:-1]
    at = np.where(np.diff(forest.first_leaf) > 1, 0, -1) * np.ones((len(x), 1), dtype=np.int64)
    while (inside := at >= 0).any():
        node = np.where(inside, start + at, 0)
        child = np.where(left[rows, node], forest.left[node], forest.right[node])
        at = np.where(inside, child, at)
    reached = forest.leaf[forest.first_leaf[:-1] + ~at]
    by_output = reached.reshape(len(x), reached.shape[1] // forest.outputs, forest.outputs)
    return np.asarray(by_output.cumsum(axis=1)[:, -1])  # a running sum keeps the trees' order


def _many(forest: Forest, x: Floats) -> Floats:
    from assay.models.walk import walk  # numba, only where it pays

    return np.asarray(
        walk(
            x,
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
