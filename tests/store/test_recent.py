"""The log of the newest bars: durable at once, folded later, never half a write."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.errors import DataError, StoreError
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store import open_series
from assay.store.bars import BarStore
from assay.store.recent import MOST_AT_ONCE, MOST_PIECES, NAME
from tests.factories import make_bars

START = datetime(2020, 12, 29, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
H1 = Timeframe.H1
WHOLE = make_bars(300, start=START)
"""Over the end of a year."""


def some(start: int, stop: int) -> Bars:
    return Bars(WHOLE.instrument, H1, WHOLE.frame[start:stop])


def minute(number: int) -> datetime:
    return MONDAY + timedelta(minutes=number)


def one_by_one(store: BarStore, start: int, stop: int, step: int = 1) -> None:
    for row in range(start, stop, step):
        end = min(row + step, stop)
        added = store.append(some(row, end), source="feed", known_at=minute(row))
        assert added == end - row


def log_of(store: BarStore) -> Path:
    (path,) = store.root.rglob(NAME)
    return path


def parquet(store: BarStore) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")}


@pytest.fixture
def store(tmp_path: Path) -> BarStore:
    found = BarStore(tmp_path / "bars")
    found.append(some(0, 60), source="feed", known_at=minute(0))
    return found


@pytest.mark.parametrize("step", [1, 7])
def test_bar_by_bar_is_all_at_once(store: BarStore, tmp_path: Path, step: int) -> None:
    before = parquet(store)
    one_by_one(store, 60, 300, step)
    other = BarStore(tmp_path / "other")
    other.append(WHOLE, source="feed", known_at=minute(300))

    assert parquet(store) == before
    for reader in (store, BarStore(store.root)):
        assert reader.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame)
        for rows in (1, 100, 239, 241, 300, 999):
            tail = reader.tail(WHOLE.instrument, H1, rows).frame
            assert tail.equals(WHOLE.frame.tail(rows))
        info = reader.info("EURUSD", H1)
        assert (info.rows, info.last) == (300, WHOLE.last_time)
        (change,) = reader.changes("EURUSD", H1)
        assert (change.rows, change.first, change.last) == (
            300, WHOLE.first_time, WHOLE.last_time,
        )  # fmt: skip
        assert reader.verify("EURUSD", H1) == 2
    for start, end in ((None, None), (70, None), (None, 80), (10, 290), (61, 62), (0, 59)):
        span = [None if row is None else WHOLE.frame["time"][row] for row in (start, end)]
        assert store.fingerprint("EURUSD", H1, *span) == other.fingerprint("EURUSD", H1, *span)
        found = store.read(WHOLE.instrument, H1, *span).frame
        assert found.equals(other.read(WHOLE.instrument, H1, *span).frame)


def test_a_reader_that_follows_bar_by_bar_holds_few_pieces(store: BarStore) -> None:
    reader = BarStore(store.root)
    for row in range(60, 160):
        one_by_one(store, row, row + 1)
        tail = reader.tail(WHOLE.instrument, H1, 100).frame
        assert tail.n_chunks() <= MOST_PIECES + 2

    assert tail.equals(WHOLE.frame[60:160])


def test_what_was_known_when_is_kept_through_a_fold(store: BarStore) -> None:
    one_by_one(store, 60, 90)
    for folded in (False, True):
        if folded:
            store.append(some(90, 200), source="file", known_at=minute(200))
            assert not list(store.root.rglob(NAME))
        for row in (59, 60, 75, 89):
            then = store.read(WHOLE.instrument, H1, known_at=minute(row)).frame
            assert then.equals(WHOLE.frame[: row + 1])


def test_a_full_log_is_folded(store: BarStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_series, "MOST_ROWS", 10)

    one_by_one(store, 60, 95)

    assert store.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:95])
    assert [change.rows for change in store.changes("EURUSD", H1)] == [95]
    assert pl.read_parquet(store.root / "**/*.parquet").height >= 80


def test_another_source_is_another_change(store: BarStore) -> None:
    one_by_one(store, 60, 70)
    store.append(some(70, 71), source="elsewhere", known_at=minute(71))
    store.append(some(71, 72), source="elsewhere", known_at=minute(72))

    told = [(change.source, change.rows) for change in store.changes("EURUSD", H1)]
    assert told == [("feed", 70), ("elsewhere", 2)]
    assert store.info("EURUSD", H1).source == "feed, elsewhere"
    assert store.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:72])


def test_what_is_in_the_log_is_passed_over_refused_and_corrected(store: BarStore) -> None:
    one_by_one(store, 60, 70)
    prices = [pl.col(name) * 1.01 for name in ("open", "high", "low", "close")]
    other = Bars(WHOLE.instrument, H1, WHOLE.frame[65:71].with_columns(prices))

    assert store.append(some(64, 72), source="feed", known_at=minute(72)) == 2
    with pytest.raises(DataError, match="6 of 6 bars"):
        store.append(other, source="feed", known_at=minute(73))
    with pytest.raises(DataError, match="check the clock"):
        store.append(some(72, 73), source="feed", known_at=minute(71))
    with pytest.raises(DataError, match="simulated bars cannot follow"):
        store.append(some(72, 73), source="feed", known_at=minute(73), simulated=True)
    assert store.correct(other, reason="feed error", known_at=minute(80)) == 6

    found = store.read(WHOLE.instrument, H1).frame
    assert found.equals(pl.concat([WHOLE.frame[:65], other.frame, WHOLE.frame[71:72]]))
    assert store.read(WHOLE.instrument, H1, known_at=minute(79)).frame.equals(WHOLE.frame[:72])


def test_a_write_cut_short_anywhere_is_none_at_all(store: BarStore, tmp_path: Path) -> None:
    one_by_one(store, 60, 63)
    whole = log_of(store).read_bytes()
    store.append(some(63, 66), source="feed", known_at=minute(66))
    more = log_of(store).read_bytes()[len(whole) :]

    for length in range(len(more)):
        for rest in (b"", b"\0" * (len(more) - length)):
            copy = tmp_path / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(store.root, copy)
            (path,) = copy.rglob(NAME)
            path.write_bytes(whole + more[:length] + rest)
            again = BarStore(copy)
            if more[:length] + rest == more:  # a number ends in zeros
                assert again.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:66])
                continue
            assert again.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:63])
            if length % 29 == 0:
                again.append(some(63, 65), source="feed", known_at=minute(66))
                assert again.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:65])
                assert BarStore(copy).tail(WHOLE.instrument, H1, 4).frame.equals(WHOLE.frame[61:65])


def test_every_flipped_byte_of_the_log_is_found(store: BarStore) -> None:
    one_by_one(store, 60, 64)
    path = log_of(store)
    content = path.read_bytes()

    for place in range(0, len(content), 3):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            found = BarStore(store.root).read(WHOLE.instrument, H1).frame
        except StoreError as error:
            assert "restore it from a copy" in str(error)  # noqa: PT017 - either outcome is right
        else:
            # the head names another manifest, or another source: no bar is wrong
            assert found.equals(WHOLE.frame[:60]) or found.equals(WHOLE.frame[:64])
            assert place < content.index(b"\n")


def test_a_log_of_another_manifest_does_not_count(store: BarStore) -> None:
    one_by_one(store, 60, 64)
    left = log_of(store).read_bytes()
    store.append(some(64, 200), source="file", known_at=minute(200))
    (folder,) = {path.parent for path in store.root.rglob("manifest.json")}
    (folder / NAME).write_bytes(left)  # a kill after the fold was committed

    for reader in (store, BarStore(store.root)):
        assert reader.read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:200])
    one_by_one(store, 200, 203)
    assert BarStore(store.root).read(WHOLE.instrument, H1).frame.equals(WHOLE.frame[:203])


def test_many_bars_at_once_are_written_to_the_years_file(store: BarStore) -> None:
    store.append(some(60, 60 + MOST_AT_ONCE + 1), source="feed", known_at=minute(200))

    assert not list(store.root.rglob(NAME))


def test_another_process_sees_each_bar(store: BarStore) -> None:
    reader = BarStore(store.root)
    for row in range(60, 90):
        store.append(some(row, row + 1), source="feed", known_at=minute(row))
        assert reader.tail(WHOLE.instrument, H1, 20).frame.equals(WHOLE.frame[row - 19 : row + 1])
        writer = store if row % 2 else reader
        store, reader = writer, store if writer is reader else reader
