"""Tokens for programs: a person makes them, sees when they were used, and takes them back."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from assay.api.guards import DoorDep, PlaceDep, PrincipalDep, in_person
from assay.api.listed import After, Limit, Listed, page_of
from assay.api.shown_access import Id, MadeOut, Strict, TokenOut
from assay.core.values.scope import Scope
from assay.workflows.access.passwords import LONGEST_NAME
from assay.workflows.access.tokens import MOST_DAYS, make_token, revoke_token, tokens

router = APIRouter(prefix="/api/v1/tokens", tags=["access"], dependencies=[Depends(in_person)])


class TokenIn(Strict):
    """What a token is for, and what it may."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["my notebook"])
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] = Field(
        description="At most one's own rights.", examples=[["read"]]
    )
    days: int | None = Field(
        default=None, ge=1, le=MOST_DAYS, description="It is over after so many; never if null."
    )


@router.get("")
def list_tokens(
    door: DoorDep, principal: PrincipalDep, limit: Limit = 50, after: After = None
) -> Listed[TokenOut]:
    """List one's own tokens, the newest first; those that are over, too."""
    return page_of(tokens(door, principal), TokenOut.of, lambda one: one.id, limit, after)


@router.post("", status_code=201)
def make(asked: TokenIn, door: DoorDep, principal: PrincipalDep, place: PlaceDep) -> MadeOut:
    """Make a token; the answer shows it this once."""
    return MadeOut.made(
        make_token(
            door, asked.name, asked.scopes, days=asked.days, principal=principal, place=place
        )
    )


@router.delete("/{token_id}", status_code=204)
def take_back(token_id: Id, door: DoorDep, principal: PrincipalDep, place: PlaceDep) -> None:
    """Take a token back, at once: one's own, or with the right to admin anybody's."""
    revoke_token(door, token_id, principal=principal, place=place)
