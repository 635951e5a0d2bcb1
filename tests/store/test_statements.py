"""Statements told to SQLite without a detour say what SQLAlchemy would say, on both databases."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assay.core.errors import StoreError
from assay.store.database import Database, open_database, sqlite_url
from assay.store.statements import Statement
from assay.store.tables import JOURNAL, TRIALS

NAMES = Statement(
    sa.select(TRIALS.c.no, TRIALS.c.namespace)
    .where(TRIALS.c.no >= sa.bindparam("first"))
    .order_by(TRIALS.c.no)
    .limit(2)
)
ADD = Statement(TRIALS.insert())


def trial(no: int, **changes: Any) -> dict[str, Any]:
    row = {
        "no": no,
        "id": f"trial-{no}",
        "namespace": f"space-{no}",
        "configuration_digest": "c" * 64,
        "configuration": {"alpha": 0.1, "who": "Zo\u00eb"},
        "data_fingerprint": "f" * 64,
        "seed": 7,
        "started_at": datetime(2026, 3, 2, 12, 30, 0, 5, tzinfo=UTC),
        "finished_at": None,
        "status": "finished",
        "metrics": None,
        "results_digest": None,
        "reason": None,
    }
    return {**row, **changes}


def test_rows_written_directly_are_those_that_sqlalchemy_writes(database: Database) -> None:
    with database.write() as connection:
        ADD.run(connection, [trial(1), trial(2, metrics={"g": [1, 0.5]})])
        connection.execute(TRIALS.insert(), [trial(3), trial(4, metrics={"g": [1, 0.5]})])
        seen = NAMES.rows(connection, first=2)

    with database.read() as connection:
        raw = "SELECT configuration, started_at, finished_at, metrics FROM trials ORDER BY no"
        kept = [tuple(row) for row in connection.exec_driver_sql(raw)]
        rows = connection.execute(sa.select(TRIALS).order_by(TRIALS.c.no)).mappings().all()
    assert kept[:2] == kept[2:]
    assert [dict(row) for row in rows[:2]] == [trial(1), trial(2, metrics={"g": [1, 0.5]})]
    assert seen == [(2, "space-2"), (3, "space-3")]


def test_a_question_sees_what_was_committed_last(database: Database) -> None:
    assert database.ask(NAMES, first=0) == []

    for no in (1, 2):
        with database.write() as connection:
            ADD.run(connection, [trial(no)])
            assert len(database.ask(NAMES, first=0)) == no - 1
        assert database.ask(NAMES, first=no) == [(no, f"space-{no}")]
    database.close()

    assert database.ask(NAMES, first=2) == [(2, "space-2")]


def test_what_fails_is_undone_with_the_rest_of_its_write(database: Database) -> None:
    def twice_the_same() -> None:
        with database.write() as connection:
            ADD.run(connection, [trial(1)])
            ADD.run(connection, [trial(1)])

    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        twice_the_same()

    assert database.ask(NAMES, first=0) == []


def test_a_question_to_what_is_not_there_makes_nothing(empty_url: str, tmp_path: Path) -> None:
    database = open_database(empty_url, create=False)

    found = database.ask(NAMES, first=0)

    assert found == []
    assert not database.born
    assert not (tmp_path / "assay.db").exists()
    database.close()


def test_a_file_that_is_gone_is_said_and_not_made_anew(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))
    assert database.born
    database.close()
    (tmp_path / "a.db").unlink()

    with pytest.raises(StoreError, match="could not be opened"):
        database.ask(NAMES, first=0)

    assert not (tmp_path / "a.db").exists()
    database.close()


def test_threads_may_ask_at_once(database: Database) -> None:
    with database.write() as connection:
        ADD.run(connection, [trial(no) for no in range(1, 40)])
    found: list[list[Any]] = []

    def ask(first: int) -> None:
        found.extend(database.ask(NAMES, first=first) for _ in range(20))

    threads = [threading.Thread(target=ask, args=(first,)) for first in (1, 11, 21, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 80
    assert all(rows[1][0] == rows[0][0] + 1 for rows in found)


def test_a_question_cannot_write(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))
    emptied = Statement(sa.delete(JOURNAL))

    with pytest.raises(StoreError, match="cannot be written"):
        database.ask(emptied)

    database.close()
