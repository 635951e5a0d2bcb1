"""What lets somebody in, and what does not: tokens, cookies, CSRF, tickets; how long it takes."""

import time
from datetime import timedelta

import pytest
from fastapi import APIRouter, Depends
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from assay.api.guards import is_let_in, needs, open_to_all, websocket_principal
from assay.api.parts import Parts
from assay.api.service import make
from assay.core.errors import StoreError
from assay.core.values.scope import Scope
from assay.store.access import Tokens
from assay.workflows.access.door import REMEMBERED_SECONDS, TICKET_SECONDS, Door
from assay.workflows.access.people import add_person
from assay.workflows.access.principal import Principal
from assay.workflows.access.tokens import make_token, revoke_token
from tests.api.conftest import ADDRESS, bearer
from tests.workflows.workspace import HandClock

PASSWORD = "four words of no relation"
ME = "/api/v1/access/me"
TICKET = "/api/v1/access/ticket"


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer",
        "Bearer ",
        "Bearer assay_",
        "Bearer assay_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer not-ours",
        "Basic YTpi",
        "assay_x",
        "",
        "Bearer assay_\xff",
    ],
)
def test_a_guessed_token_is_nobody(nobody: TestClient, shown: str) -> None:
    said = nobody.get(ME, headers={b"authorization": shown.encode("latin-1")})

    assert said.status_code == 401
    assert said.headers["www-authenticate"] == "Bearer"
    assert said.headers["content-type"] == "application/problem+json"


def test_a_right_token_with_a_letter_changed_is_nobody(nobody: TestClient, parts: Parts) -> None:
    header = bearer(parts)["authorization"]
    changed = header[:-1] + ("A" if header[-1] != "A" else "B")

    assert nobody.get(ME, headers={"authorization": header}).status_code == 200
    assert nobody.get(ME, headers={"authorization": changed}).status_code == 401


def test_who_guesses_tokens_is_soon_stopped_and_others_go_on(
    nobody: TestClient, parts: Parts
) -> None:
    guesses = [
        nobody.get(ME, headers={"authorization": f"Bearer assay_{n}"}).status_code
        for n in range(80)
    ]

    assert guesses[:50] == [401] * 50
    assert guesses[-1] == 429
    assert nobody.get(ME, headers=bearer(parts)).status_code == 200


def test_a_session_is_no_token_and_a_token_no_session(nobody: TestClient, parts: Parts) -> None:
    add_person(parts.door, "Anna", PASSWORD, Scope)
    nobody.post("/api/v1/access/login", json={"name": "Anna", "password": PASSWORD})
    session = nobody.cookies["assay-8420"]
    token = bearer(parts)["authorization"].removeprefix("Bearer ")
    nobody.cookies.clear()

    as_token = nobody.get(ME, headers={"authorization": f"Bearer {session}"})
    as_session = nobody.get(ME, headers={"cookie": f"assay-8420={token}"})

    assert (as_token.status_code, as_session.status_code) == (401, 401)


def test_a_bad_token_is_not_made_good_by_a_cookie(nobody: TestClient, parts: Parts) -> None:
    add_person(parts.door, "Anna", PASSWORD, Scope)
    nobody.post("/api/v1/access/login", json={"name": "Anna", "password": PASSWORD})

    assert nobody.get(ME).status_code == 200
    assert nobody.get(ME, headers={"authorization": "Bearer assay_x"}).status_code == 401


