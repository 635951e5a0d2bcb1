"""Explanations of results that looked too good to be true."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table; those that are there keep their rows."""
    op.create_table(
        "explanations",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.String(80), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_explanations_trial_id_trials")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_explanations")),
    )
    op.create_index(op.f("ix_explanations_trial_id"), "explanations", ["trial_id"])
