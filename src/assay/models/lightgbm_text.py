"""Reads LightGBM's native text model into flat arrays, without LightGBM.

Understood: version v4, numerical splits, `binary`, `multiclass` (softmax), `regression` and
`quantile`. Everything else (categorical splits, linear leaves, random forests, square-root targets)
is refused by name rather than answered wrongly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError
from assay.models.contract import Floats

CLASSES = "model.lgb.txt"
"""The text that holds the trees of the classes."""

_OBJECTIVES = {
    "multiclass": "softmax",
    "binary": "sigmoid",
    "regression": "identity",
    "quantile": "identity",
}
_CATEGORICAL = 1
_MISSING = 3
DEFAULT_LEFT = 2
MISSING_ZERO = 1
MISSING_NAN = 2
ZERO = float(np.float32(1e-35))
"""What LightGBM takes for zero, either side; with the bits of `Forest.decision` above."""


def quantile_text(probability: float) -> str:
    """Return the name of the text that holds the trees of one quantile.

    >>> quantile_text(0.05)
    'quantile_05.lgb.txt'
    """
    return f"quantile_{round(100 * probability):02d}.lgb.txt"


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees laid end to end; tree k belongs to output k modulo `outputs`.

    `first_node` and `first_leaf` (trees + 1,) say where each tree begins. A child at or above 0 is
    a node of the same tree, below 0 the leaf `-child - 1`. `decision` is LightGBM's bit field:
    2 default left, 4 and 8 the kind of missing value (0 none, 4 zero, 8 NaN). `node_rows` and
    `leaf_rows` are how many training rows passed: what is expected where a column is unknown.
    `sigmoid` scales the score of a binary model.
    """

    outputs: int
    columns: int
    link: str
    sigmoid: float
    first_node: NDArray[np.int64]
    first_leaf: NDArray[np.int64]
    feature: NDArray[np.int32]
    threshold: Floats
    decision: NDArray[np.int8]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    node_rows: Floats
    leaf: Floats
    leaf_rows: Floats

    @property
    def trees(self) -> int:
        """Return how many trees there are."""
        return len(self.first_leaf) - 1


def stripped(text: str) -> str:
    """Return the model without the training parameters and importances that follow the trees.

    They do not change an answer, but name the number of threads, so the same model would have
    other bytes on another machine.
    """
    head, end, _ = text.partition("end of trees\n")
    if not end:
        raise ArtefactError(f"{CLASSES}: no line 'end of trees'; the file is cut short")
    return head + end


def parse(text: str, name: str = CLASSES) -> Forest:
    """Return the trees of `text`; anything not understood is an `ArtefactError` naming it."""
    body, end, _ = text.partition("\nend of trees")
    if not end:
        raise ArtefactError(f"{name}: no line 'end of trees'; the file is cut short")
    head, *blocks = body.split("\nTree=")
    if not head.startswith("tree\n"):
        raise ArtefactError(f"{name}: does not start as a LightGBM model")
    outputs, columns, link, sigmoid = _header(head, name)
    try:
        trees = [_fields(block) for block in blocks]
        for number, tree in enumerate(trees):
            _refuse_strange(tree, f"{name}: tree {number}")
        return _laid_out(trees, outputs, columns, link, sigmoid, name)
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"{name}: a tree cannot be read ({error})") from error


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.split("\n") if "=" in line)


def _header(head: str, name: str) -> tuple[int, int, str, float]:
    lines = head.split("\n")
    if "average_output" in lines:
        raise ArtefactError(f"{name}: average_output (a random forest) is not served")
    fields = _fields(head)
    if fields.get("version") != "v4":
        raise ArtefactError(f"{name}: version v4 is read; found {fields.get('version')!r}")
    kind, *rest = fields.get("objective", "none").split()
    if kind not in _OBJECTIVES or "sqrt" in rest:
        raise ArtefactError(f"{name}: objective {fields.get('objective')!r} is not served")
    settings = dict(part.split(":", 1) for part in rest if ":" in part)
    try:
        outputs = int(fields["num_tree_per_iteration"])
        columns = int(fields["max_feature_idx"]) + 1
        sigmoid = float(settings.get("sigmoid", "1"))
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"{name}: the header cannot be read ({error})") from error
    if outputs != (int(fields["num_class"]) if kind == "multiclass" else 1):
        raise ArtefactError(f"{name}: num_tree_per_iteration is {outputs}, against its objective")
    return outputs, columns, _OBJECTIVES[kind], sigmoid


