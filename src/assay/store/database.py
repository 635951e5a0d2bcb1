"""The SQL database: SQLite in the workspace, or PostgreSQL; opened, migrated, checked."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa

from assay.core.errors import MissingExtraError, SettingsError, StoreError
from assay.store.files import cannot_write, locked, settle_folder
from assay.store.loss import LOG, has_content, set_aside_log
from assay.store.schema import HEAD, VERSION_TABLE, bring_up_to_date, our_tables
from assay.store.statements import Row, Statement

_LOCK_NUMBER = 0x61737361  # "assa": PostgreSQL's advisory lock for all our writes
_BUSY_MILLISECONDS = 30_000
_WAL_FIXED = (3, 51, 3)
_TRANSLATED = (
    sa.exc.OperationalError,
    sa.exc.DatabaseError,
    sa.exc.InterfaceError,
    sqlite3.DatabaseError,
)
_OUR_BUGS = (
    *(sa.exc.IntegrityError, sa.exc.ProgrammingError),
    *(sqlite3.IntegrityError, sqlite3.ProgrammingError),
)


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

    One that is not `born` reads as if it were empty, and its first `write` makes it: a SQLite file
    appears whole, by a rename, so that one without content is never ours.
    """

    def __init__(self, url: sa.URL) -> None:
        self.name = str(url.database) if _is_sqlite(url) else url.render_as_string()
        self.path = Path(str(url.database)) if _is_sqlite(url) else None
        if self.path:
            self._writer = _sqlite_engine(url, writes=True)
            self._reader = _sqlite_engine(url, writes=False)
        else:
            self._writer = self._reader = _postgres_engine(url)
        self._nothing = _empty_engine()
        self._asking = Lock()
        self._asked: sqlite3.Connection | None = None
        self._born = False

    @property
    def born(self) -> bool:
        """Say whether it exists: a SQLite file with content, or tables of ours on a server."""
        if not self._born:
            self._born = has_content(self.path) if self.path else self._has_tables()
        return self._born

    def create(self) -> None:
        """Make it where it is not `born`; a log that a lost SQLite file left is set aside."""
        if self.born:
            return
        if not self.path:
            self.migrate()
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self.path.parent} could not be made ({error.strerror}); check its rights"
            ) from error
        with self._alone(), self._translated():
            if not self.born:
                _make_file(self.path)

    def migrate(self) -> None:
        """Run the missing migrations, all or none; what is not ours to change is refused."""
        with self._transaction() as connection:
            bring_up_to_date(connection, self.name, alone=self.path is not None)

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction of its own: committed at the end, or nothing."""
        self.create()
        with self._transaction() as found:
            yield found

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self._alone(), self._translated(), self._writer.begin() as found:
            if not self.path:
                found.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
            yield found

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database and cannot change it."""
        born = self.born
        engine = self._reader if born else self._nothing
        with self._translated(), engine.connect() as found:
            if born and not self.path:
                found = found.execution_options(
                    postgresql_readonly=True, isolation_level="REPEATABLE READ"
                )
            yield found

    def ask(self, statement: Statement, **values: object) -> list[Row]:
        """Return what one statement finds, of one state of the database; cheaper than `read`."""
        if not (self.path and self.born):
            with self.read() as connection:
                return statement.rows(connection, **values)
        with self._asking, self._translated():
            if self._asked is None:
                self._asked = _sqlite_reader(self.path)
            return statement.rows(self._asked, **values)

    def close(self) -> None:
        """Let go of every connection; a later use opens new ones."""
        with self._asking:
            if self._asked is not None:
                self._asked.close()
            self._asked = None
        for engine in (self._writer, self._reader, self._nothing):
            engine.dispose()

    def revision(self) -> str | None:
        """Return the schema's revision; None where none is named and where nothing is born."""
        if not self.born:
            return None
        with self.read() as connection:
            if not sa.inspect(connection).has_table(VERSION_TABLE):
                return None
            found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - a constant
            revision = found.scalar_one_or_none()
            return None if revision is None else str(revision)

    def check(self) -> Health:
        """Look for damage: SQLite's own integrity check, references, the schema's revision."""
        problems: list[str] = []
        notes: list[str] = []
        if not self.born:
            return Health((), (f"{self.name} is not there yet",))
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

    def _has_tables(self) -> bool:
        with self._translated(), self._reader.connect() as connection:
            tables = set(sa.inspect(connection).get_table_names())
        return bool(tables & {VERSION_TABLE, *our_tables()})

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        if not self.path:
            return contextlib.nullcontext()
        return locked(self.path.with_name(f"{self.path.name}.lock"))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _TRANSLATED as error:
            if isinstance(error, _OUR_BUGS):
                raise  # a bug of ours: it stays a traceback
            raise StoreError(_sentence(self.name, error)) from error


