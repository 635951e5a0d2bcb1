"""The SQL database: SQLite in the workspace, or PostgreSQL; opened, migrated, checked."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assay.core.errors import MissingExtraError, NotFoundError, SettingsError, StoreError
from assay.store.files import locked

HEAD = "0001"
"""The newest revision in `migrations/versions`; a test holds the two together."""
VERSION_TABLE = "assay_schema"
_LOCK_NUMBER = 0x61737361  # "assa": PostgreSQL's advisory lock for all our writes
_BUSY_MILLISECONDS = 30_000
_WAL_FIXED = (3, 51, 3)
_TRANSLATED = (sa.exc.OperationalError, sa.exc.DatabaseError, sa.exc.InterfaceError)


@dataclass(frozen=True, slots=True)
class Health:
    """What `Database.check` found: `problems` need a person, `notes` are good to know."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]


class Database:
    """An open database; `read` for looking, `write` for changing, `close` at the end.

    In SQLite one connection writes (WAL, synchronous FULL) and all others are `query_only`; a
    lock file beside the database keeps other processes' writers and checkpoints out, because
    SQLite before 3.51.3 can damage a WAL that two write at once. In PostgreSQL an advisory lock
    does the same for our own writers. Neither block may be opened inside another `write` block.
    """

    def __init__(self, url: sa.URL) -> None:
        self.name = str(url.database) if _is_sqlite(url) else url.render_as_string()
        self.path = Path(str(url.database)) if _is_sqlite(url) else None
        if self.path:
            self._writer = _sqlite_engine(url, writes=True)
            self._reader = _sqlite_engine(url, writes=False)
        else:
            self._writer = self._reader = _postgres_engine(url)

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction of its own: committed at the end, or nothing."""
        lock = locked(self.path.with_name(f"{self.path.name}.lock")) if self.path else None
        with lock or contextlib.nullcontext(), self._translated(), self._writer.begin() as found:
            if not self.path:
                found.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
            yield found

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database and cannot change it."""
        with self._translated(), self._reader.connect() as found:
            if not self.path:
                found = found.execution_options(
                    postgresql_readonly=True, isolation_level="REPEATABLE READ"
                )
            yield found

    def close(self) -> None:
        """Let go of every connection; a later use opens new ones."""
        self._writer.dispose()
        self._reader.dispose()

    def revision(self) -> str | None:
        """Return the schema's revision; None in an empty database."""
        with self.read() as connection:
            if not sa.inspect(connection).has_table(VERSION_TABLE):
                return None
            found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
            return str(found.scalar_one())

    def check(self) -> Health:
        """Look for damage: SQLite's own integrity check, references, the schema's revision."""
        problems: list[str] = []
        notes: list[str] = []
        try:
            with self.read() as connection:
                if self.path:
                    problems += _sqlite_problems(connection, self.name)
                notes.append(f"{self.name}: {_version(connection)}")
            revision = self.revision()
            notes.append(f"schema {revision}")
            if revision != HEAD:
                problems.append(f"{self.name} has the schema {revision}; {HEAD} was expected")
        except StoreError as error:
            problems.append(str(error))
        if self.path and sqlite3.sqlite_version_info < _WAL_FIXED:
            notes.append(
                f"SQLite {sqlite3.sqlite_version} can damage its log when two connections write "
                "at once (fixed in 3.51.3); Assay writes through one at a time, so keep other "
                "programs from writing to the file"
            )
        return Health(tuple(problems), tuple(notes))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _TRANSLATED as error:
            if isinstance(error, (sa.exc.IntegrityError, sa.exc.ProgrammingError)):
                raise  # a bug of ours: it stays a traceback
            raise StoreError(_sentence(self.name, error)) from error


