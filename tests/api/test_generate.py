"""The stable endpoints: what they promise, how long an answer holds, and Redis coming and going."""

import contextlib
import math
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import redis
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving
from assay.core.errors import NotFoundError, StoreError
from assay.core.ids import plain
from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.scope import Scope
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.store.answering import MemoryAnswers
from assay.store.signals import Signals
from assay.workflows.aliases import aliased
from assay.workflows.answering import LONGEST, Answers, expiry
from assay.workflows.issue import issue
from tests.api.conftest import ADDRESS, bearer, parts_over
from tests.workflows.workspace import HandClock

URL = "/api/signals/generate"
EURUSD = {"ticker": "EURUSD"}
REDIS = os.environ.get("ASSAY_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
NOBODY = "redis://127.0.0.1:1/0"
"""Where nobody listens."""


@pytest.fixture
def redis_url() -> str:
    """Return the URL of a Redis, or skip with the reason."""
    try:
        redis.Redis.from_url(REDIS).ping()
    except redis.RedisError as error:
        reason = f"Redis is not there ({error})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return REDIS


def served(home: Path, redis_url: str | None) -> TestClient:
    parts = parts_over(home, Serving(redis_url=redis_url))
    return TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts))


@pytest.fixture
def two(own: Path, redis_url: str) -> Iterator[tuple[TestClient, TestClient]]:
    """Yield clients of two services over one workspace that share one Redis."""
    one, other = served(own, redis_url), served(own, redis_url)
    yield one, other
    one.post("/api/signals/cache/clear")


def clock_of(parts: Parts) -> HandClock:
    assert isinstance(parts.desk.clock, HandClock)
    return parts.desk.clock


def result(client: TestClient, asked: dict[str, str] = EURUSD) -> dict[str, Any]:
    found = client.post(URL, json=asked)
    assert found.status_code == 200, found.text
    assert found.json()["success"] is True
    said: dict[str, Any] = found.json()["result"]
    return said


def test_it_says_what_was_promised_in_the_promised_words(client: TestClient, parts: Parts) -> None:
    said = result(client)

    row = Signals(parts.desk.journal).list()[0]
    assert said["ticker"] == "EURUSD"
    assert said["signal_id"] == row.id
    sides = {"LONG": "BUY", "SHORT": "SELL", "WAIT": "HOLD"}
    assert said["trading_signal"] == {
        "signal": sides[row.decision],
        "confidence": row.payload["conviction"] / 100,
    }
    assert set(said["interpretability"]) >= {"attention_weights", "feature_importances"}
    assert (said["timeframe"], said["cached"], said["degraded"]) == ("1h", False, None)


def test_what_is_absent_is_null_and_named_with_its_reason(client: TestClient) -> None:
    said = result(client)

    reasons = {one["name"]: one["reason"] for one in said["absent"]}
    assert said["tft_prediction"] is None
    assert "no member called tft is trained for EURUSD 1h" in reasons["tft_prediction"]
    assert said["aggregated_sentiment"] is None
    assert "no story about EURUSD" in reasons["aggregated_sentiment"]
    assert said["interpretability"]["attention_weights"] is None
    assert "interpretability.attention_weights" in reasons


def test_a_tft_that_spoke_is_shown_in_returns(parts: Parts) -> None:
    row = issue(parts.desk, "EURUSD", Timeframe.H1)
    said = plain(row.payload)
    ridge = next(m for m in said["members"] if (m["member"], m["timeframe"]) == ("ridge", "1h"))
    tft = ridge | {"member": "tft"}
    with_tft = Signals(parts.desk.journal).list()[0]
    object.__setattr__(with_tft, "payload", said | {"members": [*said["members"], tft]})

    told = aliased(parts.desk, with_tft)["tft_prediction"]

    returns = {p: math.expm1(q * ridge["volatility"]) for p, q in ridge["quantiles"].items()}
    assert told["predicted_return"] == returns["0.5"]
    assert told["confidence_interval"] == {
        "lower": returns["0.05"],
        "upper": returns["0.95"],
        "level": 0.9,
    }


def test_stories_are_told_of_with_how_many(client: TestClient, parts: Parts) -> None:
    as_of = parts.desk.bars.info("EURUSD", Timeframe.H1).last
    tell(parts, as_of, "Euro rallies as growth beats forecasts", "Euro gains on strong exports")

    said = result(client)["aggregated_sentiment"]

    assert said["stories"] == 2
    assert said["sentiment"] == "positive"
    assert 0.1 < said["score"] <= 1
    assert said["confidence"] == 1.0


