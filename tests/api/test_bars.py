"""Bars over HTTP: columns, pages, gaps, flags, and what was known when."""

import time
from datetime import datetime, timedelta

import polars as pl
import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from tests.workflows.workspace import HandClock, open_at

URL = "/api/v1/bars/EURUSD/1h"


def stored(parts: Parts) -> Bars:
    return parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1)


def later(parts: Parts, **span: float) -> datetime:
    assert isinstance(parts.desk.clock, HandClock)
    parts.desk.clock.at = max(
        parts.desk.clock.at, parts.desk.bars.info("EURUSD", Timeframe.H1).known_at
    ) + timedelta(**span)
    return parts.desk.clock.at


def test_the_newest_bars_come_as_columns_equal_to_the_stored_ones(
    client: TestClient, parts: Parts
) -> None:
    frame = stored(parts).frame.tail(500)

    found = client.get(URL).json()

    assert found["time"] == frame["time"].dt.epoch("s").to_list()
    for name in ("open", "high", "low", "close", "volume"):
        assert found[name] == frame[name].to_list()
    assert (found["decimals"], found["simulated"], found["as_of"]) == (5, False, None)


def test_pages_backwards_give_every_bar_once(client: TestClient, parts: Parts) -> None:
    whole = stored(parts).frame["time"].dt.epoch("s").to_list()
    seen: list[int] = []
    end: str | None = None
    while True:
        found = client.get(URL, params={"limit": 2_500} | ({"end": end} if end else {})).json()
        seen = found["time"] + seen
        end = found["earlier"]
        if end is None:
            break

    assert seen == whole


def test_a_stretch_holds_its_ends(client: TestClient, parts: Parts) -> None:
    times = stored(parts).frame["time"]
    start, end = times[100], times[140]

    found = client.get(URL, params={"start": start.isoformat(), "end": end.isoformat()}).json()

    assert found["time"] == times[100:141].dt.epoch("s").to_list()
    assert found["earlier"] is None


def test_a_missing_bar_is_a_gap_and_no_row(client: TestClient, parts: Parts) -> None:
    bars = stored(parts)
    gone = bars.frame["time"][-20]
    one = Bars(bars.instrument, bars.timeframe, bars.frame.tail(1))
    parts.desk.bars.correct(one, reason="a test", known_at=later(parts, hours=1), without=[gone])

    found = client.get(URL, params={"limit": 40}).json()

    assert int(gone.timestamp()) not in found["time"]
    assert gone.isoformat().replace("+00:00", "Z") in [gap["first"] for gap in found["gaps"]]


def test_a_spike_is_flagged_where_it_is(client: TestClient, parts: Parts) -> None:
    bars = stored(parts)
    at = bars.frame["time"][-30]
    jumped = bars.frame.filter(pl.col("time") == at).with_columns(
        pl.col(name) * 1.2 for name in ("open", "high", "low", "close")
    )
    parts.desk.bars.correct(
        Bars(bars.instrument, bars.timeframe, jumped),
        reason="a test",
        known_at=later(parts, hours=1),
    )

    found = client.get(URL, params={"limit": 60}).json()

    (spike,) = [flaw for flaw in found["flaws"] if flaw["code"] == "spike"]
    assert spike["severity"] == "misleading"
    assert datetime.fromisoformat(spike["first"]) <= at <= datetime.fromisoformat(spike["last"])
    assert client.get(URL, params={"limit": 20}).json()["flaws"] == []


def test_as_of_undoes_a_correction(client: TestClient, parts: Parts) -> None:
    bars = stored(parts)
    before = later(parts, minutes=1)
    first = bars.frame.tail(1).with_columns(pl.col("high") * 1.001)
    parts.desk.bars.correct(
        Bars(bars.instrument, bars.timeframe, first),
        reason="a test",
        known_at=later(parts, hours=1),
    )

    now = client.get(URL, params={"limit": 1}).json()
    then = client.get(URL, params={"limit": 1, "as_of": before.isoformat()}).json()

    assert then["high"] == bars.frame["high"].tail(1).to_list()
    assert now["high"] == first["high"].to_list()
    assert datetime.fromisoformat(then["as_of"]) == before


def test_a_new_bar_is_there_at_once(client: TestClient, parts: Parts) -> None:
    before = client.get(URL, params={"limit": 1}).json()["time"]
    bars = stored(parts)
    row = bars.frame.tail(1).with_columns(pl.col("time") + timedelta(hours=1))
    parts.desk.bars.append(
        Bars(bars.instrument, bars.timeframe, row), source="test", known_at=later(parts, hours=3)
    )

    after = client.get(URL, params={"limit": 1}).json()["time"]

    assert after == [before[0] + 3600]


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("/api/v1/bars/EURUSD/5m", 404, "stored are EURUSD"),
        ("/api/v1/bars/EURUDS/1h", 404, "EURUSD"),
        ("/api/v1/bars/EURUSD/2h", 422, "timeframe in the path"),
        (f"{URL}?limit=0", 422, "limit in the query"),
        (f"{URL}?limit=20001", 422, "limit in the query"),
        (f"{URL}?start=yesterday", 422, "start in the query"),
        (f"{URL}?start=2022-01-01T00:00:00", 422, "start in the query"),
        (f"{URL}?start=0001-01-01T00:00:00Z", 422, "between 1970-01-01 and 2100-01-01"),
        (f"{URL}?as_of=9999-12-31T23:59:59Z", 422, "between 1970-01-01 and 2100-01-01"),
        (f"{URL}?end=1970-01-02T00:00:00Z", 404, "No bar of EURUSD 1h closed in that stretch"),
        (f"{URL}?start=2099-01-02T00:00:00Z", 404, "No bar of EURUSD 1h closed in that stretch"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_sentence(
    client: TestClient, url: str, status: int, said: str
) -> None:
    found = client.get(url)

    assert found.status_code == status
    assert said in found.json()["detail"]


def test_who_has_the_bars_already_is_sent_nothing(client: TestClient) -> None:
    tag = client.get(URL).headers["etag"]

    assert client.get(URL, headers={"if-none-match": tag}).status_code == 304


def test_what_another_process_stored_is_seen_soon(client: TestClient, parts: Parts) -> None:
    before = client.get("/api/v1/instruments/EURUSD").json()["series"][0]["rows"]
    other = open_at(parts.desk.home, later(parts, hours=3))
    row = stored(parts).frame.tail(1).with_columns(pl.col("time") + timedelta(hours=1))
    other.bars.append(
        Bars(other.instrument("EURUSD"), Timeframe.H1, row),
        source="test",
        known_at=other.clock.now(),
    )
    time.sleep(0.3)

    assert client.get("/api/v1/instruments/EURUSD").json()["series"][0]["rows"] == before + 1
