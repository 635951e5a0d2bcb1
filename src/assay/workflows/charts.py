"""The candles that a report shows: around some trades bar by bar, and of the whole span by day."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.candles import encode, grouped
from assay.kernel.market import Market
from assay.workflows.book import Book
from assay.workflows.trips import Trips

Integers = NDArray[np.int64]
BEFORE, AFTER = 30, 16
"""Bars shown before the decision and after the end of a trade."""
MOST_CANDLES = 30_000
"""Overviews hold at most so many candles together: of days, or else of weeks."""


def charts(trips: Trips, chosen: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """Return an overview for each instrument, and the bars around each trade of `chosen`.

    Candles are as `evaluation.candles.encode` writes them: an overview's times are days since 1970,
    a window's are minutes since 1970 at which bars open. `windows` are by number of the trade.
    """
    book = trips.book
    weekly = len(book.days) * len(book.markets) > MOST_CANDLES
    overviews = [_overview(book, market, weekly=weekly) for market in book.markets]
    numbers = sorted({n for some in chosen.values() for n in some})
    traded = [np.flatnonzero(np.broadcast_to(m.tradable, len(m))) for m in book.markets]
    return {
        "bar_minutes": trips.bar_seconds // 60,
        "overview": "week" if weekly else "day",
        "instruments": [
            {
                "symbol": instrument.symbol,
                "digits": instrument.price_digits,
                "tick": instrument.tick_size,
                "candles": candles,
            }
            for instrument, candles in zip(book.instruments, overviews, strict=True)
        ],
        "windows": {str(number): _window(trips, number, traded) for number in numbers},
    }


def _overview(book: Book, market: Market, *, weekly: bool) -> list[int]:
    rows = np.flatnonzero(np.broadcast_to(market.tradable, len(market)))
    day = book.day[rows]
    group = (day + 3) // 7 * 7 - 3 if weekly else day
    return encode(*grouped(_prices(market, rows), group))


def _window(trips: Trips, number: int, traded: Sequence[Integers]) -> list[int]:
    trade = trips.trades[number]
    rows = traded[int(trade["instrument"])]
    first, last = np.searchsorted(rows, (trade["decided_bar"], trade["exit_bar"]))
    shown = rows[max(0, int(first) - BEFORE) : int(last) + AFTER + 1]
    market = trips.book.markets[int(trade["instrument"])]
    return encode(trips.opened(shown) // 60, _prices(market, shown))


def _prices(market: Market, rows: Integers) -> Integers:
    return np.column_stack(
        [getattr(market, name)[rows] for name in ("open", "high", "low", "close")]
    )
