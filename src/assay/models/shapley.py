"""What each column did to the score of boosted trees: exact Shapley values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.lightgbm_text import Forest
from assay.models.trees import turns_left


@dataclass(frozen=True, slots=True)
class Paths:
    """The way to every one of L leaves, and the distinct columns asked on it, at most D.

    The leaves are those of `outputs`; `output` (L,) is the place there of each leaf's, `value` (L,)
    what it adds. A part (D, L) is a `column` and the `share` of the training rows that went that
    way; parts a leaf does not have hold column 0 and a share of 1, which moves nothing. A step (S,)
    takes the `side` (True is left) at `node`, and belongs to a `part`, a flat index into (D, L).
    `points` and `weights` are those that integrate a product of D exactly.
    """

    outputs: tuple[int, ...]
    output: NDArray[np.int64]
    node: NDArray[np.int64]
    side: NDArray[np.bool_]
    part: NDArray[np.int64]
    column: NDArray[np.int64]
    share: Floats
    value: Floats
    points: Floats
    weights: Floats


def paths(forest: Forest, outputs: Sequence[int]) -> Paths:
    """Return the paths of the trees of `outputs`; walk them once, use them for every row."""
    steps: list[tuple[int, int, int, int]] = []
    parts: list[dict[int, float]] = []
    owner: list[int] = []
    values: list[Floats] = []
    for tree in range(forest.trees):
        if tree % forest.outputs not in outputs:
            continue
        for path in _leaves(forest, tree):
            shares: dict[int, float] = {}
            places: dict[int, int] = {}
            for node, side, share in path:
                column = int(forest.feature[node])
                place = places.setdefault(column, len(places))
                shares[column] = shares.get(column, 1.0) * share
                steps.append((len(parts), node, side, place))
            parts.append(shares)
            owner.append(outputs.index(tree % forest.outputs))
        values.append(forest.leaf[forest.first_leaf[tree] : forest.first_leaf[tree + 1]])
    table = np.array(steps, dtype=np.int64).reshape(-1, 4)
    most = max(map(len, parts))
    columns = np.zeros((most, len(parts)), dtype=np.int64)
    known = np.ones(columns.shape)
    for leaf, own in enumerate(parts):
        columns[: len(own), leaf] = list(own)
        known[: len(own), leaf] = list(own.values())
    points, weights = np.polynomial.legendre.leggauss(most // 2 + 1)
    return Paths(
        outputs=tuple(outputs),
        output=np.array(owner),
        node=table[:, 1].copy(),
        side=table[:, 2] == 1,
        part=table[:, 3] * len(parts) + table[:, 0],
        column=columns,
        share=known,
        value=np.concatenate(values),
        points=(points + 1) / 2,
        weights=weights / 2,
    )


def shapley(forest: Forest, ways: Paths, x: Floats) -> tuple[Floats, Floats]:
    """Return (n, K, columns) Shapley values of the raw scores of K outputs, and (K,) expectations.

    A column absent from a coalition is averaged over the training rows that passed each split
    (path-dependent TreeSHAP, Lundberg 2018; LightGBM's `pred_contrib`). A row's values and the
    expectation add up to its score.

    A leaf reached with chance `share` where a column is absent and `taken` (0 or 1) where it is
    known is a product over columns, so a column's Shapley value is the integral over u in [0, 1]
    of `taken - share` times the product of `share + u (taken - share)` over the others (the
    multilinear extension, Owen 1972): a polynomial, which Gauss and Legendre integrate exactly.
    """
    x = np.ascontiguousarray(x, dtype=np.float64)
    share, count = ways.share, len(ways.outputs)
    target = (ways.output * x.shape[1] + ways.column).ravel()
    astray = turns_left(forest, x)[:, ways.node] != ways.side
    values = np.zeros((len(x), count * x.shape[1]))
    for row, lost in zip(values, astray, strict=True):
        taken = np.ones(share.size)
        taken[ways.part[lost]] = 0.0
        gain = taken.reshape(share.shape) - share
        factors = share + gain * ways.points[:, None, None]  # (points, D, L)
        others = ways.weights @ _others(factors).reshape(len(ways.points), -1)
        row[:] = np.bincount(target, (ways.value * gain).ravel() * others, len(row))
    reached = np.asarray(ways.value * share.prod(axis=0))
    expected = np.bincount(ways.output, reached, count).astype(np.float64, copy=False)
    return values.reshape(len(x), count, x.shape[1]), expected


def _others(factors: Floats) -> Floats:
    """Return the product over axis 1 of all factors but the one at each place; they may be 0."""
    before, after = np.ones_like(factors), np.ones_like(factors)
    for place in range(1, factors.shape[1]):  # quicker than two `cumprod`, step by step
        np.multiply(before[:, place - 1], factors[:, place - 1], out=before[:, place])
        np.multiply(after[:, -place], factors[:, -place], out=after[:, -place - 1])
    return np.asarray(before * after)


def _leaves(forest: Forest, tree: int) -> list[list[tuple[int, int, float]]]:
    """Return, per leaf of one tree, its path as (node, 1 for left, share of the node's rows)."""
    node_at, leaf_at = int(forest.first_node[tree]), int(forest.first_leaf[tree])
    found: list[list[tuple[int, int, float]]] = [[]] * (int(forest.first_leaf[tree + 1]) - leaf_at)
    waiting: list[tuple[int, list[tuple[int, int, float]]]] = [(0, [])] if len(found) > 1 else []
    while waiting:
        at, path = waiting.pop()
        node = node_at + at
        for side, child in ((1, forest.left), (0, forest.right)):
            to = int(child[node])
            rows = forest.node_rows[node_at + to] if to >= 0 else forest.leaf_rows[leaf_at + ~to]
            longer = [*path, (node, side, float(rows / max(forest.node_rows[node], 1.0)))]
            if to >= 0:
                waiting.append((to, longer))
            else:
                found[~to] = longer
    return found