def open_database(url: str, *, create: bool = True) -> Database:
    """Return the database at `url`, its schema brought up to date.

    `sqlite:///path` (see `sqlite_url`) or `postgresql+pg8000://user:password@host/name`. With
    `create` false a missing SQLite file is a `NotFoundError`. A database made by a newer Assay,
    one that is not Assay's, a damaged or an unreachable one is a `StoreError`.
    """
    parsed = _parsed(url)
    if _is_sqlite(parsed):
        path = Path(str(parsed.database))
        if not path.exists():
            if not create:
                raise NotFoundError(f"There is no database at {path}; import data or train first")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"{path.parent} could not be made ({error.strerror}); check its rights"
                ) from error
    database = Database(parsed)
    try:
        if _stored_revision(database) != HEAD:
            _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file, whatever characters its path has."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string()


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise SettingsError(
            "The database's URL could not be read; write sqlite:///path or "
            "postgresql+pg8000://user@host/name"
        ) from error
    if _is_sqlite(parsed):
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsError("The database's URL names no file; write sqlite:///path")
        return parsed
    if parsed.drivername != "postgresql+pg8000":
        raise SettingsError(
            f"A database of the kind {parsed.drivername!r} was asked for; Assay knows sqlite and "
            "postgresql+pg8000"
        )
    return parsed


def _is_sqlite(url: sa.URL) -> bool:
    return url.drivername in ("sqlite", "sqlite+pysqlite")


def _sqlite_engine(url: sa.URL, *, writes: bool) -> sa.Engine:
    pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writes else {}
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False, "timeout": _BUSY_MILLISECONDS / 1000}, **pool
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, see `begin`
        if writes:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        else:
            connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise MissingExtraError("postgresql", "pg8000", "postgres") from error


def _stored_revision(database: Database) -> str | None:
    """Return the revision by the quickest way; None where there is none yet."""
    if database.path and not database.path.exists():
        return None
    return database.revision()


def _migrate(database: Database) -> None:
    """Run the missing migrations, all in one transaction; refuse what is not ours to change."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "assay.store:migrations")
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with database.write() as connection:
        inspector = sa.inspect(connection)
        tables = set(inspector.get_table_names())
        if VERSION_TABLE in tables:
            stored = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
            revision = stored.scalar_one_or_none()
            if revision is not None and revision not in known:
                raise StoreError(
                    f"{database.name} was made by a newer Assay (schema {revision}; this one "
                    f"knows up to {HEAD}); upgrade Assay, or use another workspace (ASSAY_HOME)"
                )
        elif tables and (database.path or tables & _our_tables()):
            raise StoreError(
                f"{database.name} holds tables that Assay did not make "
                f"({', '.join(sorted(tables)[:3])}); give Assay a database of its own"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _our_tables() -> set[str]:
    from assay.store.tables import METADATA

    return set(METADATA.tables)


def _sqlite_problems(connection: sa.Connection, name: str) -> list[str]:
    found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    problems = [] if found == ["ok"] else [f"{name} is damaged: {line}" for line in found[:5]]
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        problems.append(f"{name}: {len(lost)} rows refer to rows that are gone, first {lost[0]}")
    return problems


def _version(connection: sa.Connection) -> str:
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        return f"SQLite {sqlite3.sqlite_version}, journal mode {mode}"
    return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"


_SENTENCES = (
    ("is full", "{0} could not be written because the disk is full; free some space and repeat"),
    ("not a database", "{0} is not a database or is damaged; restore a copy, or move it away"),
    ("malformed", "{0} is damaged; restore a copy, or move it away and start anew"),
    ("is locked", "{0} is being written by another program; let it finish, then repeat"),
    ("readonly", "{0} cannot be written; check the rights of the file and its folder"),
    ("unable to open", "{0} could not be opened; check the rights of the file and its folder"),
    ("disk i/o", "{0} could not be read or written (disk I/O error); check the disk and its space"),
    ("can't create a connection", "{0} cannot be reached; start PostgreSQL or check the URL"),
)


def _sentence(name: str, error: sa.exc.StatementError | sa.exc.DBAPIError) -> str:
    said = str(error.orig).lower()
    for sign, sentence in _SENTENCES:
        if sign in said:
            return sentence.format(name)
    return f"{name} answered with an error ({str(error.orig).splitlines()[0]}); run assay doctor"
