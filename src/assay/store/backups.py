"""Copies of a workspace: of one moment, verified, under their name only once they are whole."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from assay.core.clock import Clock
from assay.core.errors import StoreError
from assay.store.bars import BarStore
from assay.store.database import Database, open_database, sqlite_url
from assay.store.files import cannot_write, locked, settle_folder
from assay.store.journal import Journal
from assay.store.tables import METADATA

FOLDER = "backups"
DATABASE, HEAD = "assay.db", "journal.head"
CUT = ".tmp"
"""How the name of a backup ends that is not whole."""
LEFT_OUT = frozenset({FOLDER, "providers", "training", DATABASE, HEAD, "jobs"})
"""What can be made or asked for again, and what is copied in a way of its own."""
LINKED = (".parquet", ".safetensors", ".onnx")
"""Files that are only ever replaced as a whole: one more name for them is a copy."""
ROWS = 2_000
Count = Callable[[str], None]


def back_up_files(
    home: Path, database: Database, journal: Journal, at: datetime, clock: Clock, count: Count
) -> tuple[Path, int]:
    """Copy the workspace at `home` into `backups/` and verify the copy; its folder and entries.

    Database and head are of one moment, for no entry is written meanwhile; models and bars are
    copied after them, so that whatever the database names is there. `count` is called with the name
    of each file. A copy that does not verify is a `StoreError`, and is not kept.
    """
    root = home / FOLDER
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(root):
            for old in root.glob(f".*{CUT}"):
                shutil.rmtree(old)
            beside = root / f".{at:%Y-%m-%dT%H-%M-%SZ}{CUT}"
            try:
                _copy(home, beside, database, journal, count)
                entries = verify(beside, clock)
                place = _free(root / f"{at:%Y-%m-%dT%H-%M-%SZ}")
                beside.rename(place)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
            settle_folder(root)
            return place, entries
    except OSError as error:
        raise StoreError(cannot_write(root, error)) from error


def backups(home: Path) -> list[Path]:
    """Return the whole backups of a workspace, the oldest first."""
    found = (home / FOLDER).glob("[!.]*")
    return sorted(path for path in found if (path / DATABASE).is_file())


def forget(home: Path, keep: int) -> list[Path]:
    """Remove the oldest backups, so that `keep` stay; return those removed."""
    old = backups(home)[:-keep]
    for path in old:
        gone = path.with_name(f".{path.name}{CUT}")  # half removed it must not look whole
        path.rename(gone)
        shutil.rmtree(gone)
    return old


def verify(folder: Path, clock: Clock) -> int:
    """Open a backup and check its database, journal and bars; return the journal's entries.

    Anything wrong is a `StoreError`.
    """
    database = open_database(sqlite_url(folder / DATABASE), create=False)
    try:
        problems = list(database.check().problems)
        found = Journal(database, folder / HEAD, clock).verify()
    finally:
        database.close()
    if found.problem:
        problems.append(found.problem.sentence)
    BarStore(folder / "bars").series(problems)
    for name in (f"{DATABASE}.lock", f"{HEAD}.lock", f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (folder / name).unlink(missing_ok=True)
    if problems:
        raise StoreError(f"The backup is not whole and is not kept: {problems[0]}")
    return found.entries


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    with locked(root / ".lock"):
        yield


def _free(place: Path) -> Path:
    """Return `place`, or the next name like it that is not taken."""
    number, found = 1, place
    while found.exists():
        number += 1
        found = place.with_name(f"{place.name}-{number}")
    return found


def _copy(home: Path, to: Path, database: Database, journal: Journal, count: Count) -> None:
    to.mkdir(mode=0o700)
    with journal.resting():
        copy_database(database, to / DATABASE)
        if (home / HEAD).exists():
            shutil.copy2(home / HEAD, to / HEAD)
    count(DATABASE)
    for path in sorted(home.iterdir()):
        if path.name in LEFT_OUT or _is_passing(path):
            continue
        if path.is_dir():
            _copy_folder(path, to / path.name, count)
        else:
            _copy_file(path, to / path.name, count)


def copy_database(database: Database, to: Path) -> None:
    """Copy all rows of one moment into a new SQLite file at `to`, wherever they are now."""
    if database.path is None:
        _export(database, to)
        return
    with database.read() as connection, contextlib.closing(sqlite3.connect(to)) as target:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(target)


def _export(database: Database, to: Path) -> None:
    made = open_database(sqlite_url(to))
    try:
        with database.read() as source, made.write() as target:
            for table in METADATA.sorted_tables:
                rows = source.execute(
                    sa.select(table), execution_options={"yield_per": ROWS}
                ).mappings()
                for part in rows.partitions(ROWS):
                    target.execute(table.insert(), [dict(row) for row in part])
    finally:
        made.close()


def _copy_folder(folder: Path, to: Path, count: Count) -> None:
    """Copy a folder; one that is written under a lock is copied while nobody writes to it."""
    to.mkdir()
    held = locked(folder / ".lock") if (folder / ".lock").exists() else contextlib.nullcontext()
    with held:
        for path in sorted(folder.iterdir()):
            if _is_passing(path):
                continue
            if path.is_dir():
                _copy_folder(path, to / path.name, count)
            else:
                _copy_file(path, to / path.name, count)


def _copy_file(path: Path, to: Path, count: Count) -> None:
    try:
        if path.suffix in LINKED:
            os.link(path, to)
        else:
            shutil.copy2(path, to)
    except FileNotFoundError:
        return  # a file of a moment, gone since its folder was listed
    except OSError:
        shutil.copy2(path, to)  # not every disk has a second name for a file
    count(path.name)


def _is_passing(path: Path) -> bool:
    """Say whether a file is a lock, or one that is being written."""
    return path.name.startswith(".") or path.suffix in (".lock", ".tmp")
