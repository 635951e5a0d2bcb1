"""Trading hours and economic events, in UTC and as the clocks of the place show them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.release import Event, Release
from assay.core.values.timeframe import Timeframe
from tests.api.conftest import served
from tests.factories import make_bars
from tests.workflows.workspace import open_at

SESSIONS = "/api/v1/calendar/sessions"
EVENTS = "/api/v1/calendar/events"
NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
"""What time it is in the workspaces of the tests."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with a currency, a coin, and what is due around its noon."""
    desk = open_at(tmp_path / "home", NOON)
    frame = make_bars(50).frame
    for symbol in ("EURUSD", "BTCUSDT"):
        bars = Bars(instrument(symbol), Timeframe.H1, frame)
        desk.bars.append(bars, source="test", known_at=NOON)
    due, seen = NOON + timedelta(hours=1), NOON - timedelta(days=2)
    desk.agenda.add(
        [
            Event("cpi_yoy_percent", "USD", due, seen, "CPI y/y", "high", 8.3, 8.1),
            Event("pmi_index", "EUR", NOON - timedelta(hours=3), seen, "PMI", "low", 51.0, 50.0),
        ]
    )
    told = NOON - timedelta(hours=3)
    soon = told + timedelta(seconds=5)
    desk.documents.add_releases(
        [
            Release("pmi_index", "EUR", told, soon, 52.0, 51.0),
            Release("pmi_index", "EUR", told, soon + timedelta(hours=1), 52.5, 51.0),
            Release("retail_sales", "GBP", told, soon, 1.2),
        ],
        simulated=False,
    )
    desk.documents.add_releases(
        [Release("pmi_index", "EUR", told, soon, 49.0, 50.0)], simulated=True
    )
    desk.close()
    return tmp_path / "home"


@pytest.fixture
def asked(home: Path) -> Iterator[TestClient]:
    with served(home) as client:
        yield client


def test_open_markets_say_until_when(asked: TestClient) -> None:
    found = asked.get(SESSIONS).json()

    fx = next(one for one in found["markets"] if one["calendar"] == "FX")
    crypto = next(one for one in found["markets"] if one["calendar"] == "CRYPTO")
    assert (fx["is_open"], fx["symbols"], fx["next_open"]) == (True, ["EURUSD"], None)
    assert fx["next_close"] == "2022-01-07T22:00:00Z"
    assert fx["local"] == "2022-01-03T07:00:00-05:00"
    assert (crypto["is_open"], crypto["next_close"]) == (True, None)
    assert (found["start"], found["end"]) == ("2022-01-03T00:00:00Z", "2022-01-04T00:00:00Z")


def test_a_session_has_the_clocks_of_its_place_through_the_change_of_summer_time(
    asked: TestClient,
) -> None:
    before = asked.get(SESSIONS, params={"day": "2022-03-11"}).json()
    after = asked.get(SESSIONS, params={"day": "2022-03-14"}).json()

    opens = [
        next(
            session
            for one in found["markets"]
            if one["calendar"] == "FX"
            for session in one["sessions"]
            if session["day"] == day
        )
        for found, day in ((before, "2022-03-11"), (after, "2022-03-14"))
    ]
    assert [one["opens"][11:] for one in opens] == ["22:00:00Z", "21:00:00Z"]
    assert [one["opens_local"][11:] for one in opens] == ["17:00:00-05:00", "17:00:00-04:00"]


def test_weekends_and_holidays_are_named(asked: TestClient) -> None:
    weekend = asked.get(SESSIONS, params={"at": "2022-01-08T12:00:00Z"}).json()
    holiday = asked.get(SESSIONS, params={"at": "2023-12-25T12:00:00Z"}).json()

    def fx(found: dict[str, list[dict[str, object]]]) -> dict[str, object]:
        return next(one for one in found["markets"] if one["calendar"] == "FX")

    assert fx(weekend)["is_open"] is False
    assert fx(weekend)["next_open"] == "2022-01-09T22:00:00Z"
    assert "weekend" in str(fx(weekend)["sentence"])
    assert (fx(holiday)["is_open"], fx(holiday)["holiday"]) == (False, "Christmas")


def test_the_desks_of_the_centres_follow_their_own_clocks(asked: TestClient) -> None:
    found = asked.get(SESSIONS, params={"day": "2022-07-05"}).json()

    centres = {one["name"]: one for one in found["centres"]}
    assert list(centres) == ["sydney", "tokyo", "london", "new_york"]
    assert centres["london"]["spans"] == [
        {
            "opens": "2022-07-05T07:00:00Z",
            "closes": "2022-07-05T16:00:00Z",
            "opens_local": "2022-07-05T08:00:00+01:00",
            "closes_local": "2022-07-05T17:00:00+01:00",
        }
    ]
    assert [name for name, one in centres.items() if one["is_open"]] == ["london", "new_york"]


@pytest.mark.parametrize("moment", ["1971-01-01T00:00:00Z", "2099-12-31T00:00:00Z"])
def test_a_time_no_calendar_knows_is_said_and_not_guessed(asked: TestClient, moment: str) -> None:
    found = asked.get(SESSIONS, params={"at": moment}).json()

    assert {one["is_open"] for one in found["markets"]} == {None}
    assert all("are known from" in one["sentence"] for one in found["markets"])


@pytest.mark.parametrize(
    "params", [{"day": "0001-01-01"}, {"day": "9999-12-31"}, {"at": "2022-01-03T12:00"}]
)
def test_times_that_are_none_are_refused(asked: TestClient, params: dict[str, str]) -> None:
    assert asked.get(SESSIONS, params=params).status_code == 422


def test_events_are_what_is_known_now_with_the_first_figure(asked: TestClient) -> None:
    found = asked.get(EVENTS).json()["items"]

    told = [(one["currency"], one["title"], one["actual"], one["simulated"]) for one in found]
    assert told == [
        ("EUR", "PMI", 52.0, False),
        ("EUR", "pmi index", 49.0, True),
        ("GBP", "retail sales", 1.2, False),
        ("USD", "CPI y/y", None, False),
    ]
    assert (found[-1]["consensus"], found[-1]["impact"]) == (8.3, "high")
    assert found[2]["consensus"] is None


def test_pages_of_events_hold_each_once(asked: TestClient) -> None:
    whole = asked.get(EVENTS).json()["items"]
    paged = []
    mark = None
    while True:
        found = asked.get(EVENTS, params={"limit": 1} | ({"after": mark} if mark else {})).json()
        paged += found["items"]
        mark = found["next"]
        if mark is None:
            break

    assert paged == whole


def test_events_are_narrowed_by_currency_and_time(asked: TestClient) -> None:
    dollars = asked.get(EVENTS, params={"currency": ["USD"]}).json()["items"]
    late = asked.get(EVENTS, params={"start": "2022-01-03T12:30:00Z"}).json()["items"]
    none = asked.get(EVENTS, params={"end": "2021-01-01T00:00:00Z"}).json()["items"]

    assert [one["currency"] for one in dollars] == ["USD"]
    assert [one["title"] for one in late] == ["CPI y/y"]
    assert none == []


def test_a_mark_of_another_list_is_refused(asked: TestClient) -> None:
    for mark in ("bm9wZQ", "MjAyMi0wMS0wMyB4", "OTk5OS0xMi0zMVQyMzo1OTo1OS0xNDowMCB4", "%00"):
        found = asked.get(f"{EVENTS}?after={mark}")
        assert found.status_code == 422, mark
        assert "after" in found.json()["detail"]
