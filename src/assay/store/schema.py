"""The database's schema: which revision it has, and how it comes to the newest."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from assay.core.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0011"
"""The newest revision in `migrations/versions`; a test holds the two together."""
VERSION_TABLE = "assay_schema"


def bring_up_to_date(connection: sa.Connection, name: str, *, alone: bool) -> None:
    """Run the missing migrations in the caller's transaction.

    A schema of a newer Assay is a `StoreError` that calls the database `name`, and so are tables of
    another program: any in a database that is Assay's `alone`, else those called as ours.
    """
    tables = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        stored = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
        revision = stored.scalar_one_or_none()
        if revision is not None and revision not in _known_revisions():
            raise StoreError(
                f"{name} was made by a newer Assay (schema {revision}; this one knows up to "
                f"{HEAD}); upgrade Assay, or use another workspace (ASSAY_HOME)"
            )
    elif tables and (alone or tables & our_tables()):
        raise StoreError(
            f"{name} holds tables that Assay did not make ({', '.join(sorted(tables)[:3])}); give "
            "Assay a database of its own"
        )
    _upgrade(connection)


def our_tables() -> set[str]:
    """Return the names of Assay's tables."""
    from assay.store.tables import METADATA

    return set(METADATA.tables)


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "assay.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