def _refuse_strange(tree: dict[str, str], where: str) -> None:
    if tree["num_cat"] != "0":
        raise ArtefactError(f"{where} has num_cat={tree['num_cat']}: categorical is not served")
    if tree.get("is_linear", "0") != "0":
        raise ArtefactError(f"{where} has is_linear=1: linear leaves are not served")


def _joined(trees: list[dict[str, str]], key: str, sizes: list[int]) -> Floats:
    words = " ".join(tree[key] for tree in trees if tree.get(key)).split()
    if len(words) != sum(sizes):
        raise ValueError(f"{key} has {len(words)} values, {sum(sizes)} were expected")
    return np.array(words, dtype=np.float64)


def _laid_out(
    trees: list[dict[str, str]], outputs: int, columns: int, link: str, sigmoid: float, name: str
) -> Forest:
    leaves = [int(tree["num_leaves"]) for tree in trees]
    splits = [count - 1 for count in leaves]
    if not trees or len(trees) % outputs or min(leaves) < 1:
        raise ValueError(f"{len(trees)} trees of {outputs} outputs")
    split = [tree for tree, count in zip(trees, leaves, strict=True) if count > 1]
    leaf_rows = [
        tree["leaf_count"] if count > 1 else tree.get("leaf_count") or "0"
        for tree, count in zip(trees, leaves, strict=True)
    ]
    forest = Forest(
        outputs,
        columns,
        link,
        sigmoid,
        np.concatenate([[0], np.cumsum(splits)]).astype(np.int64),
        np.concatenate([[0], np.cumsum(leaves)]).astype(np.int64),
        _joined(split, "split_feature", splits).astype(np.int32),
        _joined(split, "threshold", splits),
        _joined(split, "decision_type", splits).astype(np.int8),
        _joined(split, "left_child", splits).astype(np.int32),
        _joined(split, "right_child", splits).astype(np.int32),
        _joined(split, "internal_count", splits),
        _joined(trees, "leaf_value", leaves),
        _joined([{"leaf_count": rows} for rows in leaf_rows], "leaf_count", leaves),
    )
    _sound(forest, np.array(splits), np.array(leaves), name)
    return forest


def _sound(forest: Forest, splits: NDArray[np.int64], leaves: NDArray[np.int64], name: str) -> None:
    """Refuse what a walker could get lost in: it runs without bounds checks."""
    if not (np.isfinite(forest.leaf).all() and not np.isnan(forest.threshold).any()):
        raise ArtefactError(f"{name}: a leaf or threshold is not a number")
    if (forest.decision & _CATEGORICAL).any():
        raise ArtefactError(f"{name}: a decision_type is categorical, which is not served")
    if ((forest.decision >> 2) & _MISSING == _MISSING).any():
        raise ArtefactError(f"{name}: a decision_type has an unknown missing_type")
    if len(forest.feature) == 0:
        return
    if forest.feature.min() < 0 or forest.feature.max() >= forest.columns:
        raise ArtefactError(f"{name}: a split_feature lies outside 0..{forest.columns - 1}")
    at = np.arange(splits.sum()) - np.repeat(forest.first_node[:-1], splits)
    nodes, ends = np.repeat(splits, splits), np.repeat(leaves, splits)
    for side, child in (("left_child", forest.left), ("right_child", forest.right)):
        inner = child >= 0
        if (inner & ((child <= at) | (child >= nodes))).any() or (
            ~child[~inner] >= ends[~inner]
        ).any():
            raise ArtefactError(f"{name}: a {side} leads nowhere")
