"""Signals over HTTP: pages, one whole, and issuing one."""

import json
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.scope import Scope
from assay.core.values.timeframe import Timeframe
from assay.store.signals import Signals
from assay.store.tables import SIGNALS
from assay.workflows.issue import issue
from tests.api.conftest import bearer

URL = "/api/v1/signals"


def every(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = client.get(URL, params={"limit": 2} | asked | after).json()
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def test_the_pages_hold_every_signal_once_the_one_issued_last_first(
    client: TestClient, parts: Parts
) -> None:
    rows = sorted(Signals(parts.desk.journal).list(), key=lambda row: -(row.entry or 0))

    found = every(client)

    assert [one["id"] for one in found] == [row.id for row in rows]
    for one, row in zip(found, rows, strict=True):
        assert one["price"] == row.payload["entry"]
        assert one["probability"] == pytest.approx(row.payload["probability"], rel=1e-12)
        assert one["reasons"] == list(row.payload["reasons"])
        assert one["in_sample"] is row.payload["in_sample"]


def test_a_signal_issued_between_two_pages_shifts_nothing(client: TestClient, parts: Parts) -> None:
    first = client.get(URL, params={"limit": 2}).json()
    before = every(client)
    issue(parts.desk, "EURUSD", Timeframe.H1)

    second = client.get(URL, params={"limit": 2, "after": first["next"]}).json()

    assert second["items"] == before[2:4]


@pytest.mark.parametrize(
    "asked",
    [{"tier": "LOW"}, {"tier": "HIGH"}, {"decision": "WAIT"}, {"decision": "LONG"},
     {"symbol": "EURUSD", "timeframe": "1h"}, {"timeframe": "4h"}],
)  # fmt: skip
def test_a_filter_leaves_just_what_it_names(client: TestClient, asked: dict[str, str]) -> None:
    whole = every(client)

    found = every(client, **asked)

    assert found == [one for one in whole if all(one[k] == v for k, v in asked.items())]


@pytest.mark.parametrize(
    ("query", "status"),
    [("after=bm9uZQ", 422), ("after=%C3%A9", 422), ("tier=GREAT", 422), ("symbol=NONE", 404),
     ("limit=501", 422), ("symbol=%00", 422), ("timeframe=1w", 422)],
)  # fmt: skip
def test_a_wrong_question_is_the_askers(client: TestClient, query: str, status: int) -> None:
    assert client.get(f"{URL}?{query}").status_code == status


def test_one_signal_is_shown_whole_and_adds_up(client: TestClient, parts: Parts) -> None:
    row = Signals(parts.desk.journal).list()[0]

    found = client.get(f"{URL}/{row.id}").json()

    assert found["id"] == row.id
    assert found["entry"] == row.entry
    parts_sum = sum(member["part"] for member in found["members"])
    base = found["log_odds"] - parts_sum
    assert found["base"] == pytest.approx(1 / (1 + 2.718281828459045 ** (-base)))
    assert found["verdict"]["sealed"] == found["view"]["digest"]
    assert all(reason["sentence"].endswith(".") for reason in found["reasons"])
    assert client.get(f"{URL}/{row.id[:9]}").json()["id"].startswith(row.id[:9])


def test_a_signal_nobody_issued_is_not_found(client: TestClient) -> None:
    found = client.get(f"{URL}/sig-ffffffffffff")

    assert found.status_code == 404
    assert "the newest are" in found.json()["detail"]


def test_a_row_that_was_altered_since_is_a_conflict(client: TestClient, parts: Parts) -> None:
    row = Signals(parts.desk.journal).list()[0]
    with parts.desk.database.write() as connection:
        connection.execute(sa.update(SIGNALS).where(SIGNALS.c.id == row.id).values(conviction=99.0))

    found = client.get(f"{URL}/{row.id}")

    assert found.status_code == 409
    assert "journal" in found.json()["detail"]


def test_asking_twice_issues_one_signal(client: TestClient, parts: Parts) -> None:
    asked = {"symbol": "EURUSD", "timeframe": "1h"}
    before = len(Signals(parts.desk.journal).list())

    first, second = (client.post(URL, json=asked) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert len(Signals(parts.desk.journal).list()) == before + 1


def test_many_who_ask_at_once_get_one_signal_and_one_sealed_view(
    client: TestClient, parts: Parts
) -> None:
    answers: list[str] = []

    def ask() -> None:
        answers.append(issue(parts.desk, "EURUSD", Timeframe.H1).id)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (signal,) = set(answers)
    assert len(answers) == 6
    stages = [entry.stage for entry in parts.desk.journal.entries(signal)]
    assert stages == ["view", "conviction", "verdict", "signal"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"symbol": "EURUDS", "timeframe": "1h"}, 404, "EURUSD"),
        ({"symbol": "XAUUSD", "timeframe": "1h"}, 404, "no bars of XAUUSD 1h"),
        ({"symbol": "EURUSD", "timeframe": "4h"}, 200, ""),
        ({"symbol": "EURUSD"}, 422, "timeframe in the body"),
        ({"symbol": 7, "timeframe": "1h"}, 422, "symbol in the body"),
        ({"symbol": "EURUSD", "timeframe": "1h", "force": True}, 422, "force in the body"),
        ({"symbol": "x" * 65, "timeframe": "1h"}, 422, "symbol in the body"),
        ({"symbol": "\ud800", "timeframe": "1h"}, 422, "symbol in the body"),
        ([], 422, "body"),
    ],
)
def test_issuing_what_cannot_be_says_why(
    client: TestClient, body: object, status: int, said: str
) -> None:
    as_json = {"content-type": "application/json"}
    found = client.post(URL, content=json.dumps(body), headers=as_json)

    assert found.status_code == status
    assert status == 200 or said in found.json()["detail"]


def test_reading_takes_one_right_and_issuing_another(
    client: TestClient, nobody: TestClient, parts: Parts
) -> None:
    reader, researcher = bearer(parts, Scope.READ), bearer(parts, Scope.RESEARCH)
    asked = {"symbol": "EURUSD", "timeframe": "1h"}

    assert nobody.get(URL).status_code == 401
    assert nobody.get(URL, headers=reader).status_code == 200
    assert nobody.post(URL, json=asked, headers=reader).status_code == 403
    assert nobody.get(URL, headers=researcher).status_code == 403
    assert nobody.post(URL, json=asked, headers=researcher).status_code == 200
