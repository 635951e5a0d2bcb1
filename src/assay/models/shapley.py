"""What each column did to the score of boosted trees: exact Shapley values."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import Floats
from assay.models.lightgbm_text import Forest
from assay.models.trees import shapley_sums


@dataclass(frozen=True, slots=True)
class Paths:
    """The way to every leaf of a forest, and the distinct columns asked on it.

    Per leaf l: steps `step_from[l]..step_from[l + 1]` and distinct columns `part_from[l]..`.
    A step is a `node` (index into the forest), the `side` taken (1 left) and the `part` it belongs
    to, counted within its leaf; a part is a `column` and the product `share` of the rows that went
    that way. `value` is the leaf's, `tree` its tree, `reach` the share of the tree's rows that end
    in it. `coalitions` (longest + 1, longest): row D, column k holds k! (D - 1 - k)! / D!.
    """

    step_from: NDArray[np.int64]
    node: NDArray[np.int64]
    side: NDArray[np.int8]
    part: NDArray[np.int64]
    part_from: NDArray[np.int64]
    column: NDArray[np.int64]
    share: Floats
    value: Floats
    tree: NDArray[np.int64]
    reach: Floats
    coalitions: Floats


def paths(forest: Forest) -> Paths:
    """Return the paths of `forest`; walk them once, use them for every row."""
    step_from, part_from = [0], [0]
    steps: list[tuple[int, int, int]] = []
    columns: list[int] = []
    shares: list[float] = []
    owner: list[int] = []
    for tree in range(forest.trees):
        for path in _leaves(forest, tree):
            places: dict[int, int] = {}
            start = len(shares)
            for node, side, share in path:
                column = int(forest.feature[node])
                if column not in places:
                    places[column] = len(places)
                    columns.append(column)
                    shares.append(1.0)
                shares[start + places[column]] *= share
                steps.append((node, side, places[column]))
            step_from.append(len(steps))
            part_from.append(len(shares))
            owner.append(tree)
    table = np.array(steps, dtype=np.int64).reshape(-1, 3)
    bounds, parts = np.array(part_from), np.array(shares, dtype=np.float64)
    return Paths(
        np.array(step_from),
        table[:, 0].copy(),
        table[:, 1].astype(np.int8),
        table[:, 2].copy(),
        bounds,
        np.array(columns, dtype=np.int64),
        parts,
        forest.leaf,
        np.array(owner),
        np.array([parts[a:b].prod() for a, b in pairwise(bounds)]),
        _coalitions(int(np.diff(bounds).max(initial=0))),
    )


def shapley(forest: Forest, ways: Paths, x: Floats, output: int) -> tuple[Floats, float]:
    """Return (n, columns) Shapley values of one output's raw score, and its expectation.

    A column absent from a coalition is averaged over the training rows that passed each split
    (path-dependent TreeSHAP, Lundberg 2018; LightGBM's `pred_contrib`). A row's values and the
    expectation add up to its score.
    """
    own = np.flatnonzero(ways.tree % forest.outputs == output)
    expected = ways.value[own] @ ways.reach[own]
    values = shapley_sums(
        np.ascontiguousarray(x, dtype=np.float64),
        own,
        ways.coalitions,
        ways.step_from,
        ways.node,
        ways.side,
        ways.part,
        ways.part_from,
        ways.column,
        ways.share,
        ways.value,
        forest.feature,
        forest.threshold,
        forest.decision,
    )
    return np.asarray(values), float(expected)


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


def _coalitions(most: int) -> Floats:
    """Return the weights of coalitions by size, for up to `most` players; see `Paths`."""
    table = np.zeros((most + 1, max(most, 1)))
    for players in range(1, most + 1):
        table[players, 0] = 1.0 / players
        for size in range(1, players):
            table[players, size] = table[players, size - 1] * size / (players - size)
    return table
