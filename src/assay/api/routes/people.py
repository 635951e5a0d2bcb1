"""The people who may log in, for who decides that."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field, SecretStr

from assay.api.guards import DoorDep, PlaceDep, PrincipalDep, needs
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.shown_access import Id, KeptOut, PersonOut, Strict, name_field, password_field
from assay.core.values.scope import Scope
from assay.workflows.access.people import (
    add_person,
    erase_person,
    export_person,
    give_rights,
    people,
)

router = APIRouter(
    prefix="/api/v1/people", tags=["access"], dependencies=[Depends(needs(Scope.ADMIN))]
)

Rights = Annotated[list[Scope], Field(max_length=len(Scope), examples=[["read", "research"]])]


class PersonIn(Strict):
    """Who may log in from now on, and what they may."""

    name: str = name_field()
    password: SecretStr = password_field()
    scopes: Rights


class RightsIn(Strict):
    """What somebody may from now on."""

    scopes: Rights


@router.get("")
def list_people(door: DoorDep, limit: Limit = 50, after: After = None) -> Listed[PersonOut]:
    """List everybody, in the order in which they were made."""
    return page_of(people(door), PersonOut.of, lambda one: one.id, limit, after)


@router.post("", status_code=201)
def add(asked: PersonIn, door: DoorDep, principal: PrincipalDep, place: PlaceDep) -> PersonOut:
    """Make a person who may log in."""
    secret = asked.password.get_secret_value()
    return PersonOut.of(
        add_person(door, asked.name, secret, asked.scopes, principal=principal, place=place)
    )


@router.put("/{person_id}/scopes")
def set_rights(
    person_id: Id, asked: RightsIn, door: DoorDep, principal: PrincipalDep, place: PlaceDep
) -> PersonOut:
    """Give a person exactly these rights; their tokens can do no more, at once."""
    return PersonOut.of(
        give_rights(door, person_id, asked.scopes, principal=principal, place=place)
    )


@router.get("/{person_id}/export")
def export(person_id: Id, door: DoorDep) -> KeptOut:
    """Return all that is kept of a person."""
    return KeptOut.of(export_person(door, person_id))


@router.delete("/{person_id}", status_code=204)
def erase(person_id: Id, door: DoorDep, principal: PrincipalDep, place: PlaceDep) -> None:
    """Delete all that is kept of a person; nothing brings it back."""
    erase_person(door, person_id, principal=principal, place=place)
