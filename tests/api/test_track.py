"""The track record over HTTP."""

import csv
import io

import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.workflows.resolving import resolve

TRACK = "/api/v1/track"


@pytest.fixture
def record(client: TestClient, parts: Parts) -> TestClient:
    """Return a client of a service whose signals are resolved."""
    resolve(parts.desk)
    return client


def test_the_record_says_n_interval_and_kind(record: TestClient) -> None:
    found = record.get(TRACK, params={"sample": "all"}).json()

    (group,) = found["groups"]
    assert (found["by"], found["open"]) == ("all", 0)
    assert (group["name"], group["kind"], group["n"], group["simulated"]) == (
        *("all", "replay", 6),
        False,
    )
    assert group["too_few"]
    assert group["hit_rate"]["low"] is None
    assert group["brier"]["loss"]["n"] == group["moved"]
    assert group["n"] == group["moved"] + group["flat"] + group["unknown"]
    assert group["withheld"]["hypothetical"] is True


def test_before_anything_is_resolved_the_record_is_empty(client: TestClient) -> None:
    found = client.get(TRACK).json()

    assert (found["groups"], found["open"]) == ([], 6)


def test_a_record_is_answered_anew_once_something_is_resolved(
    client: TestClient, parts: Parts
) -> None:
    before = client.get(TRACK, params={"sample": "all"}).json()
    resolve(parts.desk)
    after = client.get(TRACK, params={"sample": "all"}).json()

    assert (before["groups"], before["open"]) == ([], 6)
    assert (after["groups"][0]["n"], after["open"]) == (6, 0)


@pytest.mark.parametrize(
    "by", ["all", "member", "tier", "symbol", "timeframe", "series", "decision"]
)
def test_every_grouping_answers(record: TestClient, by: str) -> None:
    answer = record.get(TRACK, params={"by": by, "sample": "all"})

    assert answer.status_code == 200
    assert answer.json()["groups"]


def test_members_have_fans_and_the_pool_has_none(record: TestClient) -> None:
    pool = record.get(TRACK, params={"sample": "all"}).json()["groups"][0]
    asked = {"sample": "all", "by": "member", "member": "ridge"}
    (member, *_) = record.get(TRACK, params=asked).json()["groups"]

    assert {one["happened"]["n"] for one in pool["coverage"]} == {0}
    assert member["name"].startswith("ridge ")
    assert [one["nominal"] for one in member["coverage"]] == [0.5, 0.9]


def test_signals_come_in_pages_with_what_came_of_them(record: TestClient) -> None:
    first = record.get(f"{TRACK}/signals", params={"limit": 4}).json()
    rest = record.get(f"{TRACK}/signals", params={"limit": 4, "after": first["next"]}).json()

    every = [*first["items"], *rest["items"]]
    assert (len(every), len({one["id"] for one in every}), rest["next"]) == (6, 6, None)
    for one in every:
        assert one["horizon"]["outcome"] in ("up", "flat", "down", None)
        assert one["open"] is False
        if one["trade"]:
            assert one["trade"]["hypothetical"] == (one["decision"] == "WAIT")
            assert one["trade"]["net"] < one["trade"]["gross"]


def test_an_open_signal_says_why(client: TestClient) -> None:
    (one, *_) = client.get(f"{TRACK}/signals").json()["items"]

    assert (one["open"], one["horizon"], one["trade"]) == (True, None, None)
    assert one["why_open"] == "ready"
    assert "assay track" in one["why_open_sentence"]


def test_the_table_is_a_file_of_all_of_them(record: TestClient) -> None:
    answer = record.get(f"{TRACK}/signals.csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert len(rows) == 6
    assert {row["symbol"] for row in rows} == {"EURUSD"}


def test_calibration_and_gap_say_that_there_is_too_little(record: TestClient) -> None:
    (bins,) = record.get(f"{TRACK}/calibration", params={"sample": "all"}).json()["items"]
    (gap,) = record.get(f"{TRACK}/gap", params={"sample": "all"}).json()["items"]

    assert (bins["too_few"], bins["bins"], bins["error"]) == (True, [], None)
    assert gap["trial"] is None
    assert gap["problem"] == "no backtest of this series has finished; run assay backtest"


def test_filters_are_heeded(record: TestClient) -> None:
    def count(**asked: str) -> int:
        found = record.get(TRACK, params={"sample": "all", **asked}).json()
        return sum(group["n"] for group in found["groups"])

    assert count(symbol="EURUSD", timeframe="1h") == 6
    assert count(symbol="GBPUSD") == count(timeframe="1d") == count(kind="live") == 0
    assert count(decision="WAIT") + count(decision="LONG") + count(decision="SHORT") == 6
    assert count(**{"from": "2030-01-01T00:00:00Z"}) == count(to="2001-01-01T00:00:00Z") == 0


@pytest.mark.parametrize(
    "query",
    [
        "by=colour",
        "kind=dead",
        "timeframe=7h",
        "from=yesterday",
        "from=2022-02-02T00:00:00Z&to=2022-01-01T00:00:00Z",
        "symbol=%00",
    ],
)
def test_what_makes_no_sense_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"{TRACK}?{query}")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_mark_of_no_page_is_refused(client: TestClient) -> None:
    assert client.get(f"{TRACK}/signals", params={"after": "nonsense"}).status_code == 422