def tell(parts: Parts, as_of: datetime, *texts: str) -> None:
    at = as_of - timedelta(hours=3)
    stories = [
        Story(at + timedelta(minutes=n), at + timedelta(minutes=n), "wire", text, ("EURUSD",))
        for n, text in enumerate(texts)
    ]
    parts.desk.documents.add_stories(stories, simulated=False)


def test_the_same_question_again_is_answered_from_the_cache(client: TestClient) -> None:
    first, second = result(client), result(client)

    assert (first["cached"], second["cached"]) == (False, True)
    assert {**second, "cached": False} == first
    stats = client.get("/api/signals/cache/stats").json()
    assert stats == {
        "place": "memory", "entries": 1, "hits": 1, "computed": 1, "shared": 0, "degraded": None,
    }  # fmt: skip
    assert 'assay_cached_answers_total{found="hit"} 1.0' in client.get("/metrics").text


def test_clearing_forgets_and_the_signal_stays(client: TestClient) -> None:
    first = result(client)

    cleared = client.post("/api/signals/cache/clear").json()
    second = result(client)

    assert cleared == {"success": True, "cleared": 1, "degraded": None}
    assert second["cached"] is False
    assert second["signal_id"] == first["signal_id"]


def test_an_answer_holds_five_minutes_at_most(client: TestClient, parts: Parts) -> None:
    clock = clock_of(parts)
    clock.at = datetime(2022, 1, 5, 12, 20, tzinfo=UTC)
    first = result(client)
    clock.at += LONGEST - timedelta(seconds=1)
    inside = result(client)
    clock.at += timedelta(seconds=1)
    after = result(client)

    assert datetime.fromisoformat(first["expires_at"]) == clock.at
    assert (inside["cached"], after["cached"]) == (True, False)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2022-01-05T12:20:00", "2022-01-05T12:25:00"),
        ("2022-01-05T12:57:00", "2022-01-05T13:00:00"),
        ("2022-01-05T13:00:00", "2022-01-05T13:05:00"),
        ("2022-01-08T11:58:00", "2022-01-08T12:03:00"),
    ],
)
def test_it_ends_with_the_next_close_by_the_calendar(now: str, until: str) -> None:
    at, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, until))

    assert expiry(instrument("EURUSD"), Timeframe.H1, at) == end


def test_a_new_bar_ends_it(client: TestClient, parts: Parts) -> None:
    first = result(client)
    bars = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1)
    row = bars.frame.tail(1).with_columns(pl.col("time") + timedelta(hours=1))
    known = max(parts.desk.clock.now(), row["time"][0], parts.desk.bars.info(
        "EURUSD", Timeframe.H1).known_at)  # fmt: skip
    parts.desk.bars.append(
        Bars(bars.instrument, bars.timeframe, row), source="test", known_at=known
    )

    second = result(client)

    assert second["cached"] is False
    assert second["as_of"] > first["as_of"]
    assert second["signal_id"] != first["signal_id"]


def test_a_named_timeframe_is_another_answer(client: TestClient) -> None:
    hour, four = result(client), result(client, EURUSD | {"timeframe": "4h"})

    assert (hour["timeframe"], four["timeframe"]) == ("1h", "4h")
    assert four["cached"] is False


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"ticker": "EURUDS"}, 404, "EURUSD"),
        ({"ticker": "XAUUSD"}, 404, "no bars of XAUUSD"),
        ({"ticker": "EURUSD", "timeframe": "2h"}, 422, "timeframe in the body"),
        ({"ticker": "EURUSD", "timeframe": "5m"}, 404, "EURUSD 5m"),
        ({"ticker": ""}, 422, "ticker in the body"),
        ({"ticker": None}, 422, "ticker in the body"),
        ({}, 422, "ticker in the body"),
    ],
)
def test_what_cannot_be_answered_says_why(
    client: TestClient, body: object, status: int, said: str
) -> None:
    found = client.post(URL, json=body)

    assert found.status_code == status
    assert said in found.json()["detail"]


def test_a_ticker_without_trained_models_says_what_to_run(client: TestClient, parts: Parts) -> None:
    frame = parts.desk.bars.read(parts.desk.instrument("EURUSD"), Timeframe.H1).frame
    parts.desk.bars.append(
        Bars(parts.desk.instrument("GBPUSD"), Timeframe.H1, frame),
        source="test",
        known_at=max(parts.desk.clock.now(), frame["time"][-1]),
    )

    found = client.post(URL, json={"ticker": "GBPUSD"})

    assert found.status_code == 404
    assert "run assay train GBPUSD" in found.json()["detail"]