def open_database(url: str, *, create: bool = True) -> Database:
    """Return the database at `url`, its schema brought up to date.

    `sqlite:///path` (see `sqlite_url`) or `postgresql+pg8000://user:password@host/name`. With
    `create` false one that is not there stays so until the first write. A database made by a newer
    Assay, one that is not Assay's, a damaged or an unreachable one is a `StoreError`.
    """
    database = Database(_parsed(url))
    try:
        if database.born and database.revision() != HEAD:
            database.migrate()
        elif create:
            database.create()
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
        url,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MILLISECONDS / 1000},
        json_deserializer=_json,
        **pool,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        _prepare(connection, writes=writes)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _prepare(connection: sqlite3.Connection, *, writes: bool) -> None:
    connection.isolation_level = None  # transactions begin where we say
    if writes:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten
    else:
        connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA foreign_keys=ON")


def _sqlite_reader(path: Path) -> sqlite3.Connection:
    """Return a connection of SQLite's driver that only reads; a file that is gone is not made."""
    found = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_MILLISECONDS / 1000,
        check_same_thread=False,
    )
    _prepare(found, writes=False)
    return found


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON
    from assay.store.tables import read_json

    return read_json(text)


def _postgres_engine(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise MissingExtraError("postgresql", "pg8000", "postgres") from error


def _empty_engine() -> sa.Engine:
    """Return an engine whose every connection sees our tables without a row, in memory alone."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.NullPool)

    @sa.event.listens_for(engine, "connect")
    def fill(connection: sqlite3.Connection, _: object) -> None:
        from assay.store.tables import METADATA

        for table in METADATA.sorted_tables:
            connection.execute(str(sa.schema.CreateTable(table).compile(engine)))
        connection.execute("PRAGMA query_only=ON")

    return engine


def _make_file(path: Path) -> None:
    """Put a migrated SQLite file without rows at `path`, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    engine = _sqlite_engine(sa.URL.create("sqlite", database=str(beside)), writes=True)
    try:
        with engine.begin() as connection:
            bring_up_to_date(connection, str(path), alone=True)
        engine.dispose()  # the last connection folds the log into the file
        set_aside_log(path)
        beside.replace(path)
        settle_folder(path.parent)
    except OSError as error:
        raise StoreError(cannot_write(path, error)) from error
    finally:
        engine.dispose()
        for name in (beside.name, f"{beside.name}{LOG}", f"{beside.name}-shm"):
            with contextlib.suppress(OSError):
                beside.with_name(name).unlink(missing_ok=True)


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


def _sentence(
    name: str, error: sa.exc.StatementError | sa.exc.DBAPIError | sqlite3.DatabaseError
) -> str:
    found = str(error if isinstance(error, sqlite3.DatabaseError) else error.orig)
    for sign, sentence in _SENTENCES:
        if sign in found.lower():
            return sentence.format(name)
    return f"{name} answered with an error ({found.splitlines()[0]}); run assay doctor"