@pytest.mark.parametrize(
    ("csrf", "origin", "status"),
    [
        ("own", ADDRESS, 200),
        ("own", None, 403),
        ("own", "http://127.0.0.1:3000", 403),
        ("own", "http://localhost:8420", 403),
        ("own", "https://127.0.0.1:8420", 403),
        ("own", "null", 403),
        ("own", "http://evil.example", 403),
        (None, ADDRESS, 403),
        ("", ADDRESS, 403),
        ("another", ADDRESS, 403),
    ],
)
def test_a_change_by_cookie_needs_a_page_of_ours(
    nobody: TestClient, parts: Parts, csrf: str | None, origin: str | None, status: int
) -> None:
    add_person(parts.door, "Anna", PASSWORD, Scope)
    login = {"name": "Anna", "password": PASSWORD}
    another = nobody.post("/api/v1/access/login", json=login).json()["csrf"]
    own = nobody.post("/api/v1/access/login", json=login).json()["csrf"]
    shown = {"own": own, "another": another}.get(csrf or "", csrf)
    headers = {"x-assay-csrf": shown, "origin": origin}

    said = nobody.post(
        TICKET, headers={name: one for name, one in headers.items() if one is not None}
    )

    assert said.status_code == status


def test_a_token_needs_no_page(client: TestClient) -> None:
    assert client.post(TICKET).status_code == 200


def test_a_right_that_is_missing_is_named(nobody: TestClient, parts: Parts) -> None:
    said = nobody.get("/api/v1/people", headers=bearer(parts, Scope.READ, Scope.TRADE))

    assert said.status_code == 403
    assert "the right to admin" in said.json()["detail"]


def test_what_is_taken_back_ends_at_once_here_and_soon_elsewhere(parts: Parts) -> None:
    now = 0.0
    elsewhere = Door(parts.desk, lambda: now)
    made = make_token(parts.door, "test", [Scope.READ])
    parts.door.of_token(made.secret)
    elsewhere.of_token(made.secret)

    revoke_token(parts.door, made.token.id)

    assert parts.door.remembered(made.secret) is None
    assert elsewhere.remembered(made.secret) is not None
    now = REMEMBERED_SECONDS
    assert elsewhere.remembered(made.secret) is None


