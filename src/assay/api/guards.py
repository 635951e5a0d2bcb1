"""Who asks, and what they may: every endpoint names the one right it needs.

A program shows a token (`Authorization: Bearer assay_…`), a browser the cookie of a session; with a
cookie whatever changes something must also show that a page of ours asks (`X-Assay-CSRF`, and an
`Origin`, which `doorstep` has checked). A WebSocket shows a token, or a ticket.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from assay.api.parts import Parts, parts_of
from assay.api.serving import Serving
from assay.api.throttling import READS, address_of
from assay.core.errors import AccessError, AssayError
from assay.core.values.scope import Scope
from assay.workflows.access.door import Door
from assay.workflows.access.principal import Place, Principal, csrf_of, same

Guard = Callable[[HTTPConnection], Awaitable[None]]

CSRF_HEADER = "x-assay-csrf"
ASK_HOW = {"www-authenticate": "Bearer"}
NOBODY_KNOWN = "Log in, or show a token in the header Authorization: Bearer"
REFUSED = 1008
"""The code with which a WebSocket is closed that shows nothing that counts."""


def needs(scope: Scope) -> Guard:
    """Return a dependency that lets in who has `scope`; who it is stands in the state as `who`."""
    return _GUARDS[scope]


async def open_to_all(connection: HTTPConnection) -> None:
    """Let everybody in: what says nothing of anybody's data."""


async def known(connection: HTTPConnection) -> None:
    """Let in everybody who is known, whatever their rights."""
    await _let_in(connection)


async def in_person(connection: HTTPConnection) -> None:
    """Let in a person who is logged in, and no token: what concerns their own account."""
    principal = await _let_in(connection)
    if principal.kind != "session":
        raise HTTPException(403, "Only a person who is logged in may do that, and no token")


async def websocket_principal(websocket: WebSocket) -> Principal:
    """Return who opens a WebSocket and may read; anybody else's is closed with `REFUSED`.

    A program shows its token in a header. A browser, which cannot, asks for a ticket
    (`POST /api/v1/access/ticket`) and gives it as the parameter `ticket`; its cookie counts for
    nothing here, and a ticket counts once.
    """
    parts, ticket = parts_of(websocket), websocket.query_params.get("ticket")
    try:
        if ticket is not None:
            principal = await run_in_threadpool(parts.door.of_ticket, ticket)
        else:
            principal = await _of_token(parts, websocket.headers.get("authorization", ""))
        parts.throttle.by_principal(principal.who, "GET")
    except (AssayError, HTTPException) as error:
        said = str(error.detail) if isinstance(error, HTTPException) else str(error)
        raise WebSocketException(REFUSED, said[:120]) from None
    if Scope.READ not in principal.scopes:
        raise WebSocketException(REFUSED, "This needs the right to read")
    websocket.scope["state"]["who"] = principal.who
    return principal


async def is_let_in(websocket: WebSocket, principal: Principal) -> bool:
    """Say whether what opened a WebSocket counts still; to be asked now and then while it is."""
    return await run_in_threadpool(parts_of(websocket).door.is_let_in, principal)


def principal_of(connection: HTTPConnection) -> Principal:
    """Return who was let in."""
    found: Principal = connection.scope["state"]["principal"]
    return found


def door_of(connection: HTTPConnection) -> Door:
    """Return the door of the service that answers."""
    return parts_of(connection).door


def place_of(connection: HTTPConnection) -> Place:
    """Return from where somebody asks."""
    return Place(address_of(connection.scope), connection.headers.get("user-agent", ""))


def session_of(connection: HTTPConnection) -> str | None:
    """Return the session that a browser shows, whether it counts or not."""
    names = cookie_names(parts_of(connection).serving)
    return next((found for name in names if (found := connection.cookies.get(name))), None)


def cookie_names(serving: Serving) -> tuple[str, ...]:
    """Return the names that the cookie of a session may have, the strictest first.

    `__Host-` binds it to this host and to a safe way. On plain HTTP, which only this machine
    reaches, Chromium takes that name, too; for other browsers there is a plain one. There the port
    keeps two services of one machine apart.
    """
    if serving.is_encrypted:
        return ("__Host-assay",)
    return f"__Host-assay-{serving.port}", f"assay-{serving.port}"


def cookie_name(connection: HTTPConnection) -> str:
    """Return the strictest name that the browser takes which asks."""
    strict, *plain = cookie_names(parts_of(connection).serving)
    is_chromium = "Chrome/" in connection.headers.get("user-agent", "")
    return strict if is_chromium or not plain else plain[0]


PrincipalDep = Annotated[Principal, Depends(principal_of)]
DoorDep = Annotated[Door, Depends(door_of)]
PlaceDep = Annotated[Place, Depends(place_of)]


def _guard(scope: Scope) -> Guard:
    async def guard(connection: HTTPConnection) -> None:
        connection.scope["state"]["right"] = scope
        principal = await _let_in(connection)
        if scope not in principal.scopes:
            raise HTTPException(403, f"This needs the right to {scope}, which you do not have")

    guard.__name__ = f"needs_{scope}"
    return guard


_GUARDS = {scope: _guard(scope) for scope in Scope}
RIGHTS: dict[Guard, Scope | None] = {
    **{guard: scope for scope, guard in _GUARDS.items()},
    open_to_all: None,
    known: None,
    in_person: None,
}
"""Every guard there is; an endpoint has exactly one of them."""


async def _let_in(connection: HTTPConnection) -> Principal:
    """Return who asks; 401 where nobody known does, 403 without CSRF, 429 if too often."""
    parts, state = parts_of(connection), connection.scope["state"]
    method = connection.scope.get("method", "GET")
    shown = connection.headers.get("authorization")
    session = session_of(connection)
    try:
        if shown is not None:
            principal = await _of_token(parts, shown)
        elif session is not None:
            principal = await _of_session(parts, session)
        else:
            raise HTTPException(401, NOBODY_KNOWN, ASK_HOW)
    except AccessError as error:
        parts.throttle.unknown(address_of(connection.scope))
        raise HTTPException(401, str(error), ASK_HOW) from None
    state["who"], state["principal"] = principal.who, principal
    parts.throttle.by_principal(principal.who, method)
    if principal.kind == "session" and session and method not in READS:
        _refuse_foreign(connection, session)
    return principal


async def _of_token(parts: Parts, shown: str) -> Principal:
    kind, _, token = shown.partition(" ")
    if kind.lower() != "bearer":
        raise AccessError(NOBODY_KNOWN)
    known = parts.door.remembered(token.strip())
    if known is not None and known.kind == "token":
        return known
    return await run_in_threadpool(parts.door.of_token, token.strip())


async def _of_session(parts: Parts, session: str) -> Principal:
    known = parts.door.remembered(session)
    if known is not None and known.kind == "session":
        return known
    return await run_in_threadpool(parts.door.of_session, session)


def _refuse_foreign(connection: HTTPConnection, session: str) -> None:
    """Let a change by cookie through only if a page of ours asks for it."""
    headers = connection.headers
    if not same(headers.get(CSRF_HEADER, ""), csrf_of(session)):
        raise HTTPException(
            403, "A change by a browser needs the header X-Assay-CSRF, as /api/v1/access/me says"
        )
    if "origin" not in headers:
        raise HTTPException(403, "A change by a browser needs the header Origin")
