"""Logging in and out, and what a person does with their own logins and password."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.core.errors import AccessError, NotFoundError, RightsError
from assay.core.values.scope import Scope
from assay.store.access import Person, Session
from assay.workflows.access.door import IDLE, LONGEST, Door
from assay.workflows.access.passwords import (
    checked_name,
    hashed_password,
    is_outdated,
    is_password,
    name_key,
)
from assay.workflows.access.principal import (
    NOBODY,
    Place,
    Principal,
    csrf_of,
    hashed,
    new_id,
    new_secret,
)
from assay.workflows.desk import Desk

AGENT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Entered:
    """A login that worked: the session for the browser's cookie, and what its pages must show."""

    person: Person
    session: str
    csrf: str


def first_token(desk: Desk) -> str | None:
    """Return a new token with which the owner is made; None where there is anybody already.

    Only the newest one counts, and only until an owner was made with it. Its hash alone is kept.
    """
    door = Door(desk)
    if door.people.all():
        return None
    token = new_secret()
    return token if door.people.begin(hashed(token), desk.clock.now()) else None


def has_owner(door: Door) -> bool:
    """Say whether there is anybody who can log in."""
    return bool(door.people.all())


def claim(door: Door, token: str, name: str, password: str, place: Place) -> Entered:
    """Make the owner with the token that the first start showed, and log in."""
    door.backoff.attempt(name="", address=place.address)
    now = door.desk.clock.now()
    owner = Person(
        id=new_id("person"),
        key=name_key(checked_name(name)),
        name=checked_name(name),
        password=hashed_password(password, name),
        scopes=frozenset(Scope),
        made_at=now,
        password_at=now,
    )
    if not door.people.claim(hashed(token), owner):
        door.note(NOBODY, "owner made", outcome="refused", place=place)
        raise AccessError(
            "The owner's token is not the one that was shown last, or an owner was made with it "
            "already; start the service again for another, or log in"
        )
    door.backoff.succeeded(name="", address=place.address)
    door.note(owner.id, "owner made", about=owner.id, place=place)
    return _entered(door, owner, place, instead_of=None)


def login(
    door: Door, name: str, password: str, place: Place, *, instead_of: str | None = None
) -> Entered:
    """Return a new session for who knows name and password; the session `instead_of` ends.

    An unknown name takes as long as a wrong password, and is answered the same.
    """
    key = name_key(name)
    door.backoff.attempt(name=key, address=place.address)
    person = door.people.called(key)
    if not is_password(password, person.password if person else None) or person is None:
        about = person.id if person else ""
        door.note(NOBODY, "login", about=about, outcome="refused", place=place)
        raise AccessError("The name or the password is not right")
    door.backoff.succeeded(name=key, address=place.address)
    if is_outdated(person.password):
        door.people.change(person.id, password=hashed_password(password, person.name))
    return _entered(door, person, place, instead_of=instead_of)


def logout(door: Door, principal: Principal, place: Place) -> None:
    """End the session that asks."""
    door.sessions.end(_person_id(principal), only=_own(door, principal).id)
    door.forget()
    door.note(principal.who, "logout", place=place)


def sessions(door: Door, principal: Principal) -> Sequence[tuple[Session, bool]]:
    """Return the open sessions of who asks, the newest first, and whether each is this one."""
    now = door.desk.clock.now()
    door.sessions.sweep(used_before=now - IDLE, made_before=now - LONGEST)
    found = door.sessions.of(_person_id(principal))
    return [(session, session.digest == principal.digest) for session in found]


def end_session(door: Door, principal: Principal, session_id: str, place: Place) -> None:
    """End one of the sessions of who asks."""
    if not door.sessions.end(_person_id(principal), only=session_id):
        raise NotFoundError(f"You have no session {session_id!r}")
    door.forget()
    door.note(principal.who, "session ended", about=session_id, place=place)


def change_password(
    door: Door, principal: Principal, current: str, new: str, place: Place
) -> Entered:
    """Set another password; every session of the person ends, and a new one begins.

    Tokens stay: they are taken back one by one.
    """
    person = confirmed(door, principal, current, place)
    password = hashed_password(new, person.name)
    door.people.change(person.id, password=password, at=door.desk.clock.now())
    door.sessions.end(person.id)
    door.forget()
    door.note(person.id, "password changed", about=person.id, place=place)
    return _entered(door, person, place, instead_of=None)


def confirmed(door: Door, principal: Principal, password: str, place: Place) -> Person:
    """Return the person who asks if they know their password, too; else a `RightsError`."""
    person = door.people.get(_person_id(principal))
    name = person.key if person else ""
    door.backoff.attempt(name=name, address=place.address)
    if not is_password(password, person.password if person else None) or person is None:
        door.note(principal.who, "password asked for", outcome="refused", place=place)
        raise RightsError("The current password is not right; nothing was changed")
    door.backoff.succeeded(name=name, address=place.address)
    return person


def _entered(door: Door, person: Person, place: Place, *, instead_of: str | None) -> Entered:
    """Begin a session; one that the browser had before is never carried on."""
    session, now = new_secret(), door.desk.clock.now()
    made = Session(
        digest=hashed(session),
        id=new_id("session"),
        person_id=person.id,
        made_at=now,
        used_at=now,
        address=place.address,
        agent="".join(c for c in place.agent if c.isprintable())[:AGENT_CHARACTERS],
    )
    door.sessions.add(made, instead_of=hashed(instead_of) if instead_of else None)
    door.forget()
    door.note(person.id, "login", about=person.id, place=place)
    return Entered(person, session, csrf_of(session))


def _own(door: Door, principal: Principal) -> Session:
    found = door.sessions.get(principal.digest)
    if found is None:
        raise AccessError("The session is over already")
    return found


def _person_id(principal: Principal) -> str:
    if principal.person_id is None or principal.kind != "session":
        raise RightsError("Only a person who is logged in may do that, and no token")
    return principal.person_id
