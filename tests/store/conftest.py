"""A fresh SQLite file and a fresh PostgreSQL database, behind one fixture."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from assay.store.database import Database, open_database, sqlite_url
from assay.store.tables import METADATA

DEFAULT_POSTGRES = "postgresql+pg8000://postgres@127.0.0.1:5432/postgres"


def _admin(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """Return the URL of a server on which databases can be made, or skip with the reason."""
    url = os.environ.get("ASSAY_TEST_POSTGRES_URL", DEFAULT_POSTGRES)
    try:
        _admin(url, "SELECT 1")
    except (sa.exc.DBAPIError, ModuleNotFoundError) as error:
        reason = f"PostgreSQL is not there ({str(error).splitlines()[0]})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return url


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """Return the URL of a database without tables, dropped afterwards."""
    name = f"assay_test_{secrets.token_hex(6)}"
    _admin(postgres_server, f"CREATE DATABASE {name}")
    yield sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    _admin(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """Return the URL of one migrated database for all tests of the session."""
    name = f"assay_test_{secrets.token_hex(6)}"
    _admin(postgres_server, f"CREATE DATABASE {name}")
    _admin(postgres_server, f"ALTER DATABASE {name} SET synchronous_commit = off")  # quicker
    url = sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    open_database(url).close()
    yield url
    _admin(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = open_database(sqlite_url(path))
    with database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a migrated database without rows, of either kind."""
    if request.param == "sqlite":
        path = tmp_path / "assay.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return sqlite_url(path)
    found: str = request.getfixturevalue("migrated_postgres")
    tables = [table.name for table in reversed(METADATA.sorted_tables)]
    emptied = "; ".join(f"DELETE FROM {name}" for name in tables)
    _admin(found, f"SET session_replication_role = replica; {emptied}")  # no trigger says no
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Return an open database without rows, of either kind."""
    found = open_database(url)
    yield found
    found.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without tables, of either kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "assay.db")
    found: str = request.getfixturevalue("empty_postgres")
    return found
