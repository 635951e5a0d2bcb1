"""Feeds of the doubles' market, and what must be stored of them."""

from datetime import datetime, timedelta

import polars as pl

from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.workflows.desk import Desk
from assay.workflows.syncing.feeds import Feed
from tests.doubles.market import NOW, truth

SINCE = NOW - timedelta(days=12)
M15 = Timeframe.M15


def feed(
    symbol: str = "EURUSD",
    *timeframes: Timeframe,
    sources: tuple[str, ...] = ("massive",),
    since: datetime | None = SINCE,
) -> Feed:
    """Return a feed of the doubles' market."""
    kind = AssetClass.EQUITY if symbol in ("AAPL", "GONE") else None
    return Feed(symbol, sources, timeframes or (M15,), since, kind)


def stored(desk: Desk, symbol: str = "EURUSD", timeframe: Timeframe = M15) -> pl.DataFrame:
    """Return the stored bars in their newest version."""
    return desk.bars.read(desk.instrument(symbol), timeframe).frame


def wanted(
    desk: Desk,
    symbol: str = "EURUSD",
    timeframe: Timeframe = M15,
    since: datetime = SINCE,
) -> pl.DataFrame:
    """Return the bars that had closed by the desk's clock."""
    return truth(symbol, timeframe, since, desk.clock.now())
