"""What was stored is seen: at once where this process did it, soon where another did."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from assay.core.errors import DataError
from assay.core.values.bars import Bars
from assay.store.bars import BarStore
from assay.store.stamps import LOOK_SECONDS
from tests.factories import make_bars


def appended(store: BarStore, bars: Bars) -> None:
    store.append(bars, source="test", known_at=bars.last_time + timedelta(hours=1))


def test_nothing_changes_while_nothing_is_written(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    empty = store.version()
    appended(store, make_bars(30))
    first = store.version()

    store.tail(make_bars(30).instrument, make_bars(30).timeframe, 5)
    time.sleep(LOOK_SECONDS)

    assert empty != first
    assert store.version() == first


def test_every_write_is_seen_at_once(tmp_path: Path) -> None:
    store, bars = BarStore(tmp_path), make_bars(40)
    seen = [store.version()]
    for rows in (30, 31, 40):
        appended(store, Bars(bars.instrument, bars.timeframe, bars.frame.head(rows)))
        seen.append(store.version())
    gone = bars.frame["time"][10]
    store.correct(
        Bars(bars.instrument, bars.timeframe, bars.frame.tail(1)),
        reason="a test",
        known_at=bars.last_time + timedelta(days=1),
        without=[gone],
    )
    seen.append(store.version())

    assert len(set(seen)) == 5


def test_a_refused_write_leaves_the_version(tmp_path: Path) -> None:
    store, bars = BarStore(tmp_path), make_bars(40)
    appended(store, bars)
    before = store.version()
    altered = bars.frame.with_columns(high=bars.frame["high"] * 2)
    with pytest.raises(DataError):
        appended(store, Bars(bars.instrument, bars.timeframe, altered))

    assert store.version() == before


def test_what_another_process_writes_is_seen_soon(tmp_path: Path) -> None:
    store, other, bars = BarStore(tmp_path), BarStore(tmp_path), make_bars(40)
    appended(other, Bars(bars.instrument, bars.timeframe, bars.frame.head(30)))
    before = store.version()
    appended(other, bars)
    time.sleep(LOOK_SECONDS)

    assert store.version() != before