def test_what_is_taken_back_while_it_is_looked_up_is_not_believed(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_token(parts.door, "test", [Scope.READ])
    found = Tokens.get

    def slow(self: Tokens, digest: str) -> object:
        token = found(self, digest)
        revoke_token(parts.door, made.token.id)
        return token

    monkeypatch.setattr(Tokens, "get", slow)
    parts.door.of_token(made.secret)

    assert parts.door.remembered(made.secret) is None


def test_reading_goes_on_where_the_last_use_cannot_be_written(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_token(parts.door, "test", [Scope.READ])

    def full(self: Tokens, digest: str, at: object) -> None:
        raise StoreError("The disk is full")

    monkeypatch.setattr(Tokens, "used", full)

    assert parts.door.of_token(made.secret).who == made.token.id


def test_a_database_that_is_away_is_said_and_lets_nobody_in(
    nobody: TestClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(parts)

    def away(self: Tokens, digest: str) -> None:
        raise StoreError("The database cannot be reached; start PostgreSQL or check the URL")

    monkeypatch.setattr(Tokens, "get", away)
    gone = nobody.get(ME, headers=headers)
    monkeypatch.undo()
    back = nobody.get(ME, headers=headers)

    assert (gone.status_code, back.status_code) == (503, 200)
    assert gone.headers["retry-after"] == "5"


def test_a_known_token_is_let_in_within_a_fifth_of_a_millisecond(parts: Parts) -> None:
    shown = bearer(parts)["authorization"].removeprefix("Bearer ")
    parts.door.of_token(shown)

    begin = time.perf_counter()
    for _ in range(1_000):
        parts.door.of_token(shown)
    seconds = (time.perf_counter() - begin) / 1_000

    assert seconds < 0.000_2


@pytest.fixture
def sockets(parts: Parts) -> TestClient:
    """Return a client of a service with one more WebSocket, which says who opened it."""
    app = make(parts)
    router = APIRouter()

    @router.websocket("/api/v1/socket-of-this-test")
    async def talk(websocket: WebSocket) -> None:
        principal: Principal = await websocket_principal(websocket)
        await websocket.accept()
        await websocket.send_text(principal.who)
        async for _ in websocket.iter_text():
            await websocket.send_text(str(await is_let_in(websocket, principal)))

    app.router.routes.insert(0, router.routes[0])
    return TestClient(app, base_url=ADDRESS)


SOCKET = "ws://127.0.0.1:8420/api/v1/socket-of-this-test"


def opened(client: TestClient, path: str = SOCKET, **headers: str) -> str:
    """Return who opened a WebSocket, or how it was closed."""
    try:
        with client.websocket_connect(path, headers=headers) as socket:
            return socket.receive_text()
    except WebSocketDisconnect as error:
        return f"{error.code} {error.reason}"


def test_a_socket_opens_with_a_token_in_its_header(sockets: TestClient, parts: Parts) -> None:
    assert opened(sockets, **bearer(parts)).startswith("token-")


def test_a_socket_opens_with_a_ticket_once(sockets: TestClient, parts: Parts) -> None:
    ticket = sockets.post(TICKET, headers=bearer(parts)).json()["ticket"]

    first, again = (opened(sockets, f"{SOCKET}?ticket={ticket}") for _ in range(2))

    assert first.startswith("token-")
    assert again == "1008 The ticket is unknown, used or over; ask for another"


def test_a_ticket_is_over_soon(sockets: TestClient, parts: Parts) -> None:
    ticket = sockets.post(TICKET, headers=bearer(parts)).json()["ticket"]
    assert isinstance(parts.desk.clock, HandClock)
    parts.desk.clock.at += timedelta(seconds=TICKET_SECONDS + 1)

    assert opened(sockets, f"{SOCKET}?ticket={ticket}").startswith("1008")


def test_a_ticket_ends_with_the_session_that_asked_for_it(
    sockets: TestClient, parts: Parts
) -> None:
    add_person(parts.door, "Anna", PASSWORD, Scope)
    login = {"name": "Anna", "password": PASSWORD}
    csrf = sockets.post("/api/v1/access/login", json=login).json()["csrf"]
    headers = {"x-assay-csrf": csrf, "origin": ADDRESS}
    ticket = sockets.post(TICKET, headers=headers).json()["ticket"]

    sockets.post("/api/v1/access/logout", headers=headers).raise_for_status()

    assert opened(sockets, f"{SOCKET}?ticket={ticket}").startswith("1008")


def test_a_cookie_alone_opens_no_socket(sockets: TestClient, parts: Parts) -> None:
    add_person(parts.door, "Anna", PASSWORD, Scope)
    sockets.post("/api/v1/access/login", json={"name": "Anna", "password": PASSWORD})

    assert sockets.get(ME).status_code == 200
    assert opened(sockets, origin=ADDRESS).startswith("1008")


def test_a_socket_needs_the_right_to_read(sockets: TestClient, parts: Parts) -> None:
    found = opened(sockets, **bearer(parts, Scope.TRADE))

    assert found == "1008 This needs the right to read"


@pytest.mark.parametrize(
    ("name", "value"),
    [("origin", "http://evil.example"), ("origin", "null"), ("host", "evil.example")],
)
def test_a_foreign_page_opens_no_socket_even_with_a_token(
    sockets: TestClient, parts: Parts, name: str, value: str
) -> None:
    assert opened(sockets, **bearer(parts), **{name: value}).startswith("1008")


def test_an_open_socket_hears_that_its_token_was_taken_back(
    sockets: TestClient, parts: Parts
) -> None:
    made = make_token(parts.door, "test", [Scope.READ])
    headers = {"authorization": f"Bearer {made.secret}"}
    with sockets.websocket_connect(SOCKET, headers=headers) as socket:
        socket.receive_text()
        socket.send_text("?")
        before = socket.receive_text()
        revoke_token(parts.door, made.token.id)
        socket.send_text("?")
        after = socket.receive_text()

    assert (before, after) == ("True", "False")


def test_each_right_has_one_guard() -> None:
    assert len({needs(scope) for scope in Scope} | {open_to_all}) == len(Scope) + 1
    assert Depends(needs(Scope.READ)) == Depends(needs(Scope.READ))
