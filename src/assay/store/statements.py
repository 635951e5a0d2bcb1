"""Statements that are run for each signal: put into words once, told to SQLite without a detour."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
_JSON = json.JSONEncoder(check_circular=False)  # what is stored is plain data
_SQLITE = sqlite.dialect(json_serializer=_JSON.encode)


class Statement:
    """A statement that is run again and again, its values given by name.

    SQLite itself takes a tenth of the time that SQLAlchemy takes to ask it, so its driver is told
    directly; other databases are asked through SQLAlchemy. So the columns that it finds are texts
    and whole numbers, which every driver gives as they are.
    """

    def __init__(self, statement: sa.Executable) -> None:
        assert isinstance(statement, sa.ClauseElement)
        compiled = statement.compile(dialect=_SQLITE)
        assert isinstance(compiled, SQLCompiler)
        self._statement = statement
        self._text = str(compiled)
        self._given = compiled.params  # a limit, say
        self._names = tuple(compiled.positiontup or ())
        written = [compiled.binds[name].type.dialect_impl(_SQLITE) for name in self._names]
        self._processors = [kind.bind_processor(_SQLITE) for kind in written]

    def rows(self, connection: sa.Connection | sqlite3.Connection, **values: object) -> list[Row]:
        """Return the rows it finds, within the transaction of `connection`."""
        driver = _driver_of(connection)
        if driver is not None:
            return driver.execute(self._text, self._values({**self._given, **values})).fetchall()
        assert isinstance(connection, sa.Connection)
        return [tuple(row) for row in connection.execute(self._statement, values)]

    def run(self, connection: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it once for each of `rows`, within the transaction of `connection`."""
        driver = _driver_of(connection)
        if driver is not None:
            driver.executemany(self._text, [self._values(row) for row in rows])
        else:
            connection.execute(self._statement, list(rows))

    def _values(self, row: Mapping[str, Any]) -> list[Any]:
        """Return the values of `row` in the statement's order, as SQLite keeps them."""
        named = zip(self._names, self._processors, strict=True)
        return [process(row[name]) if process else row[name] for name, process in named]


def _driver_of(connection: sa.Connection | sqlite3.Connection) -> sqlite3.Connection | None:
    """Return the connection of SQLite's driver; None of another database."""
    if isinstance(connection, sqlite3.Connection):
        return connection
    driver = connection.connection.dbapi_connection
    return driver if isinstance(driver, sqlite3.Connection) else None
