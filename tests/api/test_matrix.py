"""Every endpoint with every right: found by itself, so that a new one is tested by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from assay.api.guards import RIGHTS, in_person, known, open_to_all
from assay.api.parts import Parts
from assay.api.service import make
from assay.api.throttling import READS
from assay.core.values.scope import Scope
from assay.workflows.access.people import add_person
from tests.api.conftest import ADDRESS, bearer, parts_over
from tests.api.routed import Endpoint, endpoints, sockets
from tests.workflows.workspace import copied

PASSWORD = "four words of no relation"
SHUT = (401, 403)


@dataclass
class Served:
    """One service for all tests of this file, and what it is asked with."""

    parts: Parts
    app: FastAPI

    def ask(self, endpoint: Endpoint, headers: dict[str, str], cookie: str = "") -> Response:
        """Ask an endpoint with nothing but these headers."""
        shown = headers | ({"cookie": cookie} if cookie else {})
        with_bug = TestClient(self.app, base_url=ADDRESS, raise_server_exceptions=False)
        found: Response = with_bug.request(endpoint.method, endpoint.address, headers=shown)
        return found

    def log_in(self) -> tuple[str, str]:
        """Return the cookie of a new session of somebody with all rights, and its CSRF token."""
        client = TestClient(self.app, base_url=ADDRESS)
        login = {"name": "Anna", "password": PASSWORD}
        said = client.post("/api/v1/access/login", json=login).raise_for_status()
        return f"assay-8420={client.cookies['assay-8420']}", str(said.json()["csrf"])


@pytest.fixture(scope="module")
def service(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a service over a copy of the workspace, with one person who may do everything."""
    parts = parts_over(copied(workspace, tmp_path_factory.mktemp("matrix") / "home"))
    add_person(parts.door, "Anna", PASSWORD, Scope)
    yield Served(parts, make(parts))
    parts.desk.close()


def right_of(endpoint: Endpoint) -> object:
    """Return the scope that an endpoint needs, or its guard where it needs none."""
    (guard,) = endpoint.guards
    return RIGHTS[guard] or guard


def wrong(
    service: Served,
    ask: Callable[[Endpoint], Response],
    wanted: Callable[[Endpoint], tuple[int, ...] | None],
) -> list[str]:
    """Return the endpoints that answer as they should not; None wants any answer but a refusal."""
    found = []
    for endpoint in endpoints(service.app):
        status, statuses = ask(endpoint).status_code, wanted(endpoint)
        is_right = status in statuses if statuses else status not in (*SHUT, 429, 500)
        if not is_right:
            found.append(f"{endpoint} answered {status}, not {statuses or 'in some other way'}")
    return found


def test_each_endpoint_has_exactly_one_right(service: Served) -> None:
    found = list(endpoints(service.app))

    assert len(found) > 20
    assert [str(one) for one in found if len(one.guards) != 1] == []


def test_what_is_open_to_all_is_what_was_decided(service: Served) -> None:
    found = {str(one) for one in endpoints(service.app) if right_of(one) is open_to_all}

    assert found == {
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /api/v1/access/standing",
        "POST /api/v1/access/owner",
        "POST /api/v1/access/login",
        "GET /{path:path}",
    }


def test_reading_needs_no_more_than_the_right_to_read(service: Served) -> None:
    research = [
        str(one)
        for one in endpoints(service.app)
        if one.method in READS and right_of(one) in (Scope.RESEARCH, Scope.TRADE)
    ]

    assert research == []


def test_nobody_is_let_in_nowhere(service: Served) -> None:
    def wanted(endpoint: Endpoint) -> tuple[int, ...] | None:
        is_login = endpoint.path in ("/api/v1/access/owner", "/api/v1/access/login")
        return (422,) if is_login else None if right_of(endpoint) is open_to_all else (401,)

    assert wrong(service, lambda one: service.ask(one, {}), wanted) == []


@pytest.mark.parametrize("scope", Scope)
def test_a_token_of_one_right_is_let_in_there_alone(service: Served, scope: Scope) -> None:
    headers = bearer(service.parts, scope)

    def wanted(endpoint: Endpoint) -> tuple[int, ...] | None:
        return None if right_of(endpoint) in (scope, known, open_to_all) else (403,)

    assert wrong(service, lambda one: service.ask(one, headers), wanted) == []


