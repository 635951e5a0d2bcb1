"""Tiny bars for tests of the store, cheap to import in a child process."""

from datetime import UTC, datetime, timedelta

import polars as pl

from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe

EURUSD, H4 = instrument("EURUSD"), Timeframe.H4
START = datetime(2020, 12, 20, tzinfo=UTC)
KNOWN = datetime(2026, 1, 1, tzinfo=UTC)


def at(slot: int) -> datetime:
    """Return the close of one 4h bar; slot 71 is the last of 2020."""
    return START + timedelta(hours=4 * slot)


def bars_of(closes: dict[datetime, float]) -> Bars:
    """Return bars without a body at these prices."""
    rows = [(time, p, p, p, p, 1.0) for time, p in sorted(closes.items())]
    return Bars(EURUSD, H4, pl.DataFrame(rows, schema=BAR_SCHEMA, orient="row"))


def first() -> Bars:
    """Return what is stored before a write."""
    return bars_of({at(i): 1.0 for i in range(60)})


def second() -> Bars:
    """Return the same and what follows, into the next year."""
    return bars_of({at(i): 1.0 + (i >= 60) / 10 for i in range(110)})


def corrected() -> Bars:
    """Return other prices for most of what is stored."""
    return bars_of({at(i): 1.5 for i in range(50)})
