"""Being let in: the owner, logging in and out, one's own sessions, password and data."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, SecretStr
from starlette.requests import HTTPConnection

from assay.api.guards import (
    DoorDep,
    PlaceDep,
    PrincipalDep,
    cookie_name,
    cookie_names,
    in_person,
    known,
    needs,
    open_to_all,
    session_of,
)
from assay.api.listed import Listed
from assay.api.parts import PartsDep
from assay.api.serving import Serving
from assay.api.shown_access import (
    Id,
    KeptOut,
    PersonOut,
    SessionOut,
    Strict,
    name_field,
    password_field,
)
from assay.core.values.scope import Scope
from assay.workflows.access.door import LONGEST, TICKET_SECONDS
from assay.workflows.access.logins import (
    Entered,
    change_password,
    claim,
    end_session,
    has_owner,
    login,
    logout,
    sessions,
)
from assay.workflows.access.people import erase_oneself, export_person
from assay.workflows.access.principal import csrf_of

router = APIRouter(prefix="/api/v1/access", tags=["access"])
anybody = APIRouter(dependencies=[Depends(open_to_all)])
somebody = APIRouter(dependencies=[Depends(known)])
readers = APIRouter(dependencies=[Depends(needs(Scope.READ))])
own = APIRouter(dependencies=[Depends(in_person)])

SessionDep = Annotated[str | None, Depends(session_of)]
CookieDep = Annotated[str, Depends(cookie_name)]


class Standing(BaseModel):
    """Whether the service belongs to somebody yet."""

    has_owner: bool = Field(description="If not, the address that `assay serve` shows makes one.")


class OwnerIn(Strict):
    """Who becomes the owner."""

    token: SecretStr = Field(
        max_length=200,
        description="What stands after #owner= in the address that `assay serve` showed.",
    )
    name: str = name_field()
    password: SecretStr = password_field()


class LoginIn(Strict):
    """Who logs in."""

    name: str = name_field()
    password: SecretStr = password_field()


class PasswordIn(Strict):
    """Another password."""

    current: SecretStr = password_field()
    new: SecretStr = password_field()


class ErasureIn(Strict):
    """The password once more, because nothing brings back what is erased."""

    password: SecretStr = password_field()


class LoggedIn(BaseModel):
    """Who is logged in; the session itself is in a cookie that no script can read."""

    person: PersonOut
    csrf: str = Field(description="Send it as X-Assay-CSRF with everything that changes something.")


class Me(BaseModel):
    """Who asks, and what they may."""

    id: str = Field(examples=["person-3f9a1c5e7b20"])
    kind: Literal["session", "token"]
    scopes: list[Scope]
    csrf: str | None = Field(
        description="With a session: send it as X-Assay-CSRF with everything that changes "
        "something. Null with a token, which needs none."
    )


class Ticket(BaseModel):
    """What opens one WebSocket, once."""

    ticket: str = Field(description="Give it as the parameter `ticket` of the WebSocket.")
    seconds: int = Field(description="How long it counts.", examples=[TICKET_SECONDS])


@anybody.get("/standing")
def standing(door: DoorDep) -> Standing:
    """Say whether there is an owner already."""
    return Standing(has_owner=has_owner(door))


@anybody.post("/owner", status_code=201)
def make_owner(
    asked: OwnerIn, door: DoorDep, place: PlaceDep, cookie: CookieDep, response: Response
) -> LoggedIn:
    """Make the owner, with all rights, by the token that the first start showed; log in."""
    found = claim(
        door, asked.token.get_secret_value(), asked.name, asked.password.get_secret_value(), place
    )
    return _with_cookie(found, cookie, response)


@anybody.post("/login")
def log_in(
    asked: LoginIn,
    door: DoorDep,
    place: PlaceDep,
    cookie: CookieDep,
    before: SessionDep,
    response: Response,
) -> LoggedIn:
    """Log in: a new session in a cookie; the one that the browser had before ends."""
    found = login(door, asked.name, asked.password.get_secret_value(), place, instead_of=before)
    return _with_cookie(found, cookie, response)


@own.post("/logout", status_code=204)
def log_out(
    door: DoorDep, principal: PrincipalDep, place: PlaceDep, parts: PartsDep, response: Response
) -> None:
    """End this session, here and in the browser."""
    logout(door, principal, place)
    _without_cookie(parts.serving, response)


@somebody.get("/me")
def me(principal: PrincipalDep, session: SessionDep, connection: HTTPConnection) -> Me:
    """Say who asks, and what they may."""
    by_cookie = principal.kind == "session" and session is not None
    return Me(
        id=principal.who,
        kind=principal.kind,
        scopes=sorted(principal.scopes),
        csrf=csrf_of(session) if by_cookie and session else None,
    )


@readers.post("/ticket")
def ticket(door: DoorDep, principal: PrincipalDep) -> Ticket:
    """Return a ticket for a WebSocket, so that no session stands in an address."""
    return Ticket(ticket=door.issue_ticket(principal), seconds=TICKET_SECONDS)


@own.get("/sessions")
def list_sessions(door: DoorDep, principal: PrincipalDep) -> Listed[SessionOut]:
    """List one's own open sessions, the newest first, all on one page."""
    found = sessions(door, principal)
    return Listed(items=[SessionOut.of(one, is_this=this) for one, this in found], next=None)


@own.delete("/sessions/{session_id}", status_code=204)
def close_session(session_id: Id, door: DoorDep, principal: PrincipalDep, place: PlaceDep) -> None:
    """End one of one's own sessions."""
    end_session(door, principal, session_id, place)


@own.put("/password")
def set_password(
    asked: PasswordIn,
    door: DoorDep,
    principal: PrincipalDep,
    place: PlaceDep,
    cookie: CookieDep,
    response: Response,
) -> LoggedIn:
    """Set another password: every session ends, and a new one begins for who asks."""
    found = change_password(
        door, principal, asked.current.get_secret_value(), asked.new.get_secret_value(), place
    )
    return _with_cookie(found, cookie, response)


@own.get("/export")
def export(door: DoorDep, principal: PrincipalDep) -> KeptOut:
    """Return all that is kept of who asks."""
    return KeptOut.of(export_person(door, principal.who))


@own.post("/erase", status_code=204)
def erase(
    asked: ErasureIn,
    door: DoorDep,
    principal: PrincipalDep,
    place: PlaceDep,
    parts: PartsDep,
    response: Response,
) -> None:
    """Delete all that is kept of who asks; nothing brings it back."""
    erase_oneself(door, principal, asked.password.get_secret_value(), place)
    _without_cookie(parts.serving, response)


def _with_cookie(found: Entered, name: str, response: Response) -> LoggedIn:
    """Put a session into the browser's cookie, as strictly as it takes it."""
    response.set_cookie(
        name,
        found.session,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=_is_strict(name),
        httponly=True,
        samesite="strict",
    )
    return LoggedIn(person=PersonOut.of(found.person), csrf=found.csrf)


def _without_cookie(serving: Serving, response: Response) -> None:
    for name in cookie_names(serving):
        response.delete_cookie(
            name, path="/", secure=_is_strict(name), httponly=True, samesite="strict"
        )


def _is_strict(name: str) -> bool:
    return name.startswith("__Host-")


for part in (anybody, somebody, readers, own):
    router.include_router(part)
