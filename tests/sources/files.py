"""Bar files for tests: written by hand, by polars and by pandas."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe

SIZES = {"USDJPY": 100.0, "XAUUSD": 1_000.0}
"""How large prices are; others lie around 1."""
HEADER = "timestamp,open,high,low,close,volume"
EURUSD = instrument("EURUSD")
BTCUSDT = instrument("BTCUSDT")


def at(text: str) -> datetime:
    """Return the UTC moment written in `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def market_bars(
    symbol: str = "EURUSD",
    timeframe: Timeframe = Timeframe.H1,
    start: str = "2024-01-01 00:00",
    end: str = "2024-03-01 00:00",
) -> Bars:
    """Return a bar wherever the calendar expects one: prices climb by a pip, volume counts."""
    known = instrument(symbol)
    times = calendar(known.calendar).expected_closes(timeframe, at(start), at(end))
    number = pl.int_range(1, len(times) + 1, eager=True).cast(pl.Float64)
    size = SIZES.get(symbol, 1.0)
    close = size * (1.1 + number / 10_000)
    pips = {"open": -1, "high": 2, "low": -3}
    columns = {name: close + size * pip / 10_000 for name, pip in pips.items()}
    frame = pl.DataFrame({"time": times, **columns, "close": close, "volume": number})
    return Bars(known, timeframe, frame.select(list(BAR_SCHEMA)))


def as_opened(bars: Bars, name: str = "timestamp") -> pl.DataFrame:
    """Return the frame of `bars` stamped with their opens, in a column called `name`."""
    opened = pl.col("time") - pl.duration(minutes=bars.timeframe.minutes)
    return bars.frame.with_columns(opened).rename({"time": name})


def lines_of(count: int = 60) -> list[str]:
    """Return `count` hours of BTCUSDT as lines of CSV without a header, stamped at their open."""
    return [
        f"2024-01-{1 + hour // 24:02d} {hour % 24:02d}:00:00+00:00,"
        f"{100 + hour}.5,{102 + hour}.25,{99 + hour},{101 + hour},{hour + 1}"
        for hour in range(count)
    ]


def written(folder: Path, *lines: str, end: str = "\n", name: str = "bars.csv") -> Path:
    """Write the lines as a text file and return its path."""
    path = folder / name
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return path