def test_many_who_ask_at_once_are_answered_by_one_computation(parts: Parts) -> None:
    counted: list[str] = []
    answers = Answers(parts.desk, MemoryAnswers(), told=print, counted=counted.append)
    begin = threading.Barrier(8)
    found: list[str] = []

    def ask() -> None:
        begin.wait()
        found.append(answers.ask("EURUSD").said["signal_id"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert counted.count("computed") == 1
    assert len(counted) == 8


def test_a_failure_is_told_to_all_who_waited_and_is_not_kept(parts: Parts) -> None:
    answers = Answers(parts.desk, MemoryAnswers(), told=print, counted=lambda found: None)
    for _ in range(2):
        with pytest.raises(NotFoundError, match="EURUDS"):
            answers.ask("EURUDS")

    assert answers.ask("EURUSD").cached is False


def test_two_services_share_one_redis(two: tuple[TestClient, TestClient]) -> None:
    one, other = two

    first, second = result(one), result(other)

    assert (first["cached"], second["cached"]) == (False, True)
    assert second["signal_id"] == first["signal_id"]
    assert other.get("/api/signals/cache/stats").json()["place"] == "redis"
    assert other.post("/api/signals/cache/clear").json()["cleared"] == 1
    assert result(one)["cached"] is False


def test_something_else_under_our_name_is_computed_over(
    two: tuple[TestClient, TestClient], redis_url: str
) -> None:
    one, _ = two
    first = result(one)
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    (name,) = [
        key for key in client.scan_iter("assay:answers:*:EURUSD:1h") if first["signal_id"] in
        (client.get(key) or "")
    ]  # fmt: skip
    for text in ("", "{", "[]", '{"version": 1}', '"text"', "null"):
        client.set(name, text)

        assert result(one)["cached"] is False


def test_without_redis_answers_are_computed_and_say_so(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = served(own, NOBODY)

    first, second = result(client), result(client)
    stats = client.get("/api/signals/cache/stats")
    cleared = client.post("/api/signals/cache/clear")

    assert "Redis" in first["degraded"]
    assert "Redis" in second["degraded"]
    assert second["cached"] is False
    assert first["signal_id"] == second["signal_id"]
    assert (stats.status_code, stats.json()["entries"]) == (200, None)
    assert (cleared.status_code, cleared.json()["success"]) == (200, False)
    assert capsys.readouterr().out.count("answers are not kept") == 1


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Yield the URL of a Redis of the test's own, and its process; skip where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is not installed")
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(url).ping()
            break
        time.sleep(0.05)
    yield url, process
    process.kill()
    process.wait()


def test_a_redis_killed_meanwhile_costs_the_cache_and_no_answer(
    own: Path, own_redis: tuple[str, "subprocess.Popen[bytes]"]
) -> None:
    url, process = own_redis
    client = served(own, url)
    before = [result(client), result(client)]
    process.kill()
    process.wait()

    after = [result(client), result(client)]

    assert [one["cached"] for one in before] == [False, True]
    assert [one["cached"] for one in after] == [False, False]
    assert all("Redis" in one["degraded"] for one in after)
    assert len({one["signal_id"] for one in (*before, *after)}) == 1


class Away(MemoryAnswers):
    """A cache that comes and goes."""

    is_away = True

    def get(self, name: str) -> str | None:
        if self.is_away:
            raise StoreError("Redis does not answer")
        return super().get(name)


def test_when_the_cache_comes_back_answers_are_kept_again(own: Path) -> None:
    told: list[str] = []
    cache = Away()
    parts = parts_over(own)
    answers = Answers(parts.desk, cache, told=told.append, counted=lambda found: None)
    away = [answers.ask("EURUSD").degraded for _ in range(3)]
    cache.is_away = False
    back = [answers.ask("EURUSD") for _ in range(2)]
    cache.is_away = True
    answers.ask("EURUSD")

    assert away == ["Redis does not answer"] * 3
    assert [one.degraded for one in back] == [None, None]
    assert [one.cached for one in back] == [False, True]
    assert told == ["Redis does not answer"] * 2


def test_asking_takes_the_right_to_research(
    client: TestClient, nobody: TestClient, parts: Parts
) -> None:
    reader = bearer(parts, Scope.READ)

    assert nobody.post(URL, json=EURUSD).status_code == 401
    assert nobody.post(URL, json=EURUSD, headers=reader).status_code == 403
    assert nobody.post("/api/signals/cache/clear", headers=reader).status_code == 403
    assert nobody.get("/api/signals/cache/stats", headers=reader).status_code == 200
