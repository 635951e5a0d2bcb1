import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from assay.core.errors import SettingsError, StoreError
from assay.store.database import Database, open_database, sqlite_url
from assay.store.runs import Runs
from assay.store.schema import HEAD, VERSION_TABLE
from assay.store.tables import INSTRUMENTS, METADATA, TRIALS
from assay.store.trials import Trials

ROW = {
    "symbol": "TSLA",
    "asset_class": "equity",
    "venue": "XNYS",
    "tick": "0.01",
    "lot": "1",
    "quote": "USD",
    "calendar": "XNYS",
    "base": "TSLA",
}

TRIAL = {
    "no": 1,
    "id": "trial-old",
    "namespace": "main",
    "configuration_digest": "c" * 64,
    "configuration": {"alpha": 0.1},
    "data_fingerprint": "f" * 64,
    "seed": 7,
    "started_at": datetime(2026, 3, 2, tzinfo=UTC),
    "finished_at": datetime(2026, 3, 3, tzinfo=UTC),
    "status": "finished",
    "metrics": {"g": 1},
    "results_digest": "d" * 64,
}


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "assay.store:migrations")
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrations_make_exactly_the_tables_described(empty_url: str) -> None:
    database = open_database(empty_url)

    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": VERSION_TABLE}
        )
        differences = compare_metadata(context, METADATA)
    database.close()

    assert differences == []


def test_opening_twice_keeps_what_is_there(empty_url: str) -> None:
    first = open_database(empty_url)
    with first.write() as connection:
        connection.execute(INSTRUMENTS.insert(), ROW)
    first.close()

    second = open_database(empty_url)
    with second.read() as connection:
        found = connection.execute(sa.select(INSTRUMENTS.c.symbol)).scalars().all()
    second.close()

    assert found == ["TSLA"]


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    def write_and_stumble() -> None:
        with database.write() as connection:
            connection.execute(INSTRUMENTS.insert(), ROW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_stumble()

    with database.read() as connection:
        assert connection.execute(sa.select(INSTRUMENTS)).all() == []


def test_a_reading_connection_cannot_write(database: Database) -> None:
    with (
        pytest.raises((StoreError, sa.exc.DBAPIError)),
        database.read() as connection,
    ):
        connection.execute(INSTRUMENTS.insert(), ROW)

    with database.read() as connection:
        assert connection.execute(sa.select(INSTRUMENTS)).all() == []


def test_sqlite_writes_are_durable_and_references_are_kept(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))

    with database.write() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        references = connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one()
    database.close()

    assert (mode, synchronous, references) == ("wal", 2, 1)


def test_a_schema_that_names_no_revision_is_brought_up_to_date(empty_url: str) -> None:
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32))")
    engine.dispose()

    database = open_database(empty_url)

    assert database.revision() == HEAD
    assert database.check().problems == ()
    database.close()


def upgrade(url: str, revision: str) -> None:
    """Bring a database to an earlier revision, as the Assay of that time did."""
    config = Config()
    config.set_main_option("script_location", "assay.store:migrations")
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_a_database_of_the_first_tables_gains_those_of_runs_and_keeps_its_rows(
    empty_url: str,
) -> None:
    upgrade(empty_url, "0001")
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        before = set(sa.inspect(connection).get_table_names())
        connection.execute(INSTRUMENTS.insert(), ROW)
        connection.execute(TRIALS.insert(), TRIAL)
    engine.dispose()

    database = open_database(empty_url)

    trial = Trials(database).get("trial-old")
    runs, days = Runs(database), np.array(["2026-01-05"], "datetime64[D]")
    runs.keep_daily(trial.id, days, np.array([0.5]), np.array([0.75]))
    with database.read() as connection:
        after = set(sa.inspect(connection).get_table_names())
        symbols = connection.execute(sa.select(INSTRUMENTS.c.symbol)).scalars().all()
    assert after - before == {
        *("run_facts", "run_folds", "run_daily", "verdicts", "findings"),
        *(
            "families",
            "lock_box_looks",
            "explanations",
            "answered",
            "comparisons",
            "memberships",
            "uses",
            "jobs",
            "job_lines",
            "job_losses",
            "resolutions",
        ),
        *("people", "sessions", "access_tokens", "tickets", "first_tokens"),
        *("audit", "audit_places"),
    }
    assert (trial.configuration, trial.metrics, symbols) == ({"alpha": 0.1}, {"g": 1}, ["TSLA"])
    assert runs.matrix("main").trial_ids == ("trial-old",)
    assert database.revision() == HEAD
    assert database.check().problems == ()
    database.close()


def test_a_migration_that_stumbles_leaves_the_older_schema_whole(empty_url: str) -> None:
    upgrade(empty_url, "0001")
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE families (x INTEGER)")
        before = set(sa.inspect(connection).get_table_names())

    with pytest.raises((StoreError, sa.exc.ProgrammingError)):
        open_database(empty_url)

    with engine.begin() as connection:
        after = set(sa.inspect(connection).get_table_names())
        revision = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    engine.dispose()
    assert (after, revision) == (before, "0001")


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    database = open_database(url)
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    database.close()

    try:
        with pytest.raises(StoreError, match="newer Assay"):
            open_database(url)
    finally:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            left = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
            connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{HEAD}'")
        engine.dispose()
    assert left == "9999"


