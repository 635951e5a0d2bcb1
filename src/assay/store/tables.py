"""The SQL tables: one description for SQLite and PostgreSQL; the migrations make them."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from assay.core.errors import StoreError

DAMAGED_ROW = (
    "The database holds a row that cannot be read; restore a copy of it, and see assay doctor"
)

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def read_json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a JSON column holds; damaged text is a `StoreError`."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreError(DAMAGED_ROW) from error


class _ReadableTime(sqlite.DATETIME):
    """SQLite keeps a time as text, and a damaged text is no bug."""

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:  # noqa: ANN401 - the overridden method says so
        """Return a parser that answers damaged text with a `StoreError`."""
        parse = super().result_processor(dialect, coltype)
        assert parse is not None

        def parsed(value: Any) -> datetime | None:  # noqa: ANN401 - what the driver gave
            try:
                return parse(value)
            except (ValueError, TypeError) as error:
                raise StoreError(DAMAGED_ROW) from error

        return parsed


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware time in UTC, to the microsecond, on databases with and without time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return what holds the value on this kind of database."""
        readable: sa.types.TypeEngine[Any] = _ReadableTime()  # type: ignore[no-untyped-call]  # its own init
        return readable if dialect.name == "sqlite" else sa.DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return what the database stores; a naive time is a bug of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"The time {value} to be stored has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ANN401 - the overridden method says so
        """Return an aware time, whatever the database gave."""
        if value is None:
            return None
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


INSTRUMENTS = sa.Table(
    "instruments",
    METADATA,
    sa.Column("symbol", sa.String(64), primary_key=True),
    sa.Column("asset_class", sa.String(16), nullable=False),
    sa.Column("venue", sa.String(32), nullable=False),
    sa.Column("tick", sa.String(40), nullable=False),
    sa.Column("lot", sa.String(40), nullable=False),
    sa.Column("quote", sa.String(16), nullable=False),
    sa.Column("calendar", sa.String(16), nullable=False),
    sa.Column("base", sa.String(64), nullable=False),
)

