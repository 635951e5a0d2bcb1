"""Experiment runs: facts, folds, daily returns, verdicts with their lines, families, looks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)
NUMBER = sa.Float(53)


def upgrade() -> None:
    """Make the tables; those that are there keep their rows."""
    _make_runs()
    _make_verdicts()
    _make_families()


def _make_runs() -> None:
    op.create_table(
        "run_facts",
        sa.Column("trial_id", sa.String(80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column("file_text", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("primary_metric", sa.Text(), nullable=False),
        sa.Column("seeds", sa.JSON(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("uncommitted_diff", sa.Text(), nullable=True),
        sa.Column("libraries", sa.JSON(), nullable=False),
        sa.Column("machine", sa.JSON(), nullable=False),
        sa.Column("work_key", sa.String(64), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("seconds", NUMBER, nullable=True),
        sa.Column("peak_mb", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_run_facts_trial_id_trials")
        ),
        sa.PrimaryKeyConstraint("trial_id", name=op.f("pk_run_facts")),
    )
    for column in ("name", "family", "work_key"):
        op.create_index(op.f(f"ix_run_facts_{column}"), "run_facts", [column])
    op.create_table(
        "run_folds",
        sa.Column("work_key", sa.String(64), nullable=False),
        sa.Column("fold", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seed", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("trial_id", sa.String(80), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("seconds", NUMBER, nullable=False),
        sa.Column("peak_mb", NUMBER, nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("arrays", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_run_folds_trial_id_trials")
        ),
        sa.PrimaryKeyConstraint("work_key", "fold", "seed", name=op.f("pk_run_folds")),
    )
    op.create_index(op.f("ix_run_folds_trial_id"), "run_folds", ["trial_id"])
    op.create_table(
        "run_daily",
        sa.Column("trial_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("net", NUMBER, nullable=False),
        sa.Column("gross", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_run_daily_trial_id_trials")
        ),
        sa.PrimaryKeyConstraint("trial_id", "day", name=op.f("pk_run_daily")),
        sqlite_with_rowid=False,
    )


def _make_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(80), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("gate_version", sa.Text(), nullable=False),
        sa.Column("inputs_digest", sa.String(64), nullable=False),
        sa.Column("trial_count", sa.Integer(), nullable=False),
        sa.Column("alpha_spent", NUMBER, nullable=True),
        sa.Column("libraries", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('trial', 'artefact')", name=op.f("ck_verdicts_subject_kind")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_verdicts")),
    )
    op.create_index("ix_verdicts_subject", "verdicts", ["subject_kind", "subject_id"])
    op.create_table(
        "findings",
        sa.Column("verdict_no", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("statistic", NUMBER, nullable=True),
        sa.Column("threshold", NUMBER, nullable=True),
        sa.Column("p", NUMBER, nullable=True),
        sa.Column("power", NUMBER, nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["verdict_no"], ["verdicts.no"], name=op.f("fk_findings_verdict_no_verdicts")
        ),
        sa.PrimaryKeyConstraint("verdict_no", "line", name=op.f("pk_findings")),
    )


def _make_families() -> None:
    op.create_table(
        "families",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("primary_metric", sa.Text(), nullable=False),
        sa.Column("baseline", sa.JSON(), nullable=False),
        sa.Column("lock_box_start", TIME, nullable=True),
        sa.Column("lock_box_end", TIME, nullable=True),
        sa.Column("registered_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_families")),
    )
    op.create_table(
        "lock_box_looks",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("trial_id", sa.String(80), nullable=False),
        sa.Column("artefact_id", sa.String(80), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artefact_id"], ["artefacts.id"], name=op.f("fk_lock_box_looks_artefact_id_artefacts")
        ),
        sa.ForeignKeyConstraint(
            ["family"], ["families.name"], name=op.f("fk_lock_box_looks_family_families")
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_lock_box_looks_trial_id_trials")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_lock_box_looks")),
    )
    op.create_index(op.f("ix_lock_box_looks_family"), "lock_box_looks", ["family"])
