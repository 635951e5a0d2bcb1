"""Rolling windows whose values depend on nothing but the window itself.

Running sums that add the new row and drop the old one drift with everything they ever saw. Here a
window is put together from blocks of 1, 2, 4 .. rows, always in the same order, so the same rows
give the same bits wherever the frame begins or ends, in about 2 log2(window) additions. The last
axis is time. The first `window - 1` places are NaN, and so is each window that holds a NaN.
`folds.py` has the same additions compiled, for many rows and for streams.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float64]
Parts: TypeAlias = tuple[Vector, ...]
Join: TypeAlias = Callable[[Parts, int, Parts, int], Parts]
_compiled: dict[str, Any] = {}


def compile_windows() -> None:
    """Use compiled windows from now on: the same bits, sooner, after half a second of loading."""
    if "folds" not in _compiled:
        from assay.features import folds

        _compiled["folds"] = folds


def compiled() -> Any:  # noqa: ANN401 - a module, typed where it is written
    """Return the compiled windows if `compile_windows` was called, else None."""
    return _compiled.get("folds")


def window_sum(values: Vector, window: int) -> Vector:
    """Return the sum of the last `window` values."""
    return _single(values, window, 0)


def window_mean(values: Vector, window: int) -> Vector:
    """Return the mean of the last `window` values."""
    return window_sum(values, window) / window


def window_max(values: Vector, window: int) -> Vector:
    """Return the largest of the last `window` values."""
    return _single(values, window, 1)


def window_min(values: Vector, window: int) -> Vector:
    """Return the smallest of the last `window` values."""
    return _single(values, window, 2)


def window_std(values: Vector, window: int) -> Vector:
    """Return the population standard deviation of the last `window` values.

    Blocks are joined as in Chan, Golub & LeVeque (1979), so a large mean costs no digits.
    """
    return window_mean_std(values, window)[1]


def window_mean_std(values: Vector, window: int) -> tuple[Vector, Vector]:
    """Return mean and population standard deviation of the last `window` values."""
    sums, squares = _double(values, window, 0)
    return sums / window, np.sqrt(squares / window)


def window_rank(values: Vector, window: int) -> Vector:
    """Return where the last value stands among the `window`, 0 lowest to 1 highest; ties half."""
    fast = compiled()
    if fast:
        return cast("Vector", fast.rank(np.ascontiguousarray(values), window))
    found = np.full(values.shape, np.nan)
    count = values.size - window + 1
    if count < 1:
        return found
    last = values[window - 1 :]
    if count < window:  # whichever loop is the shorter one; counts are exact either way
        views = np.lib.stride_tricks.sliding_window_view(values, window)
        twice = (views < last[:, None]).sum(axis=1) + (views <= last[:, None]).sum(axis=1)
    else:
        twice = np.zeros(count, dtype=np.int64)
        for offset in range(window):
            other = values[offset : offset + count]
            twice += other < last
            twice += other <= last
    found[window - 1 :] = 0.5 * (twice - 1) / (window - 1)
    found[np.isnan(window_sum(values, window))] = np.nan
    return found


def weighted_mean(values: Vector, window: int) -> Vector:
    """Return the linearly weighted mean: weight `window` on the last value, 1 on the first."""
    _, weighted = _double(values, window, 2)
    return weighted * (2.0 / (window * (window + 1)))


def window_slope(values: Vector, window: int) -> Vector:
    """Return the slope, per row, of the least-squares line through the last `window` values."""
    _, together = _double(values, window, 1)
    return together * (12.0 / (window * (window**2 - 1.0)))


def rows_since_max(values: Vector, window: int) -> Vector:
    """Return how many rows ago the window's largest value was; the latest among equals."""
    fast = compiled()
    if fast:
        return cast("Vector", fast.since_max(np.ascontiguousarray(values), window))
    places = np.arange(values.size, dtype=np.float64)
    highest, at = _fold((values, places), window, _join_latest_max)
    return np.where(np.isnan(highest), np.nan, places - at)