ARTEFACTS = sa.Table(
    "artefacts",
    METADATA,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("member", sa.String(64), nullable=False),
    sa.Column("family", sa.String(64), nullable=False),
    sa.Column("timeframe", sa.String(4), nullable=False),
    sa.Column("symbols", sa.JSON(), nullable=False),
    sa.Column("made_at", UtcTime(), nullable=False),
    sa.Column("spans", sa.JSON(), nullable=False),
    sa.Column("path", sa.Text(), nullable=False),
    sa.Column("simulated", sa.Boolean(), nullable=False),
    sa.Column("quarantined", sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('member', 'fusion')", name="kind"),
)

PROMOTIONS = sa.Table(
    "promotions",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column(
        "artefact_id", sa.String(80), sa.ForeignKey("artefacts.id"), nullable=False, index=True
    ),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("findings", sa.JSON(), nullable=False),
    sa.CheckConstraint("verdict IN ('promoted', 'refused', 'withdrawn')", name="verdict"),
)

TRIALS = sa.Table(
    "trials",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(80), nullable=False, unique=True),
    sa.Column("namespace", sa.String(64), nullable=False, index=True),
    sa.Column("configuration_digest", sa.String(64), nullable=False, index=True),
    sa.Column("configuration", sa.JSON(), nullable=False),
    sa.Column("data_fingerprint", sa.String(64), nullable=False),
    sa.Column("seed", sa.BigInteger(), nullable=False),
    sa.Column("started_at", UtcTime(), nullable=False),
    sa.Column("finished_at", UtcTime(), nullable=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("metrics", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("results_digest", sa.String(64), nullable=True),
    sa.Column("reason", sa.Text(), nullable=True),
    sa.CheckConstraint("status IN ('running', 'finished', 'failed', 'aborted')", name="status"),
)

JOURNAL = sa.Table(
    "journal",
    METADATA,
    sa.Column("no", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("stage", sa.String(32), nullable=False),
    sa.Column("signal_id", sa.String(80), nullable=True, index=True),
    sa.Column("payload", sa.Text(), nullable=False),
    sa.Column("prev_digest", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)

SIGNALS = sa.Table(
    "signals",
    METADATA,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("symbol", sa.String(64), nullable=False),
    sa.Column("timeframe", sa.String(4), nullable=False),
    sa.Column("as_of", UtcTime(), nullable=False),
    sa.Column("made_at", UtcTime(), nullable=False),
    sa.Column("conviction", sa.Float(53), nullable=True),
    sa.Column("tier", sa.String(16), nullable=True),
    sa.Column("evidence", sa.String(16), nullable=False),
    sa.Column("decision", sa.String(8), nullable=False),
    sa.Column("simulated", sa.Boolean(), nullable=False),
    sa.Column("payload", sa.JSON(), nullable=False),
    sa.Column("entry", sa.BigInteger(), sa.ForeignKey("journal.no"), nullable=False, index=True),
    sa.Index("ix_signals_series", "symbol", "timeframe", "as_of"),
)

RUN_FACTS = sa.Table(
    "run_facts",
    METADATA,
    sa.Column("trial_id", sa.String(80), sa.ForeignKey("trials.id"), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False, index=True),
    sa.Column("family", sa.Text(), nullable=False, index=True),
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
    sa.Column("work_key", sa.String(64), nullable=False, index=True),
    sa.Column("tag", sa.Text(), nullable=False),
    sa.Column("seconds", sa.Float(53), nullable=True),
    sa.Column("peak_mb", sa.Float(53), nullable=True),
)

RUN_FOLDS = sa.Table(
    "run_folds",
    METADATA,
    sa.Column("work_key", sa.String(64), primary_key=True),
    sa.Column("fold", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("seed", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("trial_id", sa.String(80), sa.ForeignKey("trials.id"), nullable=False, index=True),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("seconds", sa.Float(53), nullable=False),
    sa.Column("peak_mb", sa.Float(53), nullable=True),
    sa.Column("metrics", sa.JSON(), nullable=False),
    sa.Column("arrays", sa.LargeBinary(), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)

RUN_DAILY = sa.Table(
    "run_daily",
    METADATA,
    sa.Column("trial_id", sa.String(80), sa.ForeignKey("trials.id"), primary_key=True),
    sa.Column("day", sa.Date(), primary_key=True),
    sa.Column("net", sa.Float(53), nullable=False),
    sa.Column("gross", sa.Float(53), nullable=False),
    sqlite_with_rowid=False,  # the rows lie in the order of their key: half the file, read in turn
)

VERDICTS = sa.Table(
    "verdicts",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("subject_kind", sa.String(16), nullable=False),
    sa.Column("subject_id", sa.String(80), nullable=False),
    sa.Column("profile", sa.Text(), nullable=False),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("verdict", sa.Text(), nullable=False),
    sa.Column("gate_version", sa.Text(), nullable=False),
    sa.Column("inputs_digest", sa.String(64), nullable=False),
    sa.Column("trial_count", sa.Integer(), nullable=False),
    sa.Column("alpha_spent", sa.Float(53), nullable=True),
    sa.Column("libraries", sa.JSON(), nullable=False),
    sa.CheckConstraint("subject_kind IN ('trial', 'artefact')", name="subject_kind"),
    sa.Index("ix_verdicts_subject", "subject_kind", "subject_id"),
)

FINDINGS = sa.Table(
    "findings",
    METADATA,
    sa.Column("verdict_no", sa.Integer(), sa.ForeignKey("verdicts.no"), primary_key=True),
    sa.Column("line", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("tier", sa.Text(), nullable=False),
    sa.Column("check_name", sa.Text(), nullable=False),
    sa.Column("passed", sa.Boolean(), nullable=True),
    sa.Column("statistic", sa.Float(53), nullable=True),
    sa.Column("threshold", sa.Float(53), nullable=True),
    sa.Column("p", sa.Float(53), nullable=True),
    sa.Column("power", sa.Float(53), nullable=True),
    sa.Column("sentence", sa.Text(), nullable=False),
    sa.Column("detail", sa.JSON(), nullable=False),
)

FAMILIES = sa.Table(
    "families",
    METADATA,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("primary_metric", sa.Text(), nullable=False),
    sa.Column("baseline", sa.JSON(), nullable=False),
    sa.Column("lock_box_start", UtcTime(), nullable=True),
    sa.Column("lock_box_end", UtcTime(), nullable=True),
    sa.Column("registered_at", UtcTime(), nullable=False),
)

LOCK_BOX_LOOKS = sa.Table(
    "lock_box_looks",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("family", sa.Text(), sa.ForeignKey("families.name"), nullable=False, index=True),
    sa.Column("trial_id", sa.String(80), sa.ForeignKey("trials.id"), nullable=False),
    sa.Column("artefact_id", sa.String(80), sa.ForeignKey("artefacts.id"), nullable=True),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
)

EXPLANATIONS = sa.Table(
    "explanations",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("trial_id", sa.String(80), sa.ForeignKey("trials.id"), nullable=False, index=True),
    sa.Column("check_name", sa.Text(), nullable=False),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("by", sa.Text(), nullable=False),
    sa.Column("why", sa.Text(), nullable=False),
)

ANSWERED = sa.Table(
    "answered",
    METADATA,
    sa.Column("symbol", sa.String(64), primary_key=True),
    sa.Column("timeframe", sa.String(4), primary_key=True),
    sa.Column("source", sa.String(80), primary_key=True),
    sa.Column("start", UtcTime(), primary_key=True),
    sa.Column("end", UtcTime(), nullable=False),
    sa.Column("at", UtcTime(), nullable=False),
)

COMPARISONS = sa.Table(
    "comparisons",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("symbol", sa.String(64), nullable=False),
    sa.Column("timeframe", sa.String(4), nullable=False),
    sa.Column("source", sa.String(80), nullable=False),
    sa.Column("other", sa.String(80), nullable=False),
    sa.Column("start", UtcTime(), nullable=False),
    sa.Column("end", UtcTime(), nullable=False),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("volume_share", sa.Float(53), nullable=True),
    sa.Column("findings", sa.JSON(), nullable=False),
    sa.Index("ix_comparisons_series", "symbol", "timeframe"),
)

MEMBERSHIPS = sa.Table(
    "memberships",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("universe", sa.String(64), nullable=False),
    sa.Column("symbol", sa.String(64), nullable=False),
    sa.Column("first", sa.Date(), nullable=False),
    sa.Column("last", sa.Date(), nullable=True),
    sa.Column("known_at", UtcTime(), nullable=False),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Index("ix_memberships_universe", "universe"),
)

USES = sa.Table(
    "uses",
    METADATA,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("state", sa.JSON(), nullable=False),
)

PEOPLE = sa.Table(
    "people",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("key", sa.String(256), nullable=False, unique=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("password", sa.Text(), nullable=False),
    sa.Column("scopes", sa.JSON(), nullable=False),
    sa.Column("made_at", UtcTime(), nullable=False),
    sa.Column("password_at", UtcTime(), nullable=False),
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column("person_id", sa.String(40), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("made_at", UtcTime(), nullable=False),
    sa.Column("used_at", UtcTime(), nullable=False),
    sa.Column("address", sa.Text(), nullable=False),
    sa.Column("agent", sa.Text(), nullable=False),
)

ACCESS_TOKENS = sa.Table(
    "access_tokens",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("person_id", sa.String(40), sa.ForeignKey("people.id"), nullable=True, index=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("scopes", sa.JSON(), nullable=False),
    sa.Column("made_at", UtcTime(), nullable=False),
    sa.Column("until", UtcTime(), nullable=True),
    sa.Column("used_at", UtcTime(), nullable=True),
    sa.Column("revoked_at", UtcTime(), nullable=True),
)

TICKETS = sa.Table(
    "tickets",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("until", UtcTime(), nullable=False),
)

FIRST_TOKENS = sa.Table(
    "first_tokens",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("made_at", UtcTime(), nullable=False),
)

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("who", sa.String(40), nullable=False, index=True),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("about", sa.Text(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
)

AUDIT_PLACES = sa.Table(
    "audit_places",
    METADATA,
    sa.Column("audit_no", sa.Integer(), sa.ForeignKey("audit.no"), primary_key=True),
    sa.Column("address", sa.Text(), nullable=False),
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("arguments", sa.JSON(), nullable=False),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("due_at", UtcTime(), nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("asked_at", UtcTime(), nullable=False),
    sa.Column("started_at", UtcTime(), nullable=True),
    sa.Column("ended_at", UtcTime(), nullable=True),
    sa.Column("lease_owner", sa.String(120), nullable=True),
    sa.Column("lease_until", UtcTime(), nullable=True),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("most_attempts", sa.Integer(), nullable=False),
    sa.Column("cancel_asked", sa.Boolean(), nullable=False),
    sa.Column("sent_at", UtcTime(), nullable=True),
    sa.Column("progress", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("outcome", sa.Text(), nullable=True),
    sa.Column("error", sa.Text(), nullable=True),
    sa.Column("change", sa.BigInteger(), nullable=False, index=True),
    sa.CheckConstraint(
        "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"
    ),
    sa.Index("ix_jobs_state", "state", "due_at"),
    sa.Index("ix_jobs_kind", "kind", "asked_at"),
)

JOB_LINES = sa.Table(
    "job_lines",
    METADATA,
    sa.Column("job_id", sa.String(40), sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("no", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
)

JOB_LOSSES = sa.Table(
    "job_losses",
    METADATA,
    sa.Column("job_id", sa.String(40), sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("what", sa.String(200), primary_key=True),
    sa.Column("epoch", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("epochs", sa.Integer(), nullable=False),
    sa.Column("loss", sa.Float(53), nullable=False),
    sa.Column("held_loss", sa.Float(53), nullable=True),
)

RESOLUTIONS = sa.Table(
    "resolutions",
    METADATA,
    sa.Column(
        "entry", sa.BigInteger(), sa.ForeignKey("journal.no"), primary_key=True, autoincrement=False
    ),
    sa.Column("signal_id", sa.String(80), sa.ForeignKey("signals.id"), nullable=False),
    sa.Column("part", sa.String(16), nullable=False),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("parts", sa.Integer(), nullable=False),
    sa.Column("due", UtcTime(), nullable=False),
    sa.CheckConstraint("part IN ('horizon', 'trade')", name="part"),
    sa.UniqueConstraint("signal_id", "part", "revision"),
)
