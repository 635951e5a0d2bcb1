"""The windows of `windows.py`, compiled: the same additions in the same order, the same bits.

Loading numba costs a cold process half a second, so this is imported where many rows or many bars
are to come, by `compile_windows`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, types
from numba.core import typing
from numpy.typing import NDArray

from assay.features.windows import Parts, Vector

F = TypeVar("F", bound=Callable[..., object])
_GIVEN = types.Array(types.float64, 1, "C", readonly=True)
_MADE = types.Array(types.float64, 1, "C")
_COUNT = types.int64
_PLACES = types.Array(types.int64, 1, "C", readonly=True)
Places = NDArray[np.int64]
_REAL = types.float64
_TWO = cast("Any", types).Tuple((_MADE, _MADE))
_PIECE = 2048
"""Windows that are put together at a time: their blocks stay in the nearest cache."""


def _compiled(result: object, *arguments: object) -> Callable[[F], F]:
    """Return a decorator that compiles for these types alone, cached, without the GIL."""
    signature = cast("Any", typing).signature(result, *arguments)
    return cast("Callable[[F], F]", njit(signature, cache=True, nogil=True, error_model="numpy"))


@_compiled(types.void, _GIVEN, _GIVEN, _MADE, _COUNT)
def _joined(left: Vector, right: Vector, out: Vector, kind: int) -> None:
    if kind == 0:
        for place in range(out.size):
            out[place] = left[place] + right[place]
    elif kind == 1:
        for place in range(out.size):
            a, b = left[place], right[place]
            out[place] = a if a >= b or a != a else b
    else:
        for place in range(out.size):
            a, b = left[place], right[place]
            out[place] = a if a <= b or a != a else b


@_compiled(_MADE, _GIVEN, _COUNT, _COUNT)
def single(values: Vector, window: int, kind: int) -> Vector:
    """Return the sum (kind 0), largest (1) or smallest (2) of the last `window` values."""
    found = np.empty(values.size)
    found[: min(window - 1, values.size)] = np.nan
    count = values.size - window + 1
    if count < 1:
        return found
    one, two = np.empty(min(_PIECE, count) + window), np.empty(min(_PIECE, count) + window)
    for start in range(0, count, _PIECE):
        rows = min(_PIECE, count - start)
        wide = rows + window - 1
        block = values[start : start + wide]
        out = found[window - 1 + start : window - 1 + start + rows]
        size, covered, odd = 1, 0, False
        while True:
            if window & size:
                piece = block[covered : covered + rows]
                if covered == 0:
                    out[:] = piece
                else:
                    _joined(out, piece, out, kind)
                covered += size
            if covered == window:
                break
            wide -= size
            joined = two[:wide] if odd else one[:wide]
            _joined(block[:wide], block[size : size + wide], joined, kind)
            block, odd, size = joined, not odd, 2 * size
    return found


@_compiled(types.void, _GIVEN, _COUNT, _GIVEN, _COUNT, _MADE)
def _apart(left: Vector, rows: int, right: Vector, more: int, out: Vector) -> None:
    """Write how far the mean of `more` rows lies from that of `rows` rows before them."""
    if (rows & (rows - 1)) == 0 and (more & (more - 1)) == 0:
        by_rows, by_more = 1.0 / rows, 1.0 / more  # powers of two: the bits of a division
        for place in range(out.size):
            out[place] = right[place] * by_more - left[place] * by_rows
    else:
        for place in range(out.size):
            out[place] = right[place] / more - left[place] / rows


@_compiled(types.void, _GIVEN, _GIVEN, _COUNT, _GIVEN, _GIVEN, _COUNT, _MADE, _MADE, _MADE, _COUNT)
def _join(  # two parts of the left block, two of the right one, two to be made, some room
    left: Vector,
    left_more: Vector,
    rows: int,
    right: Vector,
    right_more: Vector,
    more: int,
    out: Vector,
    out_more: Vector,
    room: Vector,
    kind: int,
) -> None:
    if kind == 2:
        for place in range(out.size):
            room[place] = right_more[place] + rows * right[place]
        for place in range(out.size):
            out_more[place] = left_more[place] + room[place]
    else:
        _apart(left, rows, right, more, room)
        share, half = rows * more / (rows + more), 0.5 * rows * more
        if kind == 0:
            for place in range(out.size):
                room[place] = room[place] * room[place] * share
        else:
            for place in range(out.size):
                room[place] = room[place] * half
        for place in range(out.size):
            out_more[place] = left_more[place] + right_more[place] + room[place]
    for place in range(out.size):
        out[place] = left[place] + right[place]


@_compiled(_TWO, _GIVEN, _COUNT, _COUNT)
def double(values: Vector, window: int, kind: int) -> Parts:
    """Return the sums of the last `window` values and what is joined beside them.

    Kind 0: the squares about the mean; 1: the co-moment with time; 2: the weighted sums.
    """
    sums, others = np.empty(values.size), np.empty(values.size)
    lead = min(window - 1, values.size)
    sums[:lead], others[:lead] = np.nan, np.nan
    count = values.size - window + 1
    if count < 1:
        return sums, others
    wide = min(_PIECE, count) + window
    store = np.empty((5, wide))
    for start in range(0, count, _PIECE):
        rows = min(_PIECE, count - start)
        wide = rows + window - 1
        block = store[0, :wide]
        block[:] = values[start : start + wide]
        beside = store[1, :wide]
        if kind == 2:
            beside[:] = block
        else:
            beside[:] = 0.0
        out = sums[window - 1 + start : window - 1 + start + rows]
        out_beside = others[window - 1 + start : window - 1 + start + rows]
        size, covered, odd = 1, 0, False
        while True:
            if window & size:
                piece = block[covered : covered + rows]
                piece_beside = beside[covered : covered + rows]
                if covered == 0:
                    out[:] = piece
                    out_beside[:] = piece_beside
                else:
                    _join(
                        out,
                        out_beside,
                        covered,
                        piece,
                        piece_beside,
                        size,
                        out,
                        out_beside,
                        store[4, :rows],
                        kind,
                    )
                covered += size
            if covered == window:
                break
            wide -= size
            begin = 0 if odd else 2
            joined, joined_beside = store[begin, :wide], store[begin + 1, :wide]
            _join(
                block[:wide], beside[:wide], size,
                block[size : size + wide], beside[size : size + wide], size,
                joined, joined_beside, store[4, :wide], kind,
            )  # fmt: skip
            block, beside, odd, size = joined, joined_beside, not odd, 2 * size
    return sums, others


@_compiled(_COUNT, _GIVEN, _REAL)
def _twice_below(values: Vector, last: float) -> int:
    """Return how many are below `last`, plus how many are at most `last`."""
    below, upto = 0, 0
    for place in range(values.size):
        below += values[place] < last
        upto += values[place] <= last
    return below + upto


@_compiled(_MADE, _GIVEN, _COUNT)
def rank(values: Vector, window: int) -> Vector:
    """Return where the last value stands among the `window`: 0 lowest, 1 highest, ties half."""
    found = np.empty(values.size)
    found[: min(window - 1, values.size)] = np.nan
    gaps = 0
    for end in range(values.size):
        gaps += values[end] != values[end]
        if end >= window:
            gaps -= values[end - window] != values[end - window]
        if end >= window - 1:
            twice = _twice_below(values[end - window + 1 : end + 1], values[end])
            found[end] = np.nan if gaps else 0.5 * (twice - 1) / (window - 1)
    return found


@_compiled(_MADE, _GIVEN, _GIVEN, _COUNT)
def deviation(values: Vector, mean: Vector, window: int) -> Vector:
    """Return the mean absolute deviation of the last `window` values from `mean`."""
    found = np.empty(values.size)
    found[: min(window - 1, values.size)] = np.nan
    for start in range(window - 1, values.size, _PIECE):
        stop = min(start + _PIECE, values.size)
        total, centre = np.zeros(stop - start), mean[start:stop]
        for offset in range(window):
            begin = start - window + 1 + offset
            other = values[begin : begin + stop - start]
            for place in range(total.size):
                total[place] += abs(other[place] - centre[place])
        found[start:stop] = total / window
    return found


@_compiled(_MADE, _GIVEN, _COUNT)
def since_max(values: Vector, window: int) -> Vector:
    """Return how many rows ago the largest of the last `window` values was; latest of equals."""
    found = np.empty(values.size)
    found[: min(window - 1, values.size)] = np.nan
    best, top, gap = -1, -np.inf, -1  # where the largest is, what it is, where a NaN was last
    for end in range(values.size):
        value = values[end]
        if value >= top:
            best, top = end, value
        elif value != value:
            gap = end
        elif best <= end - window:
            best, top = end, value
            for place in range(end - 1, end - window, -1):
                if values[place] > top:
                    best, top = place, values[place]
        if end >= window - 1:
            found[end] = np.nan if gap > end - window else end - best
    return found


@_compiled(_MADE, _GIVEN, _GIVEN, _GIVEN, _REAL)
def ratios(top: Vector, bottom: Vector, floor: Vector, cap: float) -> Vector:
    """Return `series.ratio` of vectors; `floor` has one value or as many as they."""
    found = np.empty(top.size)
    step = 0 if floor.size == 1 else 1
    for place in range(top.size):
        over, under = top[place], bottom[place]
        if over != over or under != under:
            found[place] = np.nan
        elif under > floor[place * step]:
            found[place] = min(max(over / under, -cap), cap)
        else:
            found[place] = 0.0
    return found


@_compiled(_MADE, _GIVEN, _REAL, _REAL)
def averaged(values: Vector, weight: float, seed: float) -> Vector:
    """Return `recursive.average`; a `seed` of NaN is none."""
    found, state = np.empty(values.size), seed
    for place in range(values.size):
        value = values[place]
        if value == value:
            state = state + weight * (value - state) if state == state else value
        found[place] = state
    return found


@_compiled(
    types.void,
    _GIVEN,
    _GIVEN,
    _GIVEN,
    _REAL,
    _REAL,
    _REAL,
    _REAL,
    _REAL,
    _REAL,
    _MADE,
    _MADE,
    _MADE,
)
def averaged_three(  # three drives, their weights and seeds, and where their averages go
    a: Vector,
    b: Vector,
    c: Vector,
    of_a: float,
    of_b: float,
    of_c: float,
    x: float,
    y: float,
    z: float,
    to_a: Vector,
    to_b: Vector,
    to_c: Vector,
) -> None:
    """Do `averaged` for three series at once: each waits for its last value, all wait together."""
    for place in range(a.size):
        value = a[place]
        if value == value:
            x = x + of_a * (value - x) if x == x else value
        to_a[place] = x
        value = b[place]
        if value == value:
            y = y + of_b * (value - y) if y == y else value
        to_b[place] = y
        value = c[place]
        if value == value:
            z = z + of_c * (value - z) if z == z else value
        to_c[place] = z


@_compiled(_MADE, _GIVEN, _GIVEN, _COUNT, _REAL)
def correlated(own: Vector, other: Vector, window: int, least: float) -> Vector:
    """Return `peers.correlations` of two series; 0 where fewer than `least` pairs are there."""
    mine, theirs, pairs = np.zeros(own.size), np.zeros(own.size), np.zeros(own.size)
    for place in range(own.size):
        if np.isfinite(own[place]) and np.isfinite(other[place]):
            mine[place], theirs[place], pairs[place] = own[place], other[place], 1.0
    count = single(pairs, window, 0)
    size = np.sqrt(single(mine * mine, window, 0)) * np.sqrt(single(theirs * theirs, window, 0))
    found = ratios(single(mine * theirs, window, 0), size, np.zeros(1), 1.0)
    for place in range(own.size):
        if count[place] < least:
            found[place] = 0.0
    return found


@_compiled(_TWO, types.Array(types.float64, 2, "C", readonly=True))
def mean_of_rows(values: Vector) -> tuple[Vector, Vector]:
    """Return `peers.mean_over_peers`."""
    total, count = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for row in range(values.shape[0]):
        for place in range(values.shape[1]):
            value = values[row, place]
            if value == value:
                total[place] += value
                count[place] += 1.0
    return total / np.maximum(count, 1.0), count


@_compiled(_MADE, _GIVEN, _PLACES, _PLACES, _COUNT)
def extremes(values: Vector, begin: Places, end: Places, kind: int) -> Vector:
    """Return the largest (kind 1) or smallest value of `values[begin:end]`, NaN if there is none.

    Row by row; what is asked for again is not looked for again.
    """
    found, last = np.empty(begin.size), np.nan
    for row in range(begin.size):
        if row == 0 or begin[row] != begin[row - 1] or end[row] != end[row - 1]:
            last = np.nan
            for place in range(begin[row], end[row]):
                value = values[place]
                if value == value and (
                    last != last or (value > last if kind == 1 else value < last)
                ):
                    last = value
        found[row] = last
    return found