@pytest.mark.parametrize("scope", Scope)
def test_a_token_of_all_rights_but_one_is_kept_out_there(service: Served, scope: Scope) -> None:
    headers = bearer(service.parts, *(one for one in Scope if one is not scope))
    kept_out = [one for one in endpoints(service.app) if right_of(one) is scope]

    found = [service.ask(one, headers) for one in kept_out]

    assert {said.status_code for said in found} <= {403}
    assert all(f"the right to {scope}" in said.json()["detail"] for said in found)


def test_a_cookie_alone_reads_and_changes_nothing(service: Served) -> None:
    cookie, _ = service.log_in()

    def wanted(endpoint: Endpoint) -> tuple[int, ...] | None:
        is_free = endpoint.method in READS or right_of(endpoint) is open_to_all
        return None if is_free else (403,)

    assert wrong(service, lambda one: service.ask(one, {}, cookie), wanted) == []


def test_a_page_of_ours_may_do_what_the_person_may(service: Served) -> None:
    cookie, csrf = service.log_in()

    def ask(endpoint: Endpoint) -> Response:
        nonlocal cookie, csrf
        said = service.ask(endpoint, {"x-assay-csrf": csrf, "origin": ADDRESS}, cookie)
        if endpoint.path.endswith("/logout"):
            cookie, csrf = service.log_in()
        return said

    assert wrong(service, ask, lambda _: None) == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:3000", "null"])
def test_a_foreign_page_is_let_in_nowhere_whatever_it_shows(service: Served, origin: str) -> None:
    cookie, csrf = service.log_in()
    headers = bearer(service.parts) | {"x-assay-csrf": csrf, "origin": origin}

    found = wrong(service, lambda one: service.ask(one, headers, cookie), lambda _: (403,))

    assert found == []


def test_a_name_that_is_not_the_services_is_answered_nowhere(service: Served) -> None:
    headers = bearer(service.parts) | {"host": "rebound.example"}

    assert wrong(service, lambda one: service.ask(one, headers), lambda _: (421,)) == []


def test_no_token_takes_part_in_an_account(service: Served) -> None:
    headers = bearer(service.parts)
    own = [one for one in endpoints(service.app) if right_of(one) is in_person]

    assert len(own) > 5
    assert {service.ask(one, headers).status_code for one in own} == {403}


@pytest.mark.parametrize("shown", ["nothing", "a cookie", "a guessed ticket", "no right to read"])
def test_no_socket_opens_to_who_may_not_read(service: Served, shown: str) -> None:
    cookie, _ = service.log_in()
    headers = {
        "a cookie": {"cookie": cookie, "origin": ADDRESS},
        "no right to read": bearer(service.parts, Scope.TRADE, Scope.ADMIN, Scope.RESEARCH),
    }.get(shown, {})
    query = "?ticket=guessed" if shown == "a guessed ticket" else ""
    paths = list(sockets(service.app))

    for path in paths:
        client = TestClient(service.app, base_url=ADDRESS)
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client.websocket_connect(f"ws://127.0.0.1:8420{path}{query}", headers=headers),
        ):
            pass
        assert refused.value.code == 1008, path

    assert paths


def test_every_answer_carries_the_headers_that_bind_a_browser(service: Served) -> None:
    headers = bearer(service.parts)
    lacking = []
    for endpoint in endpoints(service.app):
        for said in (service.ask(endpoint, headers), service.ask(endpoint, {"host": "x.example"})):
            policy = said.headers.get("content-security-policy", "")
            is_bound = (
                "default-src 'none'" in policy
                and "unsafe-inline" not in policy
                and said.headers.get("x-content-type-options") == "nosniff"
                and said.headers.get("x-frame-options") == "DENY"
                and said.headers.get("referrer-policy") == "no-referrer"
            )
            if not is_bound:
                lacking.append(str(endpoint))

    assert lacking == []


def test_an_endpoint_that_forgot_its_right_would_be_seen(service: Served) -> None:
    app = make(service.parts)
    forgetful = APIRouter()

    @forgetful.get("/api/v1/forgotten")
    def forgotten() -> None:
        return None

    app.include_router(forgetful)

    assert [str(one) for one in endpoints(app) if not one.guards] == ["GET /api/v1/forgotten"]