def mean_deviation(values: Vector, window: int) -> Vector:
    """Return the mean absolute deviation from the mean of the last `window` values."""
    mean = window_mean(values, window)
    fast = compiled()
    if fast:
        return cast("Vector", fast.deviation(np.ascontiguousarray(values), mean, window))
    found = np.full(values.shape, np.nan)
    count = values.size - window + 1
    if count < 1:
        return found
    centre, total = mean[window - 1 :], np.zeros(count)
    for offset in range(window):
        total += np.abs(values[offset : offset + count] - centre)
    found[window - 1 :] = total / window
    return found


def lagged(values: Vector, rows: int) -> Vector:
    """Return the values `rows` rows earlier, NaN where there are none."""
    found = np.empty(values.shape)
    found[..., :rows] = np.nan
    if rows < values.shape[-1]:
        found[..., rows:] = values[..., : values.shape[-1] - rows]
    return found


def _single(values: Vector, window: int, kind: int) -> Vector:
    """Return the sum (kind 0), largest (1) or smallest (2) of each window."""
    fast = compiled()
    if not fast:
        return _fold((values,), window, _SINGLE[kind])[0]
    if values.ndim == 1:
        return cast("Vector", fast.single(np.ascontiguousarray(values), window, kind))
    found = np.empty(values.shape)
    for place, row in enumerate(values):
        found[place] = fast.single(np.ascontiguousarray(row), window, kind)
    return found


def _double(values: Vector, window: int, kind: int) -> Parts:
    """Return sums and, beside them, squares (kind 0), co-moments with time (1), weighted sums."""
    fast = compiled()
    if fast and values.ndim == 1:
        return cast("Parts", fast.double(np.ascontiguousarray(values), window, kind))
    beside = values if kind == 2 else np.zeros_like(values)
    return _fold((values, beside), window, _DOUBLE[kind])


def _fold(single: Parts, window: int, join: Join) -> Parts:
    """Join the parts of `window` neighbouring rows by blocks of powers of two, left to right."""
    rows = single[0].shape[-1]
    count = rows - window + 1
    if count < 1:
        return tuple(np.full(part.shape, np.nan) for part in single)
    block, size = single, 1
    found: Parts = ()
    covered = 0
    while True:
        if window & size:
            piece = tuple([part[..., covered : covered + count] for part in block])
            found = join(found, covered, piece, size) if covered else piece
            covered += size
        if covered == window:
            break
        left = tuple([part[..., :-size] for part in block])
        right = tuple([part[..., size:] for part in block])
        block, size = join(left, size, right, size), 2 * size
    return tuple([_led(part, window - 1) for part in found])


def _led(values: Vector, rows: int) -> Vector:
    """Return the values after `rows` NaNs."""
    found = np.empty((*values.shape[:-1], rows + values.shape[-1]))
    found[..., :rows] = np.nan
    found[..., rows:] = values
    return found


def _join_sums(left: Parts, _rows: int, right: Parts, _more: int) -> Parts:
    return (left[0] + right[0],)


def _join_moments(left: Parts, rows: int, right: Parts, more: int) -> Parts:
    apart = right[0] / more - left[0] / rows
    spread = left[1] + right[1] + apart * apart * (rows * more / (rows + more))
    return left[0] + right[0], spread


def _join_with_time(left: Parts, rows: int, right: Parts, more: int) -> Parts:
    """Join sums and their co-moments with time, as `_join_moments` does the squares."""
    apart = right[0] / more - left[0] / rows
    return left[0] + right[0], left[1] + right[1] + apart * (0.5 * rows * more)


def _join_weighted(left: Parts, rows: int, right: Parts, _more: int) -> Parts:
    return left[0] + right[0], left[1] + (right[1] + rows * right[0])


def _join_latest_max(left: Parts, _rows: int, right: Parts, _more: int) -> Parts:
    later = right[0] >= left[0]
    return np.maximum(left[0], right[0]), np.where(later, right[1], left[1])


def _join_largest(left: Parts, _rows: int, right: Parts, _more: int) -> Parts:
    return (np.maximum(left[0], right[0]),)


def _join_smallest(left: Parts, _rows: int, right: Parts, _more: int) -> Parts:
    return (np.minimum(left[0], right[0]),)


_SINGLE = (_join_sums, _join_largest, _join_smallest)
_DOUBLE = (_join_moments, _join_with_time, _join_weighted)
