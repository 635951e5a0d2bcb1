"""What moved an answer: by the member's own account where it has one, else by taking things away.

Occlusion puts one column at its usual value over the whole window and asks again; permutation gives
rows each other's columns. Both ask the served model alone, so they work for every family and need
no library that trained it. Neither is a cause: they say what the model listens to.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.models.contract import DOWN, UP, Asked, Floats, Runtime

ODDS = 1e-9
DELETED = 3
"""How many columns are taken away at once when an account is put to the test."""
DRAWS = 20
PROBED_ROWS = 48
CHUNK_VALUES = 4_000_000
"""Values of windows that are made at once."""


class Method(StrEnum):
    """How an account is come by."""

    NATIVE = "native"
    OCCLUSION = "occlusion"


@dataclass(frozen=True, slots=True)
class Deletion:
    """An account put to the test: what taking its first columns away does, against any others.

    `named` is how far logit p_up if moved falls, mean over rows, when the `DELETED` columns that
    the account says push most up are put at their usual value, and rises without those that push
    most down, the mean of the two; `any` how far it moves either way without as many drawn ones.
    `passed` says that the named ones move it more on nine rows of ten, and by half at least.
    """

    method: Method
    rows: int
    named: float
    any: float
    passed: bool

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Moved:
    """How each column moved logit p_up if moved (n, F), come by as `method` says.

    `stretches` (n, blocks) says the same of the bars of each stretch of the window, by occlusion.
    """

    method: Method
    columns: Floats
    stretches: Floats


def usual_of(asked: Asked) -> Floats:
    """Return (F,) the median of each column over the table; 0 where it was never known."""
    table = np.ascontiguousarray(asked.table.T)  # a column's values beside each other
    known = np.isfinite(table)
    ordered = np.sort(np.where(known, table, np.inf), axis=1)  # the unknown last
    count = known.sum(axis=1)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, table.shape[1] - 1)
    middle = ordered[np.arange(len(table)), [low, high]].astype(np.float64).sum(axis=0) / 2
    return np.where(count > 0, middle, 0.0)


def account(runtime: Runtime, asked: Asked, usual: Callable[[], Floats], blocks: int = 0) -> Moved:
    """Return what moved the answers: each column, natively where it can be said, and `blocks`.

    See `occlusion` and `moments`: all that the two take away is asked about at once. `usual` is
    made only where something is taken away.
    """
    native, length, width = runtime.contributions(asked), runtime.bars_read, asked.table.shape[1]
    if native is not None:
        none = np.empty((len(asked), 0))
        by_stretch = moments(runtime, asked, usual(), blocks) if blocks else none
        return Moved(Method.NATIVE, native, by_stretch)
    sets = np.concatenate([_columns(length, width), _stretches(length, width, blocks)])
    moved = _without(runtime, asked, usual(), sets)
    return Moved(Method.OCCLUSION, moved[:, :width], moved[:, width:])


def occlusion(runtime: Runtime, asked: Asked, usual: Floats) -> Floats:
    """Return (n, F): logit p_up if moved as asked, less the same with that column at `usual`.

    NaN in a row that cannot be answered, or no more once the column is gone.
    """
    return _without(runtime, asked, usual, _columns(runtime.bars_read, len(usual)))


def moments(runtime: Runtime, asked: Asked, usual: Floats, blocks: int) -> Floats:
    """Return (n, `blocks`): the same with all columns at `usual` over one stretch of bars.

    The window is cut into `blocks` stretches, the oldest first; the asked bar ends the last one.
    """
    return _without(runtime, asked, usual, _stretches(runtime.bars_read, len(usual), blocks))


@lru_cache(maxsize=64)
def stretches(length: int, blocks: int) -> tuple[tuple[int, int], ...]:
    """Return where each of `blocks` stretches of a window begins and ends, the oldest first."""
    return tuple(pairwise(np.linspace(0, length, blocks + 1).astype(np.int64).tolist()))


def permutation(runtime: Runtime, asked: Asked, *, seed: int) -> Floats:
    """Return (F,): the mean absolute change of logit p_up if moved when rows swap that column.

    The windows of a column are handed round whole, so its own order in time stays (Breiman 2001;
    Fisher et al. 2019, with the change of the answer in place of the loss).
    """
    window = _window(asked, runtime.bars_read)
    before = _logit(runtime, window, asked)
    chance = np.random.default_rng(seed)
    found = np.zeros(window.shape[2])
    for column in range(window.shape[2]):
        changed = window.copy()
        changed[:, :, column] = window[chance.permutation(len(window)), :, column]
        moved = np.abs(_logit(runtime, changed, asked) - before)
        found[column] = np.nanmean(moved) if np.isfinite(moved).any() else 0.0
    return found


def deletion(runtime: Runtime, asked: Asked, usual: Floats, *, seed: int) -> Deletion | None:
    """Return the account put to the test on `asked`; None where it moved nothing or said nothing.

    After Samek et al. 2017: if the columns an account names first are taken away, the answer must
    change more than if any others are.
    """
    named = account(runtime, asked, lambda: usual)
    method, moved = named.method, named.columns
    told = np.isfinite(moved).all(axis=1) & (np.abs(moved).max(axis=1) > runtime.precision)
    rows = np.flatnonzero(told)
    columns = moved.shape[1]
    if not len(rows) or columns <= DELETED:
        return None
    kept = asked.take(rows)
    order = np.argsort(-moved[rows], axis=1, kind="stable")
    up, down = order[:, :DELETED], order[:, -DELETED:]
    chance = np.random.default_rng(seed)
    drawn = [
        np.argsort(chance.random((len(rows), columns)), axis=1)[:, :DELETED] for _ in range(DRAWS)
    ]
    window = _window(kept, runtime.bars_read)
    before = _logit(runtime, window, kept)

    def taken(chosen: NDArray[np.int64]) -> Floats:
        """Return (n,) the change of logit with the `chosen` (n, k) columns of each row usual."""
        gone = np.zeros((len(kept), columns), dtype=np.bool_)
        np.put_along_axis(gone, chosen, values=True, axis=1)
        return before - _logit(runtime, np.where(gone[:, None], usual, window), kept)

    own = (taken(up) - taken(down)) / 2
    others = np.stack([np.abs(taken(each)) for each in drawn])
    mean = np.nanmean(others, axis=0)
    whole = np.isfinite(own) & np.isfinite(mean)
    if not whole.any():
        return None
    more = float(np.mean(own[whole] > mean[whole]))
    first, rest = float(own[whole].mean()), float(mean[whole].mean())
    return Deletion(method, int(whole.sum()), first, rest, more >= 0.9 and first >= 1.5 * rest)


def _columns(length: int, width: int) -> NDArray[np.bool_]:
    """Return (F, L, F) which values of a window each column holds."""
    return np.broadcast_to(np.eye(width, dtype=np.bool_)[:, None], (width, length, width))


def _stretches(length: int, width: int, blocks: int) -> NDArray[np.bool_]:
    """Return (blocks, L, F) which values of a window each stretch of it holds."""
    found = np.zeros((blocks, length, width), dtype=np.bool_)
    for own, (start, end) in zip(found, stretches(length, blocks), strict=True):
        own[start:end] = True
    return found


def _without(runtime: Runtime, asked: Asked, usual: Floats, sets: NDArray[np.bool_]) -> Floats:
    """Return (n, S) the change of logit when the values in each of `sets` (S, L, F) are usual.

    A window and all that is taken away from it are asked together, whatever else is asked.
    """
    length, width, found = runtime.bars_read, len(usual), np.empty((len(asked), len(sets)))
    gone = np.concatenate([np.zeros((1, length, width), dtype=np.bool_), sets])  # first nothing
    step = max(1, CHUNK_VALUES // gone.size)
    for start in range(0, len(asked), step):
        part = asked.take(np.arange(start, min(start + step, len(asked))))
        changed = np.where(gone, usual, _window(part, length)[:, None])  # (n, 1 + S, L, F)
        series = np.repeat(part.series, len(gone))
        again = Asked.windows(changed.reshape(-1, length, width), series, part.names)
        logit = _odds(runtime, again).reshape(len(part), len(gone))
        found[start : start + len(part)] = logit[:, :1] - logit[:, 1:]
    return found


def _window(asked: Asked, length: int) -> Floats:
    """Return (n, L, F) the bars up to each row, unknown where its series has too few of them."""
    whole = asked.reaching(length)
    found = np.full((len(asked), length, asked.table.shape[1]), np.nan)
    found[whole] = asked.take(whole).window(length)
    return found


def _logit(runtime: Runtime, window: NDArray[Any], asked: Asked) -> Floats:
    return _odds(runtime, Asked.windows(window, asked.series, asked.names))


def _odds(runtime: Runtime, asked: Asked) -> Floats:
    classes = np.maximum(runtime.predict(asked).classes, ODDS)
    return np.asarray(np.log(classes[:, UP]) - np.log(classes[:, DOWN]))


def spread_rows(count: int, wanted: int = PROBED_ROWS) -> NDArray[np.int64]:
    """Return up to `wanted` rows of `count`, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))
