"""A backup is whole, of one moment, verified, or it is not there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.clock import FixedClock
from assay.core.errors import StoreError
from assay.core.values.bars import Bars
from assay.store.backups import back_up_files, backups, forget, verify
from assay.store.bars import BarStore
from assay.store.database import Database, open_database, sqlite_url
from assay.store.journal import Journal
from tests.factories import make_bars

NOW = datetime(2026, 11, 26, 3, 15, tzinfo=UTC)
CLOCK = FixedClock(NOW)


def uncounted(name: str) -> None:
    """Count nothing."""


class Place:
    """A workspace with bars, a journal of three entries, a model, and what is not copied."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home, self.database = home, database
        self.journal = Journal(database, home / "journal.head", CLOCK)
        for number in range(3):
            self.journal.append("note", {"number": number})
        bars = make_bars(300)
        self.bars = bars
        store = BarStore(home / "bars")
        for part in (bars.frame.head(299), bars.frame.tail(1)):  # the last lies in the log
            some = Bars(bars.instrument, bars.timeframe, part)
            store.append(some, source="test", known_at=NOW)
        (home / "models" / "abc").mkdir(parents=True)
        (home / "models" / "abc" / "weights.safetensors").write_bytes(b"weights")
        (home / "assay.toml").write_text("seed = 11\n")
        (home / "providers").mkdir()
        (home / "providers" / "answer.json").write_text("{}")

    def back_up(self, at: datetime = NOW) -> tuple[Path, int]:
        return back_up_files(self.home, self.database, self.journal, at, CLOCK, uncounted)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    home = tmp_path / "home"
    home.mkdir()
    server = request.param == "postgresql"
    url = request.getfixturevalue("empty_postgres") if server else sqlite_url(home / "assay.db")
    database = open_database(url)
    yield Place(home, database)
    database.close()


def test_a_backup_opens_and_holds_what_the_workspace_held(place: Place) -> None:
    folder, entries = place.back_up()

    copy = open_database(sqlite_url(folder / "assay.db"))
    journal = Journal(copy, folder / "journal.head", CLOCK)
    found = BarStore(folder / "bars").read(place.bars.instrument, place.bars.timeframe)
    assert (folder.name, entries) == ("2026-11-26T03-15-00Z", 3)
    assert journal.verify().intact
    assert [one.payload for one in journal.last(3)] == [{"number": n} for n in range(3)]
    assert found.frame.equals(place.bars.frame)
    assert (folder / "assay.toml").read_text() == "seed = 11\n"
    assert (folder / "models" / "abc" / "weights.safetensors").read_bytes() == b"weights"
    assert not (folder / "providers").exists()
    copy.close()


def test_what_is_written_later_does_not_reach_a_backup(place: Place) -> None:
    folder, _ = place.back_up()
    later = place.bars.frame.tail(1).with_columns(pl.col("time") + timedelta(hours=1))
    bars = Bars(place.bars.instrument, place.bars.timeframe, later)

    place.journal.append("note", {"number": 3})
    BarStore(place.home / "bars").append(bars, source="test", known_at=NOW)

    assert verify(folder, CLOCK) == 3
    found = BarStore(folder / "bars").read(place.bars.instrument, place.bars.timeframe)
    assert len(found) == 300


def test_bars_and_models_share_their_space_with_the_workspace(place: Place) -> None:
    folder, _ = place.back_up()

    for name in ("weights.safetensors", "*.parquet"):
        for path in folder.rglob(name):
            assert path.stat().st_nlink == 2, path
    assert next(folder.rglob("recent.log")).stat().st_nlink == 1


def test_a_backup_that_was_cut_short_has_no_name_and_is_cleared_away(place: Place) -> None:
    def stop(name: str) -> None:
        if name.endswith(".parquet"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up_files(place.home, place.database, place.journal, NOW, CLOCK, stop)
    left = place.home / "backups" / ".2026-11-25T03-15-00Z.tmp"
    left.mkdir()
    (left / "assay.db").write_bytes(b"half")

    assert backups(place.home) == []
    folder, _ = place.back_up()

    assert backups(place.home) == [folder]
    assert not left.exists()


def test_a_copy_that_does_not_verify_is_not_kept(place: Place) -> None:
    with place.database.write() as connection:
        connection.exec_driver_sql("UPDATE journal SET payload = '{}' WHERE no = 2")

    with pytest.raises(StoreError, match="Entry 2 was altered"):
        place.back_up()

    assert backups(place.home) == []


def test_the_newest_are_kept(place: Place) -> None:
    made = [place.back_up(NOW + day * timedelta(days=1))[0] for day in range(4)]

    gone = forget(place.home, 2)

    assert gone == made[:2]
    assert backups(place.home) == made[2:]
    assert sorted(path.name for path in (place.home / "backups").iterdir()) == [
        ".lock",
        *(path.name for path in made[2:]),
    ]


def test_two_of_the_same_second_are_two(place: Place) -> None:
    first, second = place.back_up()[0], place.back_up()[0]

    assert [first.name, second.name] == ["2026-11-26T03-15-00Z", "2026-11-26T03-15-00Z-2"]