def test_a_database_of_another_program_is_refused(empty_url: str) -> None:
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE signals (x INTEGER)")
    engine.dispose()

    with pytest.raises(StoreError, match="did not make"):
        open_database(empty_url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "assay.db"
    path.write_bytes(b"this was a shopping list" * 100)

    with pytest.raises(StoreError, match="not a database or is damaged"):
        open_database(sqlite_url(path))

    assert path.read_bytes().startswith(b"this was")


def test_a_damaged_page_is_found_by_the_check(tmp_path: Path) -> None:
    path = tmp_path / "assay.db"
    database = open_database(sqlite_url(path))
    with database.write() as connection:
        rows = [{**ROW, "symbol": f"S{i:05d}"} for i in range(3000)]
        connection.execute(INSTRUMENTS.insert(), rows)
    healthy = database.check()
    database.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)

    database = open_database(sqlite_url(path))
    sick = database.check()
    database.close()

    assert healthy.problems == ()
    assert sick.problems
    assert str(path) in sick.problems[0]


def test_health_names_the_version(database: Database) -> None:
    health = database.check()

    assert health.problems == ()
    assert any("SQLite 3." in note or "PostgreSQL 1" in note for note in health.notes)


def test_a_database_that_is_only_read_is_not_made(empty_url: str) -> None:
    database = open_database(empty_url, create=False)

    with database.read() as connection:
        held = connection.execute(sa.select(INSTRUMENTS)).all()
    revision, health = database.revision(), database.check()

    assert held == []
    assert (revision, health.problems) == (None, ())
    assert not database.born
    assert open_database(empty_url, create=False).born is False


def test_looking_makes_neither_file_nor_folder(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "no" / "assay.db"), create=False)

    with database.read() as connection:
        assert connection.execute(sa.select(INSTRUMENTS)).all() == []

    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_cannot_be_written_by_reading(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "assay.db"), create=False)

    with pytest.raises(StoreError), database.read() as connection:
        connection.execute(INSTRUMENTS.insert(), ROW)


def test_the_first_write_makes_it_and_another_reader_sees_it(empty_url: str) -> None:
    reader, writer = (open_database(empty_url, create=False) for _ in range(2))
    with reader.read() as connection:
        before = connection.execute(sa.select(INSTRUMENTS.c.symbol)).scalars().all()

    with writer.write() as connection:
        connection.execute(INSTRUMENTS.insert(), ROW)

    with reader.read() as connection:
        after = connection.execute(sa.select(INSTRUMENTS.c.symbol)).scalars().all()
    revision = reader.revision()
    reader.close()
    writer.close()
    assert (before, after, revision) == ([], ["TSLA"], HEAD)


def test_a_new_file_appears_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "assay.db"

    open_database(sqlite_url(path)).close()

    assert sorted(p.name for p in tmp_path.iterdir()) == ["assay.db", "assay.db.lock"]
    assert open_database(sqlite_url(path), create=False).revision() == HEAD


def test_the_log_of_a_lost_file_is_set_aside_not_read(tmp_path: Path) -> None:
    path = tmp_path / "assay.db"
    (tmp_path / "assay.db-wal").write_bytes(b"the last entries")

    database = open_database(sqlite_url(path))
    with database.read() as connection:
        held = connection.execute(sa.select(INSTRUMENTS)).all()
    database.close()

    assert held == []
    assert (tmp_path / "assay.db-wal.1.lost").read_bytes() == b"the last entries"


@pytest.mark.parametrize(
    "url", ["mysql://root@localhost/x", "sqlite://", "sqlite:///:memory:", "no url", "postgresql:"]
)
def test_other_kinds_of_database_are_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        open_database(url)


def test_an_unreachable_server_is_one_sentence_without_the_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_database("postgresql+pg8000://someone:hunter2@127.0.0.1:1/x")

    assert "hunter2" not in str(caught.value)


def test_bars_do_not_import_sql_and_an_open_does_not_import_alembic(tmp_path: Path) -> None:
    path = tmp_path / "assay.db"
    open_database(sqlite_url(path)).close()
    code = (
        "import sys, assay.store.bars, assay.store.documents\n"
        "from pathlib import Path\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "from assay.store.database import open_database, sqlite_url\n"
        f"open_database(sqlite_url(Path({str(path)!r}))).revision()\n"
        "assert 'alembic' not in sys.modules\n"
        "assert 'pg8000' not in sys.modules\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_two_processes_may_open_a_new_database_at_once(empty_url: str) -> None:
    code = (
        "from assay.store.database import open_database\n"
        f"print(open_database({empty_url!r}).revision())\n"
    )
    command = [sys.executable, "-c", code]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    results = [process.communicate(timeout=60) for process in running]

    assert [out.strip() for out, _ in results] == [HEAD] * 3, results
