"""Candles as short lists of small integers, for a page that holds thousands of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
FIELDS = 5
"""Integers a candle: steps of time, open less the close before, close, upper wick, lower wick."""


def encode(times: Integers, prices: Integers) -> list[int]:
    """Return `times` (n,), in any whole unit, and `prices` (n, 4), open high low close in ticks.

    The first two numbers are the first time and the first open; then come `FIELDS` a candle, each
    relative to what stands before it. `decode` gives the same back, exactly.
    """
    if not len(times):
        return []
    opened, high, low, close = prices.T
    before = np.concatenate([opened[:1], close[:-1]])
    rows = np.column_stack(
        [
            np.diff(times, prepend=times[:1]),
            opened - before,
            close - opened,
            high - np.maximum(opened, close),
            np.minimum(opened, close) - low,
        ]
    )
    return [int(times[0]), int(opened[0]), *rows.ravel().tolist()]


def decode(numbers: Sequence[int]) -> tuple[Integers, Integers]:
    """Return times (n,) and prices (n, 4) of what `encode` wrote."""
    if not len(numbers):
        return np.zeros(0, np.int64), np.zeros((0, 4), np.int64)
    start, first, *rest = numbers
    step, jump, body, above, below = np.array(rest, dtype=np.int64).reshape(-1, FIELDS).T
    close = first + np.cumsum(jump + body)
    opened = close - body
    high = np.maximum(opened, close) + above
    low = np.minimum(opened, close) - below
    return start + np.cumsum(step), np.column_stack([opened, high, low, close])


def grouped(prices: Integers, group: Integers) -> tuple[Integers, Integers]:
    """Return the groups that occur (k,) and their candles (k, 4); `group` (n,) never falls."""
    if not len(group):
        return np.zeros(0, np.int64), np.zeros((0, 4), np.int64)
    starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    ends = np.concatenate([starts[1:], [len(group)]]) - 1
    high = np.maximum.reduceat(prices[:, 1], starts)
    low = np.minimum.reduceat(prices[:, 2], starts)
    return group[starts], np.column_stack([prices[starts, 0], high, low, prices[ends, 3]])
