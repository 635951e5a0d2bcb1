"""How often keys of providers were used lately, for workers on several machines."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table; those that are there keep their rows."""
    op.create_table(
        "uses",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_uses")),
    )
