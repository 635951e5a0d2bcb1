"""One time grid for several instruments: the union of their bars, a missing one flagged."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from assay.core.errors import DataError
from assay.kernel.market import Market, Orders
from assay.kernel.records import Integers

T = TypeVar("T", bound=np.generic)


def union(times: Sequence[Integers]) -> tuple[Integers, list[Integers]]:
    """Return all times, increasing, and for each instrument the grid rows its bars stand on.

    Times are int64 of any one unit, strictly increasing for each instrument, else `DataError`.
    """
    for number, own in enumerate(times):
        if own.size and not (np.diff(own) > 0).all():
            raise DataError(f"The times of instrument {number} do not increase")
    grid = np.unique(np.concatenate(times)) if times else np.empty(0, np.int64)
    return grid, [np.searchsorted(grid, own).astype(np.int64) for own in times]


def align(market: Market, rows: Integers, size: int) -> Market:
    """Return `market` on a grid of `size` rows, its bars on `rows`; the others are not tradable."""
    return Market(
        _spread(market.open, rows, size),
        _spread(market.high, rows, size),
        _spread(market.low, rows, size),
        _spread(market.close, rows, size),
        _spread(market.tradable, rows, size),
        _spread(market.half_spread, rows, size),
        _spread(market.day, rows, size),
        _spread(market.rate, rows, size),
    )


def align_orders(orders: Orders, rows: Integers, size: int) -> Orders:
    """Return `orders` on a grid of `size` rows; WAIT where the instrument has no bar."""
    return Orders(
        _spread(orders.side, rows, size),
        _spread(orders.stop, rows, size),
        _spread(orders.target, rows, size),
        _spread(orders.limit_bars, rows, size),
        _spread(orders.lots, rows, size),
        _spread(orders.risk_fraction, rows, size),
    )


def _spread(values: npt.NDArray[T], rows: Integers, size: int) -> npt.NDArray[T]:
    wide = np.zeros(size, values.dtype)
    wide[rows] = values
    return wide
