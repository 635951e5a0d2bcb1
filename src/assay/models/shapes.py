"""Are the weights what their runtime says they are? If not, the field is named."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError
from assay.models.contract import Weights


def expect(
    weights: Weights, shapes: Mapping[str, tuple[int, ...]], *, texts: frozenset[str] = frozenset()
) -> dict[str, NDArray[Any]]:
    """Return the arrays of `weights`, exactly those named in `shapes`, of those shapes.

    Anything missing, extra, of another shape or not finite is an `ArtefactError` that names it.
    """
    if set(weights.arrays) != set(shapes):
        odd = sorted(set(weights.arrays) ^ set(shapes))
        raise ArtefactError(f"weights.{odd[0]}: {weights.runtime} needs exactly {sorted(shapes)}")
    if set(weights.texts) != texts:
        odd = sorted(set(weights.texts) ^ texts)
        raise ArtefactError(f"weights.{odd[0]}: {weights.runtime} needs exactly {sorted(texts)}")
    for name, shape in shapes.items():
        array = weights.arrays[name]
        if array.shape != shape:
            raise ArtefactError(f"weights.{name}: shape {shape} was expected, found {array.shape}")
        if not np.isfinite(array).all():
            raise ArtefactError(f"weights.{name}: holds a value that is not finite")
    return dict(weights.arrays)


def within(name: str, indices: NDArray[np.int64], columns: tuple[str, ...]) -> None:
    """Refuse column indices that point outside `columns`."""
    if len(indices) and (indices.min() < 0 or indices.max() >= len(columns)):
        raise ArtefactError(
            f"weights.{name}: points at column {int(indices.max())} of {len(columns)} features"
        )
