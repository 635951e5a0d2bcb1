"""What each column did to the score of boosted trees: exact Shapley values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.lightgbm_text import Forest
from assay.models.trees import turns_left


@dataclass(frozen=True, slots=True)
class Paths:
    """The way to every one of L leaves, and the distinct columns asked on it, at most D.

    A step (S,) leads to a `leaf`: at `node` it takes the `side` (True is left), and belongs to the
    leaf's `part`. A part (L, D) is a `column` and the `share` of the training rows that went that
    way; parts a leaf does not have hold column 0 and a share of 1, which moves nothing. `value` is
    the leaf's and `tree` its tree.
    """

    leaf: NDArray[np.int64]
    node: NDArray[np.int64]
    side: NDArray[np.bool_]
    part: NDArray[np.int64]
    column: NDArray[np.int64]
    share: Floats
    value: Floats
    tree: NDArray[np.int64]


def paths(forest: Forest) -> Paths:
    """Return the paths of `forest`; walk them once, use them for every row."""
    steps: list[tuple[int, int, int, int]] = []
    parts: list[dict[int, float]] = []
    owner: list[int] = []
    for tree in range(forest.trees):
        for path in _leaves(forest, tree):
            shares: dict[int, float] = {}
            places: dict[int, int] = {}
            for node, side, share in path:
                column = int(forest.feature[node])
                place = places.setdefault(column, len(places))
                shares[column] = shares.get(column, 1.0) * share
                steps.append((len(parts), node, side, place))
            parts.append(shares)
            owner.append(tree)
    table = np.array(steps, dtype=np.int64).reshape(-1, 4)
    columns = np.zeros((len(parts), max(map(len, parts))), dtype=np.int64)
    known = np.ones(columns.shape)
    for leaf, own in enumerate(parts):
        columns[leaf, : len(own)] = list(own)
        known[leaf, : len(own)] = list(own.values())
    return Paths(
        leaf=table[:, 0].copy(),
        node=table[:, 1].copy(),
        side=table[:, 2] == 1,
        part=table[:, 3].copy(),
        column=columns,
        share=known,
        value=forest.leaf,
        tree=np.array(owner),
    )


def shapley(forest: Forest, ways: Paths, x: Floats, output: int) -> tuple[Floats, float]:
    """Return (n, columns) Shapley values of one output's raw score, and its expectation.

    A column absent from a coalition is averaged over the training rows that passed each split
    (path-dependent TreeSHAP, Lundberg 2018; LightGBM's `pred_contrib`). A row's values and the
    expectation add up to its score.

    A leaf reached with chance `share` where a column is absent and `taken` (0 or 1) where it is
    known is a product over columns, so a column's Shapley value is the integral over u in [0, 1]
    of `taken - share` times the product of `share + u (taken - share)` over the others (the
    multilinear extension, Owen 1972): a polynomial, which Gauss and Legendre integrate exactly.
    """
    x = np.ascontiguousarray(x, dtype=np.float64)
    own = ways.tree % forest.outputs == output
    share, column, value = ways.share[own], ways.column[own], ways.value[own]
    places, weights = np.polynomial.legendre.leggauss(share.shape[1] // 2 + 1)
    places, weights = (places + 1) / 2, weights / 2
    astray = turns_left(forest, x)[:, ways.node] != ways.side
    values = np.zeros(x.shape)
    for row, lost in zip(values, astray, strict=True):
        taken = np.ones(ways.share.shape)
        taken[ways.leaf[lost], ways.part[lost]] = 0.0
        gain = taken[own] - share
        factors = share[..., None] + gain[..., None] * places  # (L, D, points)
        moved = value[:, None] * gain * (_others(factors) @ weights)
        np.add.at(row, column, moved)
    return values, float(value @ share.prod(axis=1))


def _others(factors: Floats) -> Floats:
    """Return the product over axis 1 of all factors but the one at each place; they may be 0."""
    before, after = np.ones_like(factors), np.ones_like(factors)
    np.cumprod(factors[:, :-1], axis=1, out=before[:, 1:])
    np.cumprod(factors[:, :0:-1], axis=1, out=after[:, -2::-1])
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
