"""The first tables: instruments, artefacts, promotions, trials, journal, signals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "instruments",
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("asset_class", sa.String(16), nullable=False),
        sa.Column("venue", sa.String(32), nullable=False),
        sa.Column("tick", sa.String(40), nullable=False),
        sa.Column("lot", sa.String(40), nullable=False),
        sa.Column("quote", sa.String(16), nullable=False),
        sa.Column("calendar", sa.String(16), nullable=False),
        sa.Column("base", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_instruments")),
    )
    op.create_table(
        "artefacts",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("timeframe", sa.String(4), nullable=False),
        sa.Column("symbols", sa.JSON(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("quarantined", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('member', 'fusion')", name=op.f("ck_artefacts_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artefacts")),
    )
    op.create_table(
        "promotions",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("artefact_id", sa.String(80), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('promoted', 'refused', 'withdrawn')", name=op.f("ck_promotions_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["artefact_id"], ["artefacts.id"], name=op.f("fk_promotions_artefact_id_artefacts")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_promotions")),
    )
    op.create_index(op.f("ix_promotions_artefact_id"), "promotions", ["artefact_id"])
    op.create_table(
        "trials",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("namespace", sa.String(64), nullable=False),
        sa.Column("configuration_digest", sa.String(64), nullable=False),
        sa.Column("configuration", sa.JSON(), nullable=False),
        sa.Column("data_fingerprint", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("metrics", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("results_digest", sa.String(64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'finished', 'failed', 'aborted')",
            name=op.f("ck_trials_status"),
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_trials")),
        sa.UniqueConstraint("id", name=op.f("uq_trials_id")),
    )
    op.create_index(op.f("ix_trials_namespace"), "trials", ["namespace"])
    op.create_index(op.f("ix_trials_configuration_digest"), "trials", ["configuration_digest"])
    op.create_table(
        "journal",
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("signal_id", sa.String(80), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_digest", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_signal_id"), "journal", ["signal_id"])
    op.create_table(
        "signals",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("timeframe", sa.String(4), nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("conviction", sa.Float(53), nullable=True),
        sa.Column("tier", sa.String(16), nullable=True),
        sa.Column("evidence", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(8), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["journal.no"], name=op.f("fk_signals_entry_journal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index("ix_signals_series", "signals", ["symbol", "timeframe", "as_of"])
