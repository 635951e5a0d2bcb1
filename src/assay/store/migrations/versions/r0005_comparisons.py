"""What was found where two sources tell of the same bars."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table; those that are there keep their rows."""
    op.create_table(
        "comparisons",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("timeframe", sa.String(4), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("other", sa.String(80), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("volume_share", sa.Float(53), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_comparisons")),
    )
    op.create_index("ix_comparisons_series", "comparisons", ["symbol", "timeframe"])
