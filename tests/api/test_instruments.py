"""Instruments over HTTP: what is stored of them, and whether their markets are open."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.timeframe import Timeframe
from tests.workflows.workspace import HandClock


def test_an_instrument_is_listed_with_its_series_and_its_session(
    client: TestClient, parts: Parts
) -> None:
    info = parts.desk.bars.info("EURUSD", Timeframe.H1)

    found = client.get("/api/v1/instruments").json()

    (one,) = found["items"]
    assert found["next"] is None
    assert (one["symbol"], one["asset_class"]) == ("EURUSD", "fx")
    assert (one["tick"], one["lot"], one["decimals"]) == ("0.00001", "1000", 5)
    assert [series["timeframe"] for series in one["series"]] == ["1h", "4h"]
    assert one["series"][0]["rows"] == info.rows
    assert datetime.fromisoformat(one["series"][0]["last"]) == info.last
    assert one["simulated"] is False


def test_the_session_follows_the_calendar_and_the_clock(client: TestClient, parts: Parts) -> None:
    assert isinstance(parts.desk.clock, HandClock)
    parts.desk.clock.at = datetime(2022, 1, 5, 12, tzinfo=UTC)
    wednesday = client.get("/api/v1/instruments/EURUSD").json()["session"]
    parts.desk.clock.at = datetime(2022, 1, 8, 12, tzinfo=UTC)
    saturday = client.get("/api/v1/instruments/EURUSD").json()["session"]

    assert (wednesday["is_open"], wednesday["next_open"]) == (True, None)
    assert saturday["is_open"] is False
    assert datetime.fromisoformat(saturday["next_open"]) == datetime(2022, 1, 9, 22, tzinfo=UTC)
    assert "weekend" in saturday["sentence"]


def test_outside_the_calendars_years_nobody_knows_whether_it_is_open(
    client: TestClient, parts: Parts
) -> None:
    assert isinstance(parts.desk.clock, HandClock)
    parts.desk.clock.at += timedelta(days=365 * 60)

    session = client.get("/api/v1/instruments/EURUSD").json()["session"]

    assert session["is_open"] is None
    assert "known from" in session["sentence"]


def test_one_that_is_known_and_not_stored_has_no_series(client: TestClient) -> None:
    found = client.get("/api/v1/instruments/XAUUSD").json()

    assert found["series"] == []
    assert found["decimals"] == 2


def test_a_name_nobody_knows_is_not_found_and_the_near_ones_are_named(client: TestClient) -> None:
    found = client.get("/api/v1/instruments/EURUDS")

    assert found.status_code == 404
    assert "EURUSD" in found.json()["detail"]


def test_a_mark_that_was_not_given_out_is_refused(client: TestClient) -> None:
    found = client.get("/api/v1/instruments", params={"after": "bm9uZQ"})

    assert found.status_code == 422
    assert "begin without it" in found.json()["detail"]
