"""Jobs over the API: asked for, listed, watched, cancelled, begun again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.service import make
from assay.core.values.scope import Scope
from assay.store.job_rows import JobRow, Loss
from assay.store.jobs import Jobs
from assay.store.leases import Leases
from assay.workflows.jobs.beside import assay_command
from assay.workflows.jobs.catalog import leases
from assay.workflows.jobs.office import Office
from tests.api.conftest import ADDRESS, bearer, parts_over
from tests.workflows.jobs.conftest import PATIENCE_SECONDS

BACKTEST = {"kind": "backtest", "arguments": {"symbols": ["EURUSD"], "folds": 2}}


def claimed(parts: Parts) -> JobRow:
    row = Leases(parts.desk.database).claim("worker", parts.desk.clock.now(), leases())
    assert row is not None
    return row


def test_a_job_is_accepted_and_is_where_its_location_says(client: TestClient) -> None:
    found = client.post("/api/v1/jobs", json=BACKTEST)

    assert found.status_code == 202
    assert found.headers["location"] == f"/api/v1/jobs/{found.json()['id']}"
    assert (found.json()["state"], found.json()["is_new"]) == ("queued", True)
    looked = client.get(found.headers["location"]).json()
    assert looked["arguments"] == BACKTEST["arguments"]
    assert looked["asked_by"].startswith("token-")
    assert (looked["result"], looked["lines"], looked["losses"]) == (None, [], [])


def test_asked_for_twice_it_is_one_job(client: TestClient) -> None:
    first, second = (client.post("/api/v1/jobs", json=BACKTEST).json() for _ in range(2))
    keyed = [
        client.post("/api/v1/jobs", json={"kind": "backup", "key": "mine"}).json() for _ in range(2)
    ]

    assert (second["id"], second["is_new"]) == (first["id"], False)
    assert [one["is_new"] for one in keyed] == [True, False]
    assert len(client.get("/api/v1/jobs").json()["items"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"kind": "nap"}, 404, "No job is called 'nap'"),
        ({"kind": "backup", "arguments": {"kep": 1}}, 422, "did you mean keep"),
        ({"kind": "backup", "arguments": {"keep": 0}}, 422, "keep must be 1 or more"),
        ({"kind": "backup", "arguments": {"keep": "x"}}, 422, "takes no keep like 'x'"),
        ({"kind": "experiment"}, 422, "needs its text in YAML"),
        ({"kind": "backup", "more": 1}, 422, "more in the body"),
        ({"kind": "backup", "key": ""}, 422, "key in the body"),
        ({"arguments": {}}, 422, "kind in the body"),
        ({"kind": "retrain", "arguments": {"every_days": 10**12}}, 422, "between 1 and 36,500"),
        ({"kind": "predict", "arguments": {"at": "noon"}}, 422, "at must be a time"),
        ({"kind": "predict", "arguments": {"at": "2026-01-01T00:00"}}, 422, "has no time zone"),
        (
            {"kind": "predict", "arguments": {"market": "XXXX", "at": "2026-01-01T00:00Z"}},
            404,
            "XXXX",
        ),
    ],
)
def test_a_wrong_question_is_one_sentence_and_no_job(
    client: TestClient, body: dict[str, object], status: int, said: str
) -> None:
    found = client.post("/api/v1/jobs", json=body)

    assert found.status_code == status, found.json()
    assert said in found.json()["detail"]
    assert client.get("/api/v1/jobs").json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind": "train", "arguments": {"symbols": ["\\ud800"]}}',
        b'{"kind": "train", "arguments": {"symbols": ["\\u0000"]}}',
        b'{"kind": "backup", "arguments": {"keep": NaN}}',
        b'{"kind": "\\u0000"}',
        b'{"kind": "backup", "key": "\\u0000"}',
    ],
)
def test_letters_that_are_none_are_refused_or_kept_never_a_bug(
    client: TestClient, body: bytes
) -> None:
    found = client.post("/api/v1/jobs", content=body, headers={"content-type": "application/json"})

    assert found.status_code in (202, 404, 422), found.text
    assert client.get("/api/v1/jobs").status_code == 200


def test_what_it_says_and_how_its_trainings_go_is_shown(client: TestClient, parts: Parts) -> None:
    asked = client.post("/api/v1/jobs", json={"kind": "train"}).json()
    now = parts.desk.clock.now()
    Leases(parts.desk.database).report(
        claimed(parts).lease,
        now,
        progress={"what": "gru 1h", "done": 3, "total": 40, "seconds_left": 9.5, "epoch": 1},
        lines=["left out: GBPUSD"],
        losses=[Loss("gru 1h", 1, 40, 0.7, None), Loss("gru 1h", 2, 40, 0.6, 0.65)],
    )

    found = client.get(f"/api/v1/jobs/{asked['id']}").json()

    assert found["state"] == "running"
    assert found["progress"]["seconds_left"] == 9.5
    assert [line["text"] for line in found["lines"]] == ["left out: GBPUSD"]
    assert [(one["epoch"], one["held_loss"]) for one in found["losses"]] == [(1, None), (2, 0.65)]


def test_one_that_waits_is_cancelled_and_begun_again(client: TestClient) -> None:
    place = client.post("/api/v1/jobs", json=BACKTEST).headers["location"]

    early = client.post(f"{place}/retry")
    cancelled = client.post(f"{place}/cancel")
    again = client.post(f"{place}/retry")

    assert early.status_code == 422
    assert "only one that failed or was cancelled" in early.json()["detail"]
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert (again.status_code, again.json()["state"]) == (202, "queued")


def test_one_that_runs_is_asked_to_stop(client: TestClient, parts: Parts) -> None:
    place = client.post("/api/v1/jobs", json=BACKTEST).headers["location"]
    claimed(parts)

    found = client.post(f"{place}/cancel").json()

    assert (found["state"], found["cancel_asked"]) == ("running", True)


def test_they_are_listed_in_pages_by_state_and_kind(client: TestClient, parts: Parts) -> None:
    jobs = Jobs(parts.desk.database)
    for number in range(5):
        jobs.add("backup", {}, f"{number}", asked_by="a", at=parts.desk.clock.now())
    jobs.add("sync", {}, "sync", asked_by="a", at=parts.desk.clock.now())

    first = client.get("/api/v1/jobs", params={"kind": "backup", "limit": 3}).json()
    rest = client.get(
        "/api/v1/jobs", params={"kind": "backup", "limit": 3, "after": first["next"]}
    ).json()
    failed = client.get("/api/v1/jobs", params={"state": "failed"}).json()

    ids = [one["id"] for one in (*first["items"], *rest["items"])]
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)
    assert len(set(ids)) == 5
    assert failed == {"items": [], "next": None}
    assert client.get("/api/v1/jobs", params={"state": "asleep"}).status_code == 422
    assert client.get("/api/v1/jobs", params={"after": "am9iLXp6"}).status_code == 404
    assert client.get("/api/v1/jobs/job-zz").status_code == 404


def test_the_kinds_teach_their_arguments(client: TestClient) -> None:
    found = {one["name"]: one for one in client.get("/api/v1/jobs/kinds").json()}

    assert {"sync", "predict", "resolve", "retrain", "drift", "backup"} <= set(found)
    folds = next(one for one in found["backtest"]["arguments"] if one["name"] == "folds")
    assert (folds["type"], folds["default"]) == ("number", 4)
    assert (found["backtest"]["weight"], found["backtest"]["when"]) == ("heavy", None)
    assert found["predict"]["when"] == "bar close"


def test_what_is_due_next_is_told(client: TestClient) -> None:
    found = {one["kind"]: one for one in client.get("/api/v1/schedule").json()["items"]}

    assert found["backup"]["at"].endswith("T03:15:00Z")
    assert found["predict"]["at"] is None or found["predict"]["when"] == "bar close"
    assert "sync" not in found, "no feed is configured"


@pytest.mark.parametrize("path", ["", "/job-1/cancel", "/job-1/retry"])
def test_to_read_is_not_to_start(client: TestClient, parts: Parts, path: str) -> None:
    reader = TestClient(client.app, base_url=ADDRESS, headers=bearer(parts, Scope.READ))

    found = reader.post(f"/api/v1/jobs{path}", json=BACKTEST)

    assert found.status_code == 403
    assert reader.get("/api/v1/jobs").status_code == 200


@pytest.fixture
def working(own: Path) -> Iterator[TestClient]:
    """Yield a client of a service that does its jobs itself."""
    parts = parts_over(own)
    parts.working = Office(parts.desk, command=assay_command(own))
    with TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts)) as found:
        yield found
    parts.desk.close()


def test_a_service_does_what_it_is_asked(working: TestClient) -> None:
    import time

    place = working.post("/api/v1/jobs", json={"kind": "resolve"}).headers["location"]

    give_up = time.monotonic() + PATIENCE_SECONDS
    while (found := working.get(place).json())["state"] in ("queued", "running"):
        assert time.monotonic() < give_up
        time.sleep(0.05)

    assert found["state"] == "done", found["error"]
    assert "written down" in found["outcome"]
    assert found["result"]["horizons"] > 0
