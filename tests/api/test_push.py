"""The push channel: numbered, filtered, resumed, and never held up by one who does not listen."""

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import uvicorn
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from websockets.sync.client import ClientConnection, connect

from assay.api.metrics import Metrics
from assay.api.parts import Parts
from assay.api.push.hub import MOST_BEHIND, SLOW_CODE, Gap, Hub
from assay.api.push.shared import Nudges
from assay.api.push.topics import Topics
from assay.api.service import make
from assay.api.serving import Serving
from assay.core.clock import FixedClock
from assay.core.values.bars import Bars
from assay.core.values.scope import Scope
from assay.core.values.timeframe import Timeframe
from tests.api.conftest import ADDRESS, bearer, parts_over
from tests.workflows.workspace import open_at, trending_bars

PATH = "/api/v1/push"
PUSH = f"ws://127.0.0.1:8420{PATH}"
REDIS = os.environ.get("ASSAY_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
NOBODY = "redis://127.0.0.1:1/0"
NOON = FixedClock(datetime(2026, 1, 5, 12, tzinfo=UTC))


@pytest.fixture
def parts(own: Path) -> Iterator[Parts]:
    """Yield the parts of a service that issues signals in its own process."""
    found = parts_over(own)
    found.predictors = 0
    yield found
    found.desk.close()


MARK = {"mark": 1}


def heard(talk: WebSocketTestSession, count: int) -> list[dict[str, Any]]:
    """Return the next `count` messages that are neither heartbeats nor marks of `subscribed`."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = talk.receive_json()
        if "heartbeat" not in message and message.get("data") != MARK:
            found.append(message)
    return found


def subscribed(talk: WebSocketTestSession, hub: Hub, *topics: str) -> None:
    """Subscribe, and wait until that is done: a marker comes back."""
    talk.send_json({"subscribe": [*topics, "status"]})
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        hub.publish("status", MARK)
        if "heartbeat" not in talk.receive_json():
            talk.send_json({"unsubscribe": ["status"]})
            return
    raise AssertionError("nothing was heard")


def test_at_first_the_stream_is_named(client: TestClient, parts: Parts) -> None:
    with client.websocket_connect(PUSH) as talk:
        first = talk.receive_json()["heartbeat"]

    assert first["stream"] == parts.hub.stream
    assert first["last"] == parts.hub.last
    assert first["seconds"] == 15


def test_only_what_was_subscribed_to_is_sent_and_numbers_skip(
    client: TestClient, parts: Parts
) -> None:
    with client.websocket_connect(PUSH) as talk:
        talk.send_json({"subscribe": ["bars:EURUSD:*", "signals"], "resume": 0,
                        "stream": parts.hub.stream})  # fmt: skip
        for topic in ("bars:EURUSD:1h", "bars:GBPUSD:1h", "jobs", "signals", "bars:EURUSD:4h"):
            parts.hub.publish(topic, {"of": topic})
        found = heard(talk, 3)

    assert [one["topic"] for one in found] == ["bars:EURUSD:1h", "signals", "bars:EURUSD:4h"]
    assert [one["seq"] - found[0]["seq"] for one in found] == [0, 3, 4]
    assert found[1]["data"] == {"of": "signals"}
    assert datetime.fromisoformat(found[0]["at"]).tzinfo is not None


def test_who_comes_back_gets_what_it_missed_once_and_in_order(
    client: TestClient, parts: Parts
) -> None:
    for number in range(1, 6):
        parts.hub.publish("signals", {"number": number})

    with client.websocket_connect(PUSH) as talk:
        talk.send_json({"subscribe": ["signals"], "resume": 2, "stream": parts.hub.stream})
        missed = heard(talk, 3)
        parts.hub.publish("signals", {"number": 6})
        live = heard(talk, 1)

    assert [one["seq"] for one in (*missed, *live)] == [3, 4, 5, 6]
    assert [one["data"]["number"] for one in (*missed, *live)] == [3, 4, 5, 6]


def test_resuming_on_an_open_channel_sends_nothing_twice(client: TestClient, parts: Parts) -> None:
    with client.websocket_connect(PUSH) as talk:
        subscribed(talk, parts.hub, "jobs")
        parts.hub.publish("jobs", {"n": 1})
        first = heard(talk, 1)[0]
        talk.send_json({"resume": 0, "stream": parts.hub.stream})
        parts.hub.publish("jobs", {"n": 2})
        second = heard(talk, 1)[0]

    assert (first["data"]["n"], second["data"]["n"]) == (1, 2)


def test_another_life_of_the_service_is_a_gap(client: TestClient, parts: Parts) -> None:
    parts.hub.publish("signals", {"n": 1})

    with client.websocket_connect(PUSH) as talk:
        talk.send_json({"subscribe": ["signals"], "resume": 700, "stream": "str-of-before"})
        said = heard(talk, 1)[0]

    assert said["gap"] == {"from": 1, "to": parts.hub.last}
    assert said["stream"] == parts.hub.stream


def test_what_is_kept_no_more_is_a_gap_and_the_rest_is_sent() -> None:
    async def came_back() -> tuple[Gap | None, list[int]]:
        hub = Hub(NOON, Metrics(), kept=5)
        hub.open()
        for number in range(12):
            hub.publish("jobs", {"number": number})
        listener = hub.join()
        listener.topics.add(["jobs"])
        gap = hub.resume(listener, hub.stream, 3)
        return gap, [message.seq for message in hub.due(listener)]

    gap, sent = asyncio.run(came_back())

    assert gap == Gap(4, 7)
    assert sent == [8, 9, 10, 11, 12]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{", "the message cannot be understood"),
        ("[1, 2]", "the message cannot be understood"),
        ('{"subscribe": "signals"}', "subscribe cannot be understood"),
        ('{"subscribe": ["prices"]}', "There is no topic 'prices'"),
        ('{"subscribe": ["bars::1h"]}', "There is no topic"),
        ('{"shout": 1}', "shout cannot be understood"),
        ('{"resume": 5}', "To resume needs the stream"),
        ('{"resume": -1, "stream": "x"}', "resume cannot be understood"),
        (json.dumps({"subscribe": ["bars:" + "A" * 100]}), "There is no topic"),
        (json.dumps({"subscribe": ["signals"] * 501}), "subscribe cannot be understood"),
        ("x" * 40_000, "A message has at most 32,768 characters"),
    ],
)
def test_what_cannot_be_understood_ends_it_with_one_sentence(
    client: TestClient, said: str, why: str
) -> None:
    with client.websocket_connect(PUSH) as talk:
        talk.send_text(said)
        with pytest.raises(WebSocketDisconnect) as ended:
            heard(talk, 1)

    assert ended.value.code == 4400
    assert ended.value.reason.startswith(why)


def test_bytes_and_numbers_to_come_end_it_too(client: TestClient, parts: Parts) -> None:
    with client.websocket_connect(PUSH) as talk:
        talk.send_bytes(b"{}")
        with pytest.raises(WebSocketDisconnect) as bytes_ended:
            heard(talk, 1)
    with client.websocket_connect(PUSH) as talk:
        talk.send_json({"resume": parts.hub.last + 1_000, "stream": parts.hub.stream})
        with pytest.raises(WebSocketDisconnect) as future_ended:
            heard(talk, 1)

    assert (bytes_ended.value.code, future_ended.value.code) == (4400, 4400)


def test_who_may_not_read_hears_nothing(client: TestClient, parts: Parts) -> None:
    stranger = TestClient(client.app, base_url=ADDRESS)
    trader = TestClient(client.app, base_url=ADDRESS, headers=bearer(parts, Scope.TRADE))

    for one in (stranger, trader):
        with pytest.raises(WebSocketDisconnect) as refused, one.websocket_connect(PUSH) as talk:
            talk.receive_json()
        assert refused.value.code == 1008


def test_patterns_stand_for_parts_of_names() -> None:
    topics = Topics()
    topics.add(["bars:*:1h", "jobs"])

    assert topics.want("bars:EURUSD:1h")
    assert not topics.want("bars:EURUSD:4h")
    assert topics.want("jobs")
    topics.remove(["jobs"])
    assert not topics.want("jobs")


@contextmanager
def running(parts: Parts) -> Iterator[str]:
    """Give the address of the service, which answers in a thread."""
    server = uvicorn.Server(
        uvicorn.Config(make(parts), port=0, log_config=None, ws="websockets-sansio")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}{PATH}"
    server.should_exit = True
    thread.join(20)


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


def test_a_slow_client_is_dropped_and_nobody_waits_for_it(parts: Parts) -> None:
    headers = bearer(parts)
    with running(parts) as address:
        place = urlsplit(address)
        slow_socket = socket.create_connection((place.hostname, place.port))
        slow_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with (
            connect(
                address,
                sock=slow_socket,
                additional_headers=headers,
                max_queue=1,
                compression=None,
                close_timeout=0.1,
            ) as slow,
            connect(address, additional_headers=headers) as quick,
        ):
            slow.send('{"subscribe": ["jobs"]}')
            quick.send('{"subscribe": ["jobs"]}')
            until(lambda: parts.hub.listeners == 2)
            time.sleep(0.5)
            taken: list[int] = []
            reader = threading.Thread(target=_read, args=(quick, taken, 3 * MOST_BEHIND))
            reader.start()
            for number in range(3 * MOST_BEHIND):
                parts.hub.publish("jobs", {"number": number, "filler": "x" * 2_000})
                if number % 50 == 0:
                    time.sleep(0.01)
            reader.join(60)
            until(lambda: parts.hub.listeners == 1)
            dropped = parts.metrics.dropped._value.get()
            slow_socket.close()

    assert taken == list(range(3 * MOST_BEHIND))
    assert dropped == 1


def _read(connection: ClientConnection, taken: list[int], count: int) -> None:
    while len(taken) < count:
        message = json.loads(connection.recv(timeout=30))
        if "data" in message:
            taken.append(message["data"]["number"])


def test_one_that_takes_nothing_for_long_is_dropped_however_little_waits() -> None:
    async def checked(now: float) -> int | None:
        hub = Hub(NOON, Metrics())
        listener = hub.join()
        listener.sending_since = 100.0
        hub.check(listener, now)
        return listener.ended.result()[0] if listener.ended.done() else None

    assert asyncio.run(checked(109.0)) is None
    assert asyncio.run(checked(111.0)) == SLOW_CODE


def test_when_a_bar_closes_its_signal_is_issued_and_pushed(
    client: TestClient, parts: Parts
) -> None:
    bars = trending_bars()
    last = bars.frame.tail(1)
    at = last["time"][0] + timedelta(hours=1)
    fresh = last.with_columns(time=last["time"].dt.offset_by("1h"))
    with client.websocket_connect(PUSH) as talk:
        subscribed(talk, parts.hub, "bars", "signals")
        other = open_at(parts.desk.home, at + timedelta(hours=1))  # as another process would
        other.bars.append(
            Bars(bars.instrument, Timeframe.H1, fresh), source="test", known_at=other.clock.now()
        )
        bar, signal = heard(talk, 2)
        other.close()

    assert bar["topic"] == "bars:EURUSD:1h"
    assert bar["data"]["bar"]["close"] == last["close"][0]
    assert (bar["data"]["added"], bar["data"]["corrected"]) == (1, False)
    assert signal["topic"] == "signals"
    assert signal["data"]["symbol"] == "EURUSD"
    assert datetime.fromisoformat(signal["data"]["as_of"]) == at


def test_when_the_service_stops_clients_are_told_to_come_back(parts: Parts) -> None:
    with (
        TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts)) as client,
        client.websocket_connect(PUSH) as talk,
    ):
        talk.receive_json()
        assert client.portal is not None
        client.portal.call(parts.hub.close)
        with pytest.raises(WebSocketDisconnect) as ended:
            heard(talk, 1)

    assert ended.value.code == 1012


@pytest.fixture
def redis_url() -> str:
    """Return where a Redis is; without one the test is skipped, but never in CI."""
    try:
        redis.Redis.from_url(REDIS).ping()
    except redis.RedisError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"There is no Redis at {REDIS}: {error}")
    return REDIS


def test_services_nudge_each_other_and_share_out_the_work(redis_url: str) -> None:
    woken, own = threading.Event(), threading.Event()
    one = Nudges(redis_url, "one", own.set, lambda: None)
    other = Nudges(redis_url, "other", woken.set, lambda: None)
    for each in (one, other):
        each.start()
    until(lambda: bool(one.is_up and other.is_up))
    time.sleep(0.2)
    woken.clear()
    own.clear()

    one.send()
    is_woken = woken.wait(5)
    what = f"test:{time.monotonic_ns()}"
    claims = [one.claim(what), other.claim(what)]
    for each in (one, other):
        each.stop()

    assert is_woken
    assert not own.is_set()
    assert claims == [True, False]


def test_without_redis_the_service_goes_on_and_says_so(own: Path) -> None:
    parts = parts_over(own, Serving(redis_url=NOBODY))
    parts.predictors = 0
    with (
        TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts)) as client,
        client.websocket_connect(PUSH) as talk,
    ):
        talk.send_json({"subscribe": ["status"], "resume": 0, "stream": parts.hub.stream})
        said = heard(talk, 1)[0]
    parts.desk.close()

    assert "Redis is away" in said["data"]["problems"]["redis"]
