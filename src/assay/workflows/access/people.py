"""The people of a workspace: made, given rights, told what is kept of them, erased."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assay.core.errors import NotFoundError, SettingsError
from assay.core.values.scope import Scope
from assay.store.access import Person, Session, Token
from assay.store.audit import Deed
from assay.workflows.access.door import Door
from assay.workflows.access.logins import confirmed
from assay.workflows.access.passwords import checked_name, hashed_password, name_key
from assay.workflows.access.principal import MACHINE, Place, Principal, new_id

MOST_DEEDS = 10_000


@dataclass(frozen=True, slots=True)
class KeptOf:
    """All that is kept of a person, but for the hashes of what they are let in with."""

    person: Person
    sessions: Sequence[Session]
    tokens: Sequence[Token]
    deeds: Sequence[Deed]


def people(door: Door) -> Sequence[Person]:
    """Return everybody, in the order in which they were made."""
    return door.people.all()


def person_called(door: Door, name: str) -> Person:
    """Return the person of that name."""
    found = door.people.called(name_key(name))
    if found is None:
        raise NotFoundError(f"There is no person {name!r}; assay person list names everybody")
    return found


def add_person(
    door: Door,
    name: str,
    password: str,
    scopes: Iterable[Scope],
    *,
    principal: Principal | None = None,
    place: Place | None = None,
) -> Person:
    """Make a person; None as `principal` asks on the machine."""
    shown, now = checked_name(name), door.desk.clock.now()
    person = Person(
        id=new_id("person"),
        key=name_key(shown),
        name=shown,
        password=hashed_password(password, shown),
        scopes=frozenset(scopes),
        made_at=now,
        password_at=now,
    )
    if not door.people.add(person):
        raise SettingsError("That name is taken; choose another")
    door.note(_who(principal), "person made", about=person.id, place=place)
    return person


def give_rights(
    door: Door,
    person_id: str,
    scopes: Iterable[Scope],
    *,
    principal: Principal | None = None,
    place: Place | None = None,
) -> Person:
    """Give a person exactly these rights; their tokens can do no more from then on."""
    _person(door, person_id)
    rights = frozenset(scopes)
    if Scope.ADMIN not in rights:
        _refuse_last_admin(door, person_id)
    door.people.change(person_id, scopes=rights)
    door.forget()
    said = " ".join(sorted(rights))
    door.note(_who(principal), "rights given", about=person_id, outcome=said, place=place)
    return _person(door, person_id)


def reset_password(door: Door, name: str, password: str) -> Person:
    """Set a lost password on the machine itself; every session of the person ends."""
    person = person_called(door, name)
    hashed = hashed_password(password, person.name)
    door.people.change(person.id, password=hashed, at=door.desk.clock.now())
    door.sessions.end(person.id)
    door.forget()
    door.note(MACHINE, "password changed", about=person.id)
    return person


def export_person(door: Door, person_id: str) -> KeptOf:
    """Return all that is kept of a person; the last `MOST_DEEDS` lines of the log."""
    person = _person(door, person_id)
    tokens = door.tokens.of(person_id)
    own = [person_id, *(token.id for token in tokens)]
    found = door.log.newest(MOST_DEEDS, concerning=own)
    return KeptOf(person, door.sessions.of(person_id), tokens, found)


def erase_person(
    door: Door,
    person_id: str,
    *,
    principal: Principal | None = None,
    place: Place | None = None,
) -> None:
    """Delete all that is kept of a person; in the audit log an id stays that says nothing.

    Whoever alone has the right to admin is erased only when nobody else is left.
    """
    _person(door, person_id)
    _refuse_last_admin(door, person_id)
    door.people.erase(person_id)
    door.forget()
    is_own = principal is not None and principal.person_id == person_id
    door.note(_who(principal), "person erased", about=person_id, place=None if is_own else place)


def erase_oneself(door: Door, principal: Principal, password: str, place: Place) -> None:
    """Delete all that is kept of who asks; the password is asked for once more."""
    erase_person(door, confirmed(door, principal, password, place).id, principal=principal)


def deeds(door: Door, most: int, before: int | None = None) -> Sequence[Deed]:
    """Return at most so many lines of the audit log, the newest first, those under `before`."""
    return door.log.newest(most, before=before)


def _refuse_last_admin(door: Door, person_id: str) -> None:
    others = [one for one in door.people.all() if one.id != person_id]
    if others and not any(Scope.ADMIN in one.scopes for one in others):
        raise SettingsError(
            "Nobody else has the right to admin; give it to another person first, or erase all "
            "others"
        )


def _person(door: Door, person_id: str) -> Person:
    found = door.people.get(person_id)
    if found is None:
        raise NotFoundError(f"There is no person {person_id!r}")
    return found


def _who(principal: Principal | None) -> str:
    return principal.who if principal else MACHINE
