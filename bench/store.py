"""Speed of the store of bars: scan, the latest bars, one more bar made durable; the floors beside.

    python bench/store.py [--rows 10000000] [--folder DIR]

Series of a million 1-minute bars are written under DIR (a temporary folder by default; a store in
memory would know no `fsync`). *Scan* reads every series whole; the
first time a process does so each file is checked against its hash. The floor is polars reading the
same files. *Latest* asks an open store for the
last 1,000 bars of one series, as a service does at every bar. *Append* stores one more bar and
returns when it would survive a power cut; its floor is one `fdatasync` of as many bytes on the
same disk, which no durable store can beat. SQLite (WAL, `synchronous=FULL`, key symbol and time)
does the last two beside it.
"""

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assay.core.instruments import instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from figures import Figure, keep

SYMBOLS = (
    "EURUSD", "GBPUSD", "USDJPY", "AUDUSD", "USDCAD", "USDCHF", "NZDUSD", "EURGBP", "EURJPY",
    "GBPJPY",
)  # fmt: skip
SERIES_ROWS = 1_000_000
KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
SCAN_GOAL, LATEST_GOAL, APPEND_GOAL = 40.0, 0.5, 1.0
"""Million rows a second, milliseconds, milliseconds."""
OVER_FLOOR = 1.5
"""Where the disk itself takes longer than the goal, an append may take so many times the floor."""


def bars(symbol: str, rows: int, seed: int) -> Bars:
    chance = np.random.default_rng(seed)
    start = datetime(2020, 1, 1, 0, 1, tzinfo=UTC)
    times = pl.datetime_range(start, start + timedelta(minutes=rows - 1), "1m", eager=True)
    close = np.round(1.2 * np.exp(np.cumsum(chance.normal(0, 1e-4, rows))), 5)
    opened = np.concatenate([close[:1], close[:-1]])
    wick = np.round(np.abs(chance.normal(0, 5e-5, (2, rows))), 5)
    high, low = np.maximum(opened, close) + wick[0], np.minimum(opened, close) - wick[1]
    columns = (times, opened, high, low, close, np.round(chance.gamma(2.0, 50.0, rows)))
    frame = pl.DataFrame(dict(zip(BAR_SCHEMA, columns, strict=True)), schema=BAR_SCHEMA)
    return Bars(instrument(symbol), Timeframe.M1, frame)


def median_ms(action: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        found.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(found)


def synced(folder: Path) -> Callable[[], None]:
    handle = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def write() -> None:
        os.write(handle, b"x" * 72)
        getattr(os, "fdatasync", os.fsync)(handle)

    return write


def sqlite(folder: Path, whole: Bars) -> tuple[Callable[[], object], Callable[[], object]]:
    base = sqlite3.connect(folder / "peer.db", isolation_level=None)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=full")
    base.execute(
        "create table bars (series int, t int, o real, h real, l real, c real, v real, "
        "primary key (series, t)) without rowid"
    )
    rows = whole.frame.tail(300_000).with_columns(pl.col("time").dt.epoch("us")).rows()
    base.execute("begin")
    base.executemany("insert into bars values (1, ?, ?, ?, ?, ?, ?)", rows)
    base.execute("commit")
    last = [rows[-1][0]]

    def append() -> None:
        last[0] += 60_000_000
        base.execute("insert into bars values (1, ?, 1, 1, 1, 1, 1)", (last[0],))

    def latest() -> pl.DataFrame:
        found = base.execute("select * from bars where series = 1 order by t desc limit 1000")
        return pl.DataFrame(found.fetchall(), orient="row")

    return latest, append


def main() -> int:
    """Measure; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=len(SYMBOLS) * SERIES_ROWS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        return keep("store", measured(Path(place), asked.rows))


def measured(folder: Path, rows: int) -> list[Figure]:
    """Return the figures of a store of so many bars."""
    store = BarStore(folder / "bars")
    count = max(1, rows // SERIES_ROWS)
    written = 0.0
    for place, symbol in enumerate(SYMBOLS[:count]):
        made = bars(symbol, SERIES_ROWS, place)
        begin = time.perf_counter()
        store.append(made, source="bench", known_at=KNOWN)
        written += time.perf_counter() - begin
    total = count * SERIES_ROWS
    size = sum(path.stat().st_size for path in (folder / "bars").rglob("*.parquet"))
    files = sorted((folder / "bars").rglob("*.parquet"))

    def scan(with_store: BarStore) -> None:
        for symbol in SYMBOLS[:count]:
            assert len(with_store.read(instrument(symbol), Timeframe.M1)) == SERIES_ROWS

    def floor() -> None:
        for path in files:
            pl.read_parquet(path, columns=list(BAR_SCHEMA))

    scan(store)
    bare = total / (median_ms(floor, 5) / 1e3)
    first = total / (median_ms(lambda: scan(BarStore(folder / "bars")), 5) / 1e3)
    again = total / (median_ms(lambda: scan(store), 5) / 1e3)
    one, live = instrument(SYMBOLS[0]), bars(SYMBOLS[0], SERIES_ROWS + 400, 0).frame
    store.tail(one, Timeframe.M1, 1000)
    rest = iter(range(SERIES_ROWS, SERIES_ROWS + 400))
    floors = synced(folder)
    theirs, their_append = sqlite(folder, made)

    def append() -> None:
        row = live.slice(next(rest), 1)
        store.append(Bars(one, Timeframe.M1, row), source="bench", known_at=KNOWN)

    both = median_ms(lambda: (append(), store.tail(one, Timeframe.M1, 1000)), 100)
    latest = median_ms(lambda: store.tail(one, Timeframe.M1, 1000), 200)
    least, appended = median_ms(floors, 100), median_ms(append, 200)
    goal = APPEND_GOAL if least < APPEND_GOAL / OVER_FLOOR else OVER_FLOOR * least
    return [
        Figure("scan", again / 1e6, "M rows/s", SCAN_GOAL, bare / 1e6, "higher"),
        Figure("first scan, hashes checked", first / 1e6, "M rows/s", None, bare / 1e6, "higher"),
        Figure("latest 1,000 bars", latest, "ms", LATEST_GOAL,
               peers={"SQLite": median_ms(theirs, 50)}),
        Figure("one more bar, then the latest 1,000", both, "ms"),
        Figure("one more bar, durable", appended, "ms", goal, least,
               peers={"SQLite": median_ms(their_append, 100)}),
        Figure("write", total / written / 1e6, "M rows/s", better="higher"),
        Figure("on disk", size / total, "B/bar"),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
