"""What came of issued signals, each with the journal entry that recorded it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table; those that are there keep their rows."""
    op.create_table(
        "resolutions",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signal_id", sa.String(80), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part IN ('horizon', 'trade')", name=op.f("ck_resolutions_part")),
        sa.ForeignKeyConstraint(
            ["entry"], ["journal.no"], name=op.f("fk_resolutions_entry_journal")
        ),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_resolutions_signal_id_signals")
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_resolutions")),
        sa.UniqueConstraint("signal_id", "part", "revision", name=op.f("uq_resolutions_signal_id")),
    )
