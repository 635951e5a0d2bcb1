"""Secrets that are found nowhere, and names of people that are found in one place alone."""

import io
import json
import logging
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from assay.api import logs
from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving
from assay.core.secret import Secret
from assay.workflows.access.logins import first_token
from assay.workflows.access.people import erase_person
from assay.workflows.desk import Desk
from tests.api.conftest import ADDRESS, parts_over
from tests.api.routed import Endpoint, endpoints
from tests.workflows.workspace import HandClock, copied

PERSON = "Kanarienvogel"
PLACE = "203.0.113.77"


@dataclass
class Used:
    """A service that was used in every way: what it was told, what it said and wrote."""

    home: Path
    log: str
    told: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)

    def in_answers(self, secret: str, *, but: Mapping[str, int] | None = None) -> list[str]:
        """Return the questions whose answers held a secret, oftener than each of `but` may."""
        found = [asked for asked, answer in self.answers if secret in answer]
        return [asked for asked in found if found.count(asked) > (but or {}).get(asked, 0)]

    def in_files(self, text: str) -> list[str]:
        """Return the files of the workspace that hold a text, as it is or as JSON writes it."""
        forms = {text.encode(), json.dumps(text)[1:-1].encode()}
        paths = [path for path in self.home.rglob("*") if path.is_file()]
        return [path.name for path in paths if any(form in path.read_bytes() for form in forms)]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Yield where the service's log goes for once."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = io.StringIO()
    logs.set_up(found, as_json=True)
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def canary(what: str) -> str:
    """Return a secret that is like no other text."""
    return f"canary-{what}-{secrets.token_hex(8)}"


@pytest.fixture
def used(workspace: Path, tmp_path: Path, stream: io.StringIO) -> Iterator[Used]:
    """Yield a service that was used in every way, by a browser, a program and by nobody."""
    home = copied(workspace, tmp_path / "home")
    told = {name: canary(name) for name in ("provider", "redis", "password", "new", "wrong")}
    parts = parts_over(home, Serving(redis_url=f"redis://:{told['redis']}@127.0.0.1:1/0"))
    parts.desk.secret = lambda _: Secret(told["provider"])
    told["first token"] = str(first_token(parts.desk))
    found = Used(home, "", told)
    app = make(parts)

    client = TestClient(app, base_url=ADDRESS, client=(PLACE, 5000), raise_server_exceptions=False)
    _be_owner(found, client)
    _be_everybody(found, app, client)
    parts.desk.close()
    found.log = stream.getvalue()
    yield found
    parts.desk.close()


def _be_owner(found: Used, client: TestClient) -> None:
    """Log in, badly and well, change the password, make a token."""
    told = found.told

    def send(method: str, path: str, body: object = None) -> object:
        said = client.request(
            method,
            f"/api/v1/access/{path}",
            json=body,
            headers={"origin": ADDRESS, "x-assay-csrf": told.get("csrf", "")},
        )
        found.answers.append((f"{method} {path}", said.text + str(said.headers)))
        return said.json()

    owner = {"token": told["first token"], "name": PERSON, "password": told["password"]}
    send("POST", "owner", {**owner, "token": told["wrong"]})
    send("POST", "owner", {**owner, "surprise": told["wrong"]})
    told["csrf"] = send("POST", "owner", owner)["csrf"]  # type: ignore[index]  # JSON
    told["first session"] = client.cookies["assay-8420"]
    send("POST", "login", {"name": PERSON, "password": told["wrong"]})
    send("POST", "login", {"name": told["wrong"], "password": told["wrong"]})
    passwords = {"current": told["password"], "new": told["new"]}
    told["csrf"] = send("PUT", "password", passwords)["csrf"]  # type: ignore[index]  # JSON
    told["session"] = client.cookies["assay-8420"]
    told["ticket"] = send("POST", "ticket")["ticket"]  # type: ignore[index]  # JSON
    client.get(f"/api/v1/push?ticket={told['ticket']}")
    made = client.post(
        "/api/v1/tokens",
        json={"name": "canary", "scopes": ["read", "research", "trade", "admin"]},
        headers={"origin": ADDRESS, "x-assay-csrf": told["csrf"]},
    )
    told["token"] = made.json()["token"]


