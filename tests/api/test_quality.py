"""The quality of stored series is told at once, from when it is, and never computed twice."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from assay.core.instruments import instrument
from assay.core.secret import Secret
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.workflows.check import check_series
from assay.workflows.quality import quality_of
from tests.api.conftest import asking, parts_over, served
from tests.sources.test_quality import put, walk
from tests.workflows.workspace import open_at

HERE = "/api/v1/quality"
NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """Return two years of bars with two gaps and a spike."""
    whole = walk()
    whole = put(whole, 5_000, high=whole["high"][5_000] * 1.2)
    row = pl.int_range(pl.len())
    return whole.filter(~row.is_between(3_000, 3_047) & (row != 4_000))


@pytest.fixture
def home(tmp_path: Path, frame: pl.DataFrame) -> Path:
    desk = open_at(tmp_path / "home", NOW)
    bars = Bars(instrument("EURUSD"), Timeframe.H1, frame.head(frame.height - 1))
    desk.bars.append(bars, source="simulated:7", known_at=NOW, simulated=True)
    desk.close()
    return tmp_path / "home"


@pytest.fixture
def asked(home: Path) -> Iterator[TestClient]:
    with served(home) as client:
        yield client


def whole(client: TestClient, path: str = HERE) -> Any:
    """Return the answer once nobody looks any more."""
    for _ in range(200):
        found = client.get(path).json()
        if not found["looking"]:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{path} was never looked at")


def test_each_series_is_told_as_a_look_at_it_finds(asked: TestClient, home: Path) -> None:
    found = whole(asked)

    desk = open_at(home)
    quality = quality_of(desk, desk.bars.info("EURUSD", Timeframe.H1))
    [one] = found["items"]
    assert [one[n] for n in ("coverage", "score", "flagged", "expected")] == [
        quality.coverage,
        quality.score,
        quality.flagged,
        quality.expected,
    ]
    assert one["flags"] == [{"code": "spike", "severity": "misleading", "times": 1, "bars": 1}]
    assert (one["gaps"], one["longest_gap"]["bars"]) == (2, 48)
    assert (one["simulated"], one["current"], one["bars_behind"]) == (True, True, None)
    assert found["unseen"] == found["problems"] == []


def test_months_make_a_matrix_that_adds_up(asked: TestClient) -> None:
    series = whole(asked)["items"][0]
    found = whole(asked, f"{HERE}/months")

    [row] = found["rows"]
    assert len(found["months"]) == len(row["expected"]) == 24
    for name in ("expected", "flagged"):
        assert sum(row[name]) == series[name]
    assert sum(row["there"]) == round(series["coverage"] * series["expected"])


def test_new_bars_make_what_is_known_an_older_one_until_it_is_looked_at_again(
    home: Path, frame: pl.DataFrame
) -> None:
    parts = parts_over(home)
    first = parts.desk.quality.overview(patience=20.0)
    bars = Bars(instrument("EURUSD"), Timeframe.H1, frame)
    parts.desk.bars.append(bars, source="simulated:7", known_at=NOW, simulated=True)

    soon = parts.desk.quality.overview()
    parts.desk.clock.at = datetime(2022, 1, 3, 12, 5, tzinfo=UTC)  # type: ignore[attr-defined]  # a clock that tests move
    while (later := parts.desk.quality.overview()).looking:
        time.sleep(0.05)

    assert first.kept[0].current
    assert (soon.kept[0].current, soon.kept[0].quality.info.rows) == (False, frame.height - 1)
    assert (later.kept[0].current, later.kept[0].quality.info.rows) == (True, frame.height)
    assert later.kept[0].looked_at > first.kept[0].looked_at
    parts.desk.close()


def test_one_series_is_held_against_its_calendar_once_a_version(
    asked: TestClient, home: Path
) -> None:
    look = whole(asked, f"{HERE}/EURUSD/1h")
    again = asked.get(f"{HERE}/EURUSD/1h").json()
    gaps = asked.get(f"{HERE}/EURUSD/1h/gaps", params={"limit": 1}).json()

    check = check_series(open_at(home), "EURUSD", Timeframe.H1)
    found = look["found"]
    assert look == again
    assert (look["current"], look["simulated"], look["problem"]) == (True, True, None)
    assert (found["missing"], found["score"]) == (check.missing, check.score)
    assert sum(found["days"]["expected"]) == check.expected
    assert [one["bars"] for one in found["longest_gaps"]] == [48, 1]
    assert [one["code"] for one in found["flaws"]] == ["spike"]
    assert gaps["items"][0]["bars"] == 1
    assert gaps["next"] is not None
    assert gaps["looked_at"] == look["looked_at"]


def test_a_damaged_series_is_named_and_hides_no_other(home: Path, frame: pl.DataFrame) -> None:
    desk = open_at(home, NOW)
    for symbol in ("GBPUSD", "USDCHF"):
        bars = Bars(instrument(symbol), Timeframe.H1, frame)
        desk.bars.append(bars, source="a", known_at=NOW)
    desk.close()
    for file in (home / "bars/symbol=GBPUSD").rglob("*.parquet"):
        file.write_bytes(b"nothing")

    with served(home) as client:
        found = whole(client)
        broken = whole(client, f"{HERE}/GBPUSD/1h")

    assert broken["found"] is None
    assert "GBPUSD" in broken["problem"]
    assert [one["symbol"] for one in found["items"]] == ["EURUSD", "USDCHF"]
    assert any("GBPUSD" in problem for problem in found["problems"])


@pytest.mark.parametrize(
    ("path", "status"),
    [("NOPE/1h", 404), ("EURUSD/4h", 404), ("EURUSD/2h", 422), ("EUR%00/1h", 422)],
)
def test_what_is_not_stored_is_a_sentence(asked: TestClient, path: str, status: int) -> None:
    found = asked.get(f"{HERE}/{path}")

    assert found.status_code == status
    assert found.json()["detail"]


def test_nothing_stored_is_an_empty_list(tmp_path: Path) -> None:
    with served(tmp_path / "none") as client:
        found = client.get(HERE).json()
        months = client.get(f"{HERE}/months").json()

    assert (found["items"], found["looking"]) == ([], False)
    assert (months["months"], months["rows"]) == ([], [])


def test_sources_say_whether_a_key_is_there_and_never_which(home: Path) -> None:
    canary = "kY7-canary-of-a-key"
    parts = parts_over(home)
    parts.desk.secret = lambda name: Secret(canary) if name == "ASSAY_FRED_KEY" else None

    answer = asking(parts).get("/api/v1/sources", params={"limit": 500})

    found = {(one["gives"], one["name"]): one for one in answer.json()["items"]}
    assert found["figures", "fred"]["key"] == "present"
    assert found["bars", "alpaca"]["key"] == "missing"
    assert found["bars", "alpaca"]["limits"][0]["calls"] > 0
    assert canary not in answer.text
    parts.desk.close()
