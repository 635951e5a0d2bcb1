"""Spans of bars that sources have answered for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table; those that are there keep their rows."""
    op.create_table(
        "answered",
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("timeframe", sa.String(4), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("symbol", "timeframe", "source", "start", name=op.f("pk_answered")),
    )
