"""What the drift monitors said last is told at once, from when it is; asking them is apart."""

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.core.values.bars import Bars
from assay.core.values.scope import Scope
from assay.core.values.timeframe import Timeframe
from assay.workflows.monitoring import monitor
from assay.workflows.monitors_kept import FOLDER
from tests.api.conftest import ADDRESS, asking, bearer, parts_over
from tests.workflows.workspace import ROWS, open_at, trending_bars

HERE = "/api/v1/monitors"
ASKED = {"symbol": "EURUSD", "timeframe": "1h"}


def test_nothing_is_said_before_anybody_asked(client: TestClient) -> None:
    found = client.get(HERE).json()

    assert (found["items"], found["unread"]) == ([], ["EURUSD 1h", "EURUSD 4h"])


def test_what_they_say_is_what_the_monitors_read_and_is_kept(client: TestClient, own: Path) -> None:
    asked = client.post(HERE, json=ASKED).json()
    kept = client.get(HERE).json()

    [read] = monitor(open_at(own), ["EURUSD"], [Timeframe.H1])["series"]
    [one] = asked["items"]
    assert asked["items"] == kept["items"]
    assert kept["unread"] == ["EURUSD 4h"]
    assert [one[n] for n in ("fusion", "outcomes", "verdict", "sentence")] == [
        read[n] for n in ("fusion", "outcomes", "verdict", "sentence")
    ]
    assert [r["now"] for r in one["readings"]] == [r["now"] for r in read["readings"]]
    assert len(one["readings"]) > 0
    assert (one["at"], one["current"], one["simulated"]) == ("2022-01-03T12:00:00Z", True, False)


def test_new_bars_make_it_an_older_one(client: TestClient, own: Path) -> None:
    client.post(HERE, json=ASKED)
    bars = trending_bars(ROWS + 5)
    desk = open_at(own, bars.last_time + timedelta(hours=1))
    more = bars.frame.tail(5)
    desk.bars.append(
        Bars(bars.instrument, Timeframe.H1, more), source="test", known_at=desk.clock.now()
    )
    desk.close()

    [one] = client.get(HERE).json()["items"]

    assert one["current"] is False


def test_a_damaged_answer_is_one_that_was_never_given(client: TestClient, own: Path) -> None:
    client.post(HERE, json=ASKED)
    for file in (own / "reports" / FOLDER).iterdir():
        file.write_bytes(b"{")

    assert client.get(HERE).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"symbol": "NOPE", "timeframe": "1h"}, 404),
        ({"symbol": "EURUSD", "timeframe": "2h"}, 422),
        ({"symbol": "EURUSD"}, 422),
        ({"symbol": "EUR USD", "timeframe": "1h"}, 422),
        (ASKED | {"all": True}, 422),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(
    client: TestClient, body: dict[str, object], status: int
) -> None:
    found = client.post(HERE, json=body)

    assert found.status_code == status
    assert found.json()["detail"]


def test_asking_needs_the_right_to_research(own: Path) -> None:
    parts = parts_over(own)
    reader = TestClient(asking(parts).app, base_url=ADDRESS, headers=bearer(parts, Scope.READ))

    assert reader.get(HERE).status_code == 200
    assert reader.post(HERE, json=ASKED).status_code == 403
    parts.desk.close()