def _be_everybody(found: Used, app: object, browser: TestClient) -> None:
    """Ask every endpoint with a token, with a cookie, with secrets where they do not belong."""
    told = found.told
    program = TestClient(
        app,  # type: ignore[arg-type]  # an ASGI application
        base_url=ADDRESS,
        headers={"authorization": f"Bearer {told['token']}"},
        client=(PLACE, 5000),
        raise_server_exceptions=False,
    )
    bodies = (None, {"ticker": "EURUSD", "symbol": "EURUSD", "timeframe": "1h"})
    for endpoint in endpoints(app):  # type: ignore[arg-type]  # a FastAPI application
        if endpoint.path.endswith(("/logout", "/erase")):
            continue
        for body in bodies:
            said = program.request(endpoint.method, endpoint.address, json=body)
            found.answers.append((str(endpoint), said.text + str(said.headers)))
        said = browser.request(endpoint.method, endpoint.address)
        found.answers.append((str(endpoint), said.text + str(said.headers)))
        _misplace(found, program, endpoint)


def _misplace(found: Used, client: TestClient, endpoint: Endpoint) -> None:
    """Send a secret where none belongs: as another field of the body, and after the "?"."""
    if endpoint.path.startswith(("/api/v1/access", "/api/v1/tokens", "/api/v1/people")):
        body = {"password": found.told["new"], "surprise": found.told["token"]}
        said = client.request(
            endpoint.method,
            endpoint.address,
            json=body,
            params={"ticket": found.told["ticket"]},
        )
        found.answers.append((str(endpoint), said.text + str(said.headers)))


def test_no_secret_is_in_a_file_or_in_the_log(used: Used) -> None:
    found = {
        name: (used.in_files(secret), secret in used.log) for name, secret in used.told.items()
    }

    assert len(used.told) >= 11
    assert len(used.answers) > 100
    assert used.log.count('"event": "answered"') > 100
    assert found == {name: ([], False) for name in used.told}


def test_no_answer_repeats_a_secret_but_the_one_that_gives_it(used: Used) -> None:
    given = {
        "session": {"PUT password": 1},
        "first session": {"POST owner": 1},
        "ticket": {"POST ticket": 1},
        "csrf": {"PUT password": 1, "GET /api/v1/access/me": 1},
    }

    found = {
        name: used.in_answers(secret, but=given.get(name, {})) for name, secret in used.told.items()
    }

    assert found == {name: [] for name in used.told}


def test_a_name_is_kept_with_the_person_and_nowhere_else(used: Used) -> None:
    parts = parts_over(used.home)
    person = parts.door.people.all()[0]
    with parts.desk.database.read() as connection:
        entries = connection.exec_driver_sql("SELECT * FROM journal").all()
        others = {
            table: connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            for table in ("audit", "signals", "jobs")
        }
    parts.desk.close()

    assert entries
    for text in (PERSON, PLACE, person.id, person.key):
        assert text not in str(entries)
    assert PERSON not in str(others)
    assert PLACE not in str(others)
    assert PERSON not in used.log
    assert used.in_files(PERSON) == ["assay.db"] or "assay.db-wal" in used.in_files(PERSON)


def test_who_is_erased_is_in_no_row_and_in_no_file(used: Used) -> None:
    parts = parts_over(used.home)
    person = parts.door.people.all()[0]

    erase_person(parts.door, person.id)
    left = [deed for deed in parts.door.log.newest(10_000) if deed.address is not None]
    parts.desk.close()

    assert {(deed.who, deed.about) for deed in left} == {("nobody", "")}
    for text in (PERSON, person.key):
        assert used.in_files(text) == []


def test_the_password_of_a_database_that_is_away_is_not_said(
    tmp_path: Path, stream: io.StringIO
) -> None:
    password = canary("database")
    url = f"postgresql+pg8000://assay:{password}@127.0.0.1:1/assay"
    desk = Desk(tmp_path / "home", HandClock(datetime(2026, 11, 20, tzinfo=UTC)), database_url=url)
    client = TestClient(
        make(Parts(desk, Serving())), base_url=ADDRESS, raise_server_exceptions=False
    )

    said = [
        client.get("/readyz"),
        client.get("/api/v1/signals", headers={"authorization": "Bearer assay_x"}),
        client.post("/api/v1/access/login", json={"name": "a", "password": "b"}),
    ]

    assert {one.status_code for one in said} == {503}
    assert all(password not in one.text for one in said)
    assert stream.getvalue()
    assert password not in stream.getvalue()
