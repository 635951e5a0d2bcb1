"""A database that is named when a workspace is begun is tried, and nothing is made in it."""

import pytest
import sqlalchemy as sa

from assay.core.errors import SettingsError, StoreError
from assay.workflows.begin import database_named


def test_an_empty_server_is_taken_and_left_empty(empty_postgres: str) -> None:
    assert database_named(f" {empty_postgres} ") == empty_postgres

    engine = sa.create_engine(empty_postgres)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_migrated_server_is_taken(migrated_postgres: str) -> None:
    assert database_named(migrated_postgres) == migrated_postgres


@pytest.mark.parametrize("said", ["sqlite", "SQLite ", ""])
def test_sqlite_is_no_url(said: str) -> None:
    assert database_named(said) is None


def test_one_that_is_not_there_or_not_known_is_refused() -> None:
    with pytest.raises(StoreError, match="PostgreSQL"):
        database_named("postgresql+pg8000://me@localhost:1/x")
    with pytest.raises(SettingsError, match="could not be read"):
        database_named("here")
