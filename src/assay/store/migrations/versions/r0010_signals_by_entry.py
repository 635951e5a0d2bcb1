"""Signals in the order they were issued, found without reading the others."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the index; signals stay as they are."""
    op.create_index(op.f("ix_signals_entry"), "signals", ["entry"])
