"""Are the weights what their runtime says they are? If not, the field is named."""

import hashlib
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
    if set(weights.texts) != texts:
        odd = sorted(set(weights.texts) ^ texts)
        raise ArtefactError(f"weights.{odd[0]}: {weights.runtime} needs exactly {sorted(texts)}")
    return expect_arrays(weights.arrays, shapes, "weights")


def expect_arrays(
    arrays: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]], of: str
) -> dict[str, NDArray[Any]]:
    """Return `arrays`, exactly those named in `shapes`; see `expect`. `of` is said in errors."""
    for odd in sorted(set(arrays) ^ set(shapes)):
        raise ArtefactError(f"{of}.{odd}: exactly {', '.join(sorted(shapes))} are needed")
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape:
            raise ArtefactError(f"{of}.{name}: shape {shape} was expected, found {array.shape}")
        if not np.isfinite(array).all():
            raise ArtefactError(f"{of}.{name}: holds a value that is not finite")
    return dict(arrays)


def weights_digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the hash of arrays by name, type, shape and bytes: what a graph was made of."""
    told = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        told.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        told.update(array.data)
    return told.hexdigest()


def within(name: str, indices: NDArray[np.int64], columns: tuple[str, ...]) -> None:
    """Refuse column indices that point outside `columns`."""
    if len(indices) and (indices.min() < 0 or indices.max() >= len(columns)):
        raise ArtefactError(
            f"weights.{name}: points at column {int(indices.max())} of {len(columns)} features"
        )
