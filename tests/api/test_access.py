"""The owner, logging in and out, sessions, passwords, tokens, personal data, the audit log."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving
from assay.core.values.scope import Scope
from assay.workflows.access.door import IDLE, LONGEST
from assay.workflows.access.logins import first_token
from assay.workflows.access.people import add_person, reset_password
from tests.api.conftest import ADDRESS, bearer
from tests.workflows.workspace import HandClock

ANNA = {"name": "Anna", "password": "four words of no relation"}
COOKIE = "assay-8420"
CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
Change = Callable[..., Response]


@pytest.fixture
def browser(client: TestClient, parts: Parts) -> Iterator[TestClient]:
    """Yield a browser in which Anna, the owner, is logged in."""
    add_person(parts.door, ANNA["name"], ANNA["password"], Scope)
    found = TestClient(client.app, base_url=ADDRESS)
    found.post("/api/v1/access/login", json=ANNA).raise_for_status()
    yield found
    found.close()


@pytest.fixture
def change(browser: TestClient) -> Change:
    """Return how a page in that browser changes something."""

    def ask(method: str, path: str, json: Any = None) -> Response:
        csrf = browser.get("/api/v1/access/me").json()["csrf"]
        headers = {"x-assay-csrf": csrf, "origin": ADDRESS}
        found: Response = browser.request(method, path, headers=headers, json=json)
        return found

    return ask


def move(parts: Parts, by: timedelta) -> None:
    """Let time pass, also for what is remembered."""
    assert isinstance(parts.desk.clock, HandClock)
    parts.desk.clock.at += by
    parts.door.forget()


def whats(parts: Parts) -> list[tuple[str, str]]:
    return [(deed.what, deed.outcome) for deed in reversed(parts.door.log.newest(100))]


def test_the_first_token_makes_one_owner_and_is_used_up(nobody: TestClient, parts: Parts) -> None:
    token = first_token(parts.desk)
    before = nobody.get("/api/v1/access/standing").json()

    first = nobody.post("/api/v1/access/owner", json={"token": token, **ANNA})
    again = nobody.post("/api/v1/access/owner", json={"token": token, **ANNA, "name": "Mallory"})

    assert (before, nobody.get("/api/v1/access/standing").json()) == (
        {"has_owner": False},
        {"has_owner": True},
    )
    assert first.status_code == 201
    assert set(first.json()["person"]["scopes"]) == set(Scope)
    assert nobody.get("/api/v1/access/me").json()["kind"] == "session"
    assert again.status_code == 401
    assert first_token(parts.desk) is None
    assert [person.name for person in parts.door.people.all()] == ["Anna"]


def test_each_start_without_an_owner_shows_another_token_and_the_newest_counts(
    nobody: TestClient, parts: Parts
) -> None:
    old, new = first_token(parts.desk), first_token(parts.desk)

    found = [
        nobody.post("/api/v1/access/owner", json={"token": token, **ANNA}).status_code
        for token in (old, "", new)
    ]

    assert old is not None
    assert len(old) >= 43
    assert found == [401, 401, 201]


def test_a_login_gives_a_cookie_that_no_script_reads_and_no_other_site_sends(
    browser: TestClient,
) -> None:
    said = browser.post("/api/v1/access/login", json=ANNA).headers["set-cookie"]

    assert said.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in said
    assert "Domain" not in said


def test_chromium_takes_the_strictest_name_on_this_machine_too(browser: TestClient) -> None:
    said = browser.post(
        "/api/v1/access/login", json=ANNA, headers={"user-agent": CHROMIUM}
    ).headers["set-cookie"]

    assert said.startswith("__Host-assay-8420=")
    assert "Secure" in said


def test_an_encrypted_way_has_the_strictest_name_and_takes_no_other(parts: Parts) -> None:
    parts.serving = Serving(host="0.0.0.0", behind_proxy=True, names=("assay.example.org",))
    add_person(parts.door, ANNA["name"], ANNA["password"], Scope)
    there = TestClient(make(parts), base_url="https://assay.example.org")

    said = there.post("/api/v1/access/login", json=ANNA).headers["set-cookie"]
    session = said.partition(";")[0].partition("=")[2]
    there.cookies.clear()
    strict = there.get("/api/v1/access/me", headers={"cookie": f"__Host-assay={session}"})
    lax = there.get("/api/v1/access/me", headers={"cookie": f"assay-8420={session}"})

    assert said.startswith("__Host-assay=")
    for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
        assert part in said
    assert "max-age=31536000" in there.get("/healthz").headers["strict-transport-security"]
    assert (strict.status_code, lax.status_code) == (200, 401)


def test_a_login_never_goes_on_with_the_session_that_was_there(browser: TestClient) -> None:
    before = browser.cookies[COOKIE]

    browser.post("/api/v1/access/login", json=ANNA)
    after = browser.cookies[COOKIE]
    browser.cookies.clear()
    replayed = browser.get("/api/v1/access/me", headers={"cookie": f"{COOKIE}={before}"})

    assert before != after
    assert replayed.status_code == 401


def test_a_session_that_an_attacker_planted_is_not_taken_over(browser: TestClient) -> None:
    planted = "x" * 43
    browser.cookies.clear()

    said = browser.post(
        "/api/v1/access/login", json=ANNA, headers={"cookie": f"{COOKIE}={planted}"}
    )
    browser.cookies.clear()

    assert planted not in said.headers["set-cookie"]
    assert browser.get(
        "/api/v1/access/me", headers={"cookie": f"{COOKIE}={planted}"}
    ).status_code == 401  # fmt: skip


def test_after_a_logout_the_cookie_is_worth_nothing(browser: TestClient, change: Change) -> None:
    session = browser.cookies[COOKIE]

    out = change("POST", "/api/v1/access/logout")
    replayed = browser.get("/api/v1/access/me", headers={"cookie": f"{COOKIE}={session}"})

    assert out.status_code == 204
    assert COOKIE not in browser.cookies
    assert replayed.status_code == 401
    assert "log in again" in replayed.json()["detail"]


@pytest.mark.parametrize(
    ("step", "times"), [(IDLE, 1), (IDLE * 0.9, int(LONGEST / IDLE / 0.9) + 1)]
)
def test_a_session_ends_unused_or_in_the_end(
    browser: TestClient, parts: Parts, step: timedelta, times: int
) -> None:
    found = []
    for _ in range(times):
        move(parts, step)
        found.append(browser.get("/api/v1/access/me").status_code)

    assert found == [200] * (times - 1) + [401]


def test_a_name_that_nobody_has_is_answered_as_a_wrong_password(
    browser: TestClient, parts: Parts
) -> None:
    wrong = browser.post("/api/v1/access/login", json={**ANNA, "password": "x" * 12})
    unknown = browser.post("/api/v1/access/login", json={**ANNA, "name": "Otto\0"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert whats(parts)[-2:] == [("login", "refused")] * 2


def test_whoever_guesses_passwords_waits_and_the_owner_does_not_for_long(
    browser: TestClient, parts: Parts
) -> None:
    guesses = [
        browser.post("/api/v1/access/login", json={**ANNA, "password": f"guess number {n}"})
        for n in range(12)
    ]
    right = browser.post("/api/v1/access/login", json=ANNA)

    assert [said.status_code for said in guesses] == [401] * 10 + [429] * 2
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "characters"),
        ("anna", "characters"),
        ("maximilian", "is the name"),
        ("nailimixam", "is the name"),
        ("password123", "tried first"),
        ("Qwertyuiop!", "tried first"),
        ("aaaaaaaaaaaa", "tried first"),
        ("trading2026", "tried first"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_and_not_repeated(
    client: TestClient, password: str, why: str
) -> None:
    said = client.post(
        "/api/v1/people", json={"name": "Maximilian", "password": password, "scopes": ["read"]}
    )

    assert said.status_code == 422
    assert why in said.json()["detail"]
    assert f"{password!r}" not in said.text


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Anna", "password": ["a secret of mine"]},
        {"name": "Anna", "password": "a secret of mine" * 30},
        {"name": "Anna", "password": "x", "passwort": "a secret of mine"},
        {"name": ["a secret of mine"], "password": "x"},
        "a secret of mine",
    ],
)
def test_what_is_sent_to_log_in_is_never_sent_back(nobody: TestClient, body: Any) -> None:
    said = nobody.post("/api/v1/access/login", json=body)

    assert said.status_code == 422
    assert "a secret of mine" not in said.text


def test_another_password_ends_every_session_and_begins_one(
    browser: TestClient, change: Change, client: TestClient
) -> None:
    other = TestClient(client.app, base_url=ADDRESS)
    other.post("/api/v1/access/login", json=ANNA)
    new = "some other words entirely"

    wrong = change("PUT", "/api/v1/access/password", {"current": "x" * 9, "new": new})
    weak = change("PUT", "/api/v1/access/password", {"current": ANNA["password"], "new": "x"})
    done = change("PUT", "/api/v1/access/password", {"current": ANNA["password"], "new": new})

    assert [said.status_code for said in (wrong, weak, done)] == [403, 422, 200]
    assert browser.get("/api/v1/access/me").status_code == 200
    assert other.get("/api/v1/access/me").status_code == 401
    assert other.post("/api/v1/access/login", json=ANNA).status_code == 401
    assert other.post("/api/v1/access/login", json={**ANNA, "password": new}).status_code == 200


def test_a_password_that_was_lost_is_set_on_the_machine(browser: TestClient, parts: Parts) -> None:
    reset_password(parts.door, "anna", "a third set of words")

    assert browser.get("/api/v1/access/me").status_code == 401
    said = browser.post("/api/v1/access/login", json={**ANNA, "password": "a third set of words"})
    assert said.status_code == 200


def test_own_sessions_are_listed_and_ended(
    browser: TestClient, change: Change, client: TestClient
) -> None:
    other = TestClient(client.app, base_url=ADDRESS)
    other.post("/api/v1/access/login", json=ANNA, headers={"user-agent": "Other\x01/1"})

    listed = browser.get("/api/v1/access/sessions").json()["items"]
    theirs = next(one for one in listed if not one["is_this"])
    ended = change("DELETE", f"/api/v1/access/sessions/{theirs['id']}")
    again = change("DELETE", f"/api/v1/access/sessions/{theirs['id']}")

    assert [one["is_this"] for one in listed].count(True) == 1
    assert theirs["agent"] == "Other/1"
    assert (ended.status_code, again.status_code) == (204, 404)
    assert other.get("/api/v1/access/me").status_code == 401
    assert browser.get("/api/v1/access/me").status_code == 200


def test_a_token_is_shown_once_counts_until_taken_back_and_says_when_it_was_used(
    browser: TestClient, change: Change, nobody: TestClient
) -> None:
    made = change("POST", "/api/v1/tokens", {"name": "notebook", "scopes": ["read"]}).json()
    headers = {"authorization": f"Bearer {made['token']}"}

    me = nobody.get("/api/v1/access/me", headers=headers).json()
    listed = browser.get("/api/v1/tokens").json()["items"]
    taken = change("DELETE", f"/api/v1/tokens/{made['id']}")
    after = nobody.get("/api/v1/access/me", headers=headers)

    assert me == {"id": made["id"], "kind": "token", "scopes": ["read"], "csrf": None}
    assert made["token"].startswith("assay_")
    assert made["token"] not in browser.get("/api/v1/tokens").text
    assert [one["used_at"] is not None for one in listed if one["id"] == made["id"]] == [True]
    assert taken.status_code == 204
    assert after.status_code == 401


def test_a_token_is_over_when_it_was_said(
    browser: TestClient, change: Change, nobody: TestClient, parts: Parts
) -> None:
    asked = {"name": "for a day", "scopes": ["read"], "days": 1}
    headers = {"authorization": f"Bearer {change('POST', '/api/v1/tokens', asked).json()['token']}"}

    early = nobody.get("/api/v1/access/me", headers=headers).status_code
    move(parts, timedelta(days=1))
    late = nobody.get("/api/v1/access/me", headers=headers).status_code

    assert (early, late) == (200, 401)


def test_a_token_can_do_no_more_than_who_made_it_also_later(
    client: TestClient, nobody: TestClient, parts: Parts
) -> None:
    person = add_person(parts.door, ANNA["name"], ANNA["password"], [Scope.READ, Scope.TRADE])
    csrf = nobody.post("/api/v1/access/login", json=ANNA).json()["csrf"]
    headers = {"x-assay-csrf": csrf, "origin": ADDRESS}

    more = nobody.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"]}, headers=headers)
    made = nobody.post(
        "/api/v1/tokens", json={"name": "x", "scopes": ["read", "trade"]}, headers=headers
    ).json()
    shown = {"authorization": f"Bearer {made['token']}"}
    before = nobody.get("/api/v1/access/me", headers=shown).json()["scopes"]
    client.put(f"/api/v1/people/{person.id}/scopes", json={"scopes": ["read"]}).raise_for_status()
    after = nobody.get("/api/v1/access/me", headers=shown).json()["scopes"]

    assert more.status_code == 403
    assert "admin" in more.json()["detail"]
    assert (before, after) == (["read", "trade"], ["read"])


def test_a_token_takes_part_in_no_account(nobody: TestClient, parts: Parts) -> None:
    headers = bearer(parts)

    found = [
        nobody.post("/api/v1/tokens", json={"name": "x", "scopes": ["read"]}, headers=headers),
        nobody.get("/api/v1/access/sessions", headers=headers),
        nobody.get("/api/v1/access/export", headers=headers),
    ]

    assert [said.status_code for said in found] == [403] * 3


def test_the_log_tells_every_deed_with_its_outcome_and_no_name(
    browser: TestClient, change: Change, parts: Parts
) -> None:
    browser.post("/api/v1/access/login", json={**ANNA, "password": "not the right one"})
    change("POST", "/api/v1/people", {"name": "Anna", "password": "x" * 9, "scopes": []})
    change("POST", "/api/v1/tokens", {"name": "x", "scopes": ["read"]})
    change("POST", "/api/v1/access/ticket")
    browser.post("/api/v1/people", json={}, headers={"x-assay-csrf": "forged"})

    page = browser.get("/api/v1/audit", params={"limit": 100})

    assert whats(parts)[1:] == [
        ("person made", "done"),
        ("login", "done"),
        ("login", "refused"),
        ("call", "422"),
        ("token made", "done"),
        ("call", "201"),
        ("call", "403"),
    ]
    assert page.json()["items"][0]["about"] == "POST /api/v1/people"
    assert "Anna" not in page.text


def test_the_log_comes_in_pages(client: TestClient, parts: Parts) -> None:
    for _ in range(5):
        bearer(parts)

    first = client.get("/api/v1/audit", params={"limit": 4}).json()
    second = client.get("/api/v1/audit", params={"limit": 4, "after": first["next"]}).json()
    forged = [
        client.get("/api/v1/audit", params={"after": mark}).status_code
        for mark in ("OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "eA", "é")
    ]

    assert [deed["no"] for deed in [*first["items"], *second["items"]]] == [6, 5, 4, 3, 2, 1]
    assert second["next"] is None
    assert forged == [422] * 3


def test_a_person_gets_all_that_is_kept_of_them_and_no_hash(
    browser: TestClient, change: Change, parts: Parts
) -> None:
    change("POST", "/api/v1/tokens", {"name": "notebook", "scopes": ["read"]})

    said = browser.get("/api/v1/access/export")

    kept = said.json()
    person = parts.door.people.called("anna")
    assert person is not None
    assert kept["person"]["name"] == "Anna"
    assert [token["name"] for token in kept["tokens"]] == ["notebook"]
    assert kept["sessions"][0]["address"] == "testclient"
    assert {"login", "token made", "call"} <= {deed["what"] for deed in kept["deeds"]}
    assert person.password not in said.text
    assert "$argon2" not in said.text


def test_of_who_erases_themselves_nothing_stays_but_an_id(
    browser: TestClient, change: Change, parts: Parts
) -> None:
    person = parts.door.people.called("anna")
    assert person is not None

    wrong = change("POST", "/api/v1/access/erase", {"password": "not my password"})
    done = change("POST", "/api/v1/access/erase", {"password": ANNA["password"]})

    assert (wrong.status_code, done.status_code) == (403, 204)
    assert browser.get("/api/v1/access/me").status_code == 401
    hers = [deed for deed in parts.door.log.newest(100) if deed.who == person.id]
    assert {"login", "call"} <= {deed.what for deed in hers}
    assert {deed.address for deed in hers} == {None}
    with parts.desk.database.read() as connection:
        for table in ("people", "sessions", "access_tokens"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert not any(person.id in str(row) or "Anna" in str(row) for row in rows)


def test_the_last_who_may_admin_stays_while_others_are_there(
    client: TestClient, browser: TestClient, parts: Parts
) -> None:
    other = client.post(
        "/api/v1/people",
        json={"name": "Otto", "password": "words that are long", "scopes": ["read"]},
    ).json()
    anna = parts.door.people.called("anna")
    assert anna is not None

    last = client.delete(f"/api/v1/people/{anna.id}")
    less = client.put(f"/api/v1/people/{anna.id}/scopes", json={"scopes": ["read"]})
    gone = client.delete(f"/api/v1/people/{other['id']}")
    then = client.delete(f"/api/v1/people/{anna.id}")

    assert [said.status_code for said in (last, less, gone, then)] == [422, 422, 204, 204]
    assert client.get("/api/v1/people").json()["items"] == []


def test_people_are_made_listed_and_named_once(client: TestClient) -> None:
    body = {"name": " Ｏtto  Z ", "password": "words that are long", "scopes": ["read"]}

    made = client.post("/api/v1/people", json=body)
    twice = client.post("/api/v1/people", json={**body, "name": "otto z"})
    unseen = client.post("/api/v1/people", json={**body, "name": "a\u202eb"})
    export = client.get(f"/api/v1/people/{made.json()['id']}/export")

    assert made.status_code == 201
    assert made.json()["name"] == "Otto Z"
    assert (twice.status_code, unseen.status_code) == (422, 422)
    assert [one["name"] for one in client.get("/api/v1/people").json()["items"]] == ["Otto Z"]
    assert export.json()["person"] == made.json()
    assert client.get("/api/v1/people/person-000000000000/export").status_code == 404
