"""Who belonged to a universe when, and since when that is known here."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table; those that are there keep their rows."""
    op.create_table(
        "memberships",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("universe", sa.String(64), nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_memberships")),
    )
    op.create_index("ix_memberships_universe", "memberships", ["universe"])
