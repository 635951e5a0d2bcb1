"""Run by Alembic: migrate the connection it was handed, in the caller's transaction."""

from alembic import context
from alembic.config import Config

from assay.store.schema import VERSION_TABLE
from assay.store.tables import METADATA


def migrate(config: Config) -> None:
    """Bring the schema up to date; all of it or nothing, for the caller holds the transaction."""
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=METADATA,
        version_table=VERSION_TABLE,
        render_as_batch=True,
        transactional_ddl=False,
    )
    context.run_migrations()


running: Config | None = getattr(context, "config", None)  # None where it is merely imported
if running is not None:
    migrate(running)
