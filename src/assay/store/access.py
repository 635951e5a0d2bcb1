"""Who may use the service: people, their sessions, and tokens; secrets only as hashes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from assay.core.clock import utc
from assay.core.values.scope import Scope
from assay.store.database import Database
from assay.store.tables import (
    ACCESS_TOKENS,
    AUDIT,
    AUDIT_PLACES,
    FIRST_TOKENS,
    PEOPLE,
    SESSIONS,
    TICKETS,
)

Scopes = frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in; `key` is the name as names are compared, `password` a hash."""

    id: str
    key: str
    name: str
    password: str
    scopes: Scopes
    made_at: datetime
    password_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One login of a person; `digest` is the hash of what the browser holds."""

    digest: str
    id: str
    person_id: str
    made_at: datetime
    used_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a program shows to be let in; `person_id` is None for one made on the machine itself."""

    id: str
    digest: str
    person_id: str | None
    name: str
    scopes: Scopes
    made_at: datetime
    until: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class People:
    """The people of a workspace, and the token with which the first one is made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Person]:
        """Return everybody, in the order in which they were made."""
        return self._found(sa.true())

    def get(self, person_id: str) -> Person | None:
        """Return the person with this id."""
        return next(iter(self._found(PEOPLE.c.id == person_id)), None)

    def called(self, key: str) -> Person | None:
        """Return the person whose name compares as `key`; PostgreSQL takes no text with a NUL."""
        if "\0" in key:
            return None
        return next(iter(self._found(PEOPLE.c.key == key)), None)

    def add(self, person: Person) -> bool:
        """Store a person; return False, and store nothing, where the name is taken."""
        with self._database.write() as connection:
            return _add(connection, person)

    def change(
        self,
        person_id: str,
        *,
        scopes: Scopes | None = None,
        password: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Store other rights, or another hash of a password set `at`."""
        values: dict[str, object] = {}
        if scopes is not None:
            values["scopes"] = _kept(scopes)
        if password is not None:
            values["password"] = password
        if at is not None:
            values["password_at"] = utc(at)
        with self._database.write() as connection:
            connection.execute(PEOPLE.update().where(PEOPLE.c.id == person_id).values(values))

    def erase(self, person_id: str) -> None:
        """Delete a person, all they were let in with, and the places in the log of their deeds.

        SQLite overwrites what is deleted; its log holds it until it is next folded into the file.
        """
        tokens = sa.select(ACCESS_TOKENS.c.id).where(ACCESS_TOKENS.c.person_id == person_id)
        by = (AUDIT.c.who == person_id) | AUDIT.c.who.in_(tokens) | (AUDIT.c.about == person_id)
        own = sa.select(AUDIT.c.no).where(by)
        digests = sa.select(SESSIONS.c.digest).where(SESSIONS.c.person_id == person_id)
        with self._database.write() as connection:
            for statement in (
                AUDIT_PLACES.delete().where(AUDIT_PLACES.c.audit_no.in_(own)),
                TICKETS.delete().where(TICKETS.c.holder.in_(digests)),
                SESSIONS.delete().where(SESSIONS.c.person_id == person_id),
                ACCESS_TOKENS.delete().where(ACCESS_TOKENS.c.person_id == person_id),
                PEOPLE.delete().where(PEOPLE.c.id == person_id),
            ):
                connection.execute(statement)

    def begin(self, digest: str, at: datetime) -> bool:
        """Store the hash of the one token that makes an owner, unless there is anybody already."""
        with self._database.write() as connection:
            if _has_people(connection):
                return False
            connection.execute(FIRST_TOKENS.delete())
            connection.execute(FIRST_TOKENS.insert(), {"digest": digest, "made_at": utc(at)})
            return True

    def claim(self, digest: str, owner: Person) -> bool:
        """Store the first person and use the token up; return False where it is not that token."""
        with self._database.write() as connection:
            query = FIRST_TOKENS.delete().where(FIRST_TOKENS.c.digest == digest)
            if _has_people(connection) or connection.execute(query).rowcount != 1:
                return False
            return _add(connection, owner)

    def _found(self, where: sa.ColumnElement[bool]) -> list[Person]:
        query = sa.select(PEOPLE).where(where).order_by(PEOPLE.c.made_at, PEOPLE.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            Person(
                row.id,
                row.key,
                row.name,
                row.password,
                _scopes(row.scopes),
                row.made_at,
                row.password_at,
            )
            for row in rows
        ]


