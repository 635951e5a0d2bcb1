"""Stories are told with both of their times and the score that a signal would give them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.core.instruments import instrument
from assay.core.values.story import Story
from tests.api.conftest import served
from tests.workflows.workspace import open_at

HERE = "/api/v1/news"
NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
TEXTS = (
    "Euro surges as growth beats every forecast of the year",
    "Dollar climbs after strong payrolls surprise the market again",
    "Euro surges as growth beats every forecast of the year",
    "Wheat harvest is late in the north this season",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with four stories: one a copy, one about the whole market."""
    desk = open_at(tmp_path / "home", NOON)
    about = (("EURUSD",), ("EURUSD",), ("EURUSD",), ())
    stories = [
        Story(
            NOON - timedelta(hours=9 - n),
            NOON - timedelta(hours=9 - n, minutes=-2),
            f"Wire {n}",
            text,
            instruments,
        )
        for n, (text, instruments) in enumerate(zip(TEXTS, about, strict=True))
    ]
    desk.documents.add_stories(stories, simulated=False)
    simulated = Story(NOON, NOON, "Ticker", "Euro falls on weak orders from abroad", ("EURUSD",))
    desk.documents.add_stories([simulated], simulated=True)
    desk.close()
    return tmp_path / "home"


@pytest.fixture
def asked(home: Path) -> Iterator[TestClient]:
    with served(home) as client:
        yield client


def test_the_newest_come_first_with_both_times(asked: TestClient) -> None:
    found = asked.get(HERE, params={"symbol": "EURUSD"}).json()["items"]

    assert [one["source"] for one in found] == ["Ticker", "Wire 3", "Wire 2", "Wire 1", "Wire 0"]
    assert [one["simulated"] for one in found] == [True, False, False, False, False]
    assert (found[-1]["event_at"], found[-1]["seen_at"]) == (
        "2022-01-03T03:00:00Z",
        "2022-01-03T03:02:00Z",
    )


def test_scores_are_those_a_signal_reads_and_a_copy_has_none(asked: TestClient, home: Path) -> None:
    found = {
        one["source"]: one for one in asked.get(HERE, params={"symbol": "EURUSD"}).json()["items"]
    }

    frame = open_at(home, NOON).scored_stories(instrument("EURUSD"), simulated=False)
    assert frame is not None
    signal = {row["source"]: row for row in frame.iter_rows(named=True)}
    assert set(signal) == {"Wire 0", "Wire 1"}
    for name, row in signal.items():
        assert (found[name]["score"], found[name]["novelty"]) == (row["score"], row["novelty"])
    assert found["Wire 0"]["score"] > 0 > found["Wire 1"]["score"]
    assert found["Wire 2"]["score"] is None  # a copy
    assert found["Wire 3"]["score"] is None  # names no side of the pair


def test_pages_hold_each_story_once_and_with_the_same_score(asked: TestClient) -> None:
    whole = asked.get(HERE, params={"symbol": "EURUSD"}).json()["items"]
    paged = []
    mark = None
    while True:
        params = {"symbol": "EURUSD", "limit": "2"} | ({"after": mark} if mark else {})
        found = asked.get(HERE, params=params).json()
        paged += found["items"]
        mark = found["next"]
        if mark is None:
            break

    assert paged == whole


def test_an_instrument_without_stories_has_those_of_the_whole_market(asked: TestClient) -> None:
    found = asked.get(HERE, params={"symbol": "USDJPY"}).json()["items"]

    assert [one["source"] for one in found] == ["Wire 3"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("symbol=NOPE", 404), ("", 422), ("symbol=EUR%20USD", 422), ("symbol=EURUSD&after=eA", 422)],
)
def test_what_cannot_be_asked_is_a_sentence(asked: TestClient, query: str, status: int) -> None:
    found = asked.get(f"{HERE}?{query}")

    assert found.status_code == status
    assert found.json()["detail"]
