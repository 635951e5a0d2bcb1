"""Small markets in ticks and the orders for them, for the kernel's tests."""

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assay.kernel.costs import FREE, Costs
from assay.kernel.market import Market, Orders, Params
from assay.kernel.records import Integers

BASE_TICKS = 10_000
LAW = settings(deadline=None, max_examples=60)
"""The first example compiles the kernel, so no example is timed."""


def make_market(
    prices: npt.ArrayLike,
    *,
    tradable: npt.ArrayLike = True,
    half_spread: npt.ArrayLike = 0,
    day: npt.ArrayLike = 0,
    rate: npt.ArrayLike = 1.0,
) -> Market:
    """Return a market from rows of open, high, low, close in ticks."""
    table = np.asarray(prices, dtype=np.int64)
    open_, high, low, close = (np.ascontiguousarray(table[:, k]) for k in range(4))
    return Market(
        open_,
        high,
        low,
        close,
        np.atleast_1d(np.asarray(tradable, dtype=np.bool_)),
        np.atleast_1d(np.asarray(half_spread, dtype=np.int64)),
        np.atleast_1d(np.asarray(day, dtype=np.int64)),
        np.atleast_1d(np.asarray(rate, dtype=np.float64)),
    )


def walk(moves: Integers, *, gaps: bool = True) -> Integers:
    """Return open, high, low, close from gaps, bodies and two wicks in ticks (n, 4)."""
    jump = moves[:, 0] if gaps else np.zeros(len(moves), np.int64)
    body, above, below = moves[:, 1], np.abs(moves[:, 2]), np.abs(moves[:, 3])
    close = BASE_TICKS + np.cumsum(jump + body)
    open_ = close - body
    high, low = np.maximum(open_, close) + above, np.minimum(open_, close) - below
    return np.stack([open_, high, low, close], axis=1)


@st.composite
def price_rows(draw: st.DrawFn, *, rows: int = 40, gaps: bool = True) -> Integers:
    """Draw `rows` bars around 10,000 ticks, of up to 30 ticks a part."""
    moves = draw(arrays(np.int64, (rows, 4), elements=st.integers(-30, 30)))
    return walk(moves, gaps=gaps)


@st.composite
def order_lists(draw: st.DrawFn, *, rows: int = 40, sized: bool = True) -> Orders:
    """Draw one order a bar, about half of them WAIT; sized by risk, or of 1 to 5 lots."""
    return Orders.of(
        draw(arrays(np.int8, rows, elements=st.sampled_from([-1, 0, 0, 1]))),
        stop=draw(arrays(np.int64, rows, elements=st.integers(1, 60))),
        target=draw(arrays(np.int64, rows, elements=st.integers(0, 60))),
        limit_bars=draw(st.integers(0, 12)),
        lots=0 if sized else draw(arrays(np.int64, rows, elements=st.integers(1, 5))),
        risk_fraction=draw(arrays(np.float64, rows, elements=st.floats(0, 0.05))) if sized else 0,
    )


@st.composite
def conditions(draw: st.DrawFn, *, rows: int = 40) -> dict[str, Any]:
    """Draw what else a bar has: sessions, spreads, days and conversion rates."""
    return {
        "tradable": draw(arrays(np.bool_, rows, elements=st.sampled_from([True, True, False]))),
        "half_spread": draw(arrays(np.int64, rows, elements=st.integers(0, 5))),
        "day": np.arange(rows) // draw(st.integers(3, 20)),
        "rate": draw(arrays(np.float64, rows, elements=st.floats(0.5, 2.0))),
    }


def rules(**changes: Any) -> Params:
    """Return free trading of lots worth 1 a tick, with `changes`."""
    settings: dict[str, Any] = {"tick_value": 1.0, "costs": FREE, "max_leverage": 1e6} | changes
    return Params(**settings)


def priced(fee_bps: float = 0.0, slippage_ticks: int = 0) -> Costs:
    """Return costs without a spread, which is the market's."""
    return Costs(fee_bps, 0, slippage_ticks)


def once(rows: int, side: int, **order: Any) -> Orders:
    """Return one order at the close of the first bar, and WAIT ever after."""
    sides = np.zeros(rows, np.int8)
    sides[0] = side
    return Orders.of(sides, **({"lots": 1} | order))