class Sessions:
    """The logins that are open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session, *, instead_of: str | None = None) -> None:
        """Store a login; the one with the hash `instead_of` ends in the same moment."""
        with self._database.write() as connection:
            if instead_of is not None:
                connection.execute(SESSIONS.delete().where(SESSIONS.c.digest == instead_of))
            row = {name: getattr(session, name) for name in Session.__slots__}
            connection.execute(SESSIONS.insert(), row)

    def get(self, digest: str) -> Session | None:
        """Return the login with this hash, however old it is."""
        return next(iter(self._found(SESSIONS.c.digest == digest)), None)

    def of(self, person_id: str) -> list[Session]:
        """Return the logins of a person, the newest first."""
        return self._found(SESSIONS.c.person_id == person_id)

    def used(self, digest: str, at: datetime) -> None:
        """Store when it was last used."""
        with self._database.write() as connection:
            query = SESSIONS.update().where(SESSIONS.c.digest == digest)
            connection.execute(query.values(used_at=utc(at)))

    def end(self, person_id: str, *, only: str | None = None, but: str | None = None) -> int:
        """Delete logins of a person and return how many: the one with the id `only`, or all.

        `but` is the hash of one that stays.
        """
        query = SESSIONS.delete().where(SESSIONS.c.person_id == person_id)
        if only is not None:
            query = query.where(SESSIONS.c.id == only)
        if but is not None:
            query = query.where(SESSIONS.c.digest != but)
        with self._database.write() as connection:
            return connection.execute(query).rowcount

    def sweep(self, *, used_before: datetime, made_before: datetime) -> None:
        """Delete the logins that are too old to count."""
        old = (SESSIONS.c.used_at < utc(used_before)) | (SESSIONS.c.made_at < utc(made_before))
        with self._database.write() as connection:
            connection.execute(SESSIONS.delete().where(old))

    def _found(self, where: sa.ColumnElement[bool]) -> list[Session]:
        query = sa.select(SESSIONS).where(where).order_by(SESSIONS.c.made_at.desc(), SESSIONS.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [Session(**{name: row[name] for name in Session.__slots__}) for row in rows]


class Tokens:
    """What programs show to be let in, and the tickets that open one WebSocket each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token) -> None:
        """Store a token."""
        row = {name: getattr(token, name) for name in Token.__slots__}
        with self._database.write() as connection:
            connection.execute(ACCESS_TOKENS.insert(), row | {"scopes": _kept(token.scopes)})

    def get(self, digest: str) -> Token | None:
        """Return the token with this hash, also one that is over."""
        return next(iter(self._found(ACCESS_TOKENS.c.digest == digest)), None)

    def of(self, person_id: str | None) -> list[Token]:
        """Return the tokens of a person (None: those made on the machine), the newest first."""
        return self._found(ACCESS_TOKENS.c.person_id == person_id)

    def all(self) -> list[Token]:
        """Return all tokens, the newest first."""
        return self._found(sa.true())

    def used(self, digest: str, at: datetime) -> None:
        """Store when it was last used."""
        with self._database.write() as connection:
            query = ACCESS_TOKENS.update().where(ACCESS_TOKENS.c.digest == digest)
            connection.execute(query.values(used_at=utc(at)))

    def revoke(self, token_id: str, at: datetime) -> None:
        """Take a token back; the first time counts."""
        query = ACCESS_TOKENS.update().where(
            ACCESS_TOKENS.c.id == token_id, ACCESS_TOKENS.c.revoked_at.is_(None)
        )
        with self._database.write() as connection:
            connection.execute(query.values(revoked_at=utc(at)))

    def issue_ticket(self, digest: str, holder: str, now: datetime, until: datetime) -> None:
        """Store a ticket of a session or token (`holder`, a hash); those that are over go."""
        with self._database.write() as connection:
            connection.execute(TICKETS.delete().where(TICKETS.c.until < utc(now)))
            row = {"digest": digest, "holder": holder, "until": utc(until)}
            connection.execute(TICKETS.insert(), row)

    def use_ticket(self, digest: str, now: datetime) -> str | None:
        """Delete a ticket and return whose it was; None where it is unknown, used or over."""
        with self._database.write() as connection:
            query = sa.select(TICKETS).where(TICKETS.c.digest == digest)
            row = connection.execute(query).one_or_none()
            gone = connection.execute(TICKETS.delete().where(TICKETS.c.digest == digest)).rowcount
        if row is None or gone != 1 or row.until < utc(now):
            return None
        return str(row.holder)

    def _found(self, where: sa.ColumnElement[bool]) -> list[Token]:
        made = ACCESS_TOKENS.c.made_at.desc()
        query = sa.select(ACCESS_TOKENS).where(where).order_by(made, ACCESS_TOKENS.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [_token({name: row[name] for name in Token.__slots__}) for row in rows]


def _token(values: dict[str, object]) -> Token:
    scopes = values["scopes"]
    assert isinstance(scopes, list)
    return Token(**{**values, "scopes": _scopes(scopes)})  # type: ignore[arg-type]  # a row of it


def _scopes(kept: Iterable[str]) -> Scopes:
    """Return the rights that were kept; one that this version does not know gives none."""
    known = {scope.value: scope for scope in Scope}
    return frozenset(known[one] for one in kept if one in known)


def _kept(scopes: Iterable[Scope]) -> Sequence[str]:
    return sorted(scope.value for scope in scopes)


def _has_people(connection: sa.Connection) -> bool:
    return connection.execute(sa.select(PEOPLE.c.id).limit(1)).first() is not None


def _add(connection: sa.Connection, person: Person) -> bool:
    taken = sa.select(PEOPLE.c.id).where(PEOPLE.c.key == person.key)
    if connection.execute(taken).first() is not None:
        return False
    row = {name: getattr(person, name) for name in Person.__slots__}
    connection.execute(PEOPLE.insert(), row | {"scopes": _kept(person.scopes)})
    return True
