"""The same jobs over Celery and Redis: delivered twice, done once; killed, done by another."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.core.errors import TransientError
from assay.store.job_rows import JobState
from assay.store.leases import Leases
from assay.workflows.jobs.asking import ask, cancel
from assay.workflows.jobs.contract import Weight
from assay.workflows.jobs.planning import Schedule
from assay.workflows.jobs.scheduling import Planner
from tests.workflows.jobs.conftest import Work

celery = pytest.importorskip("celery")
redis = pytest.importorskip("redis")

from assay.workflows.jobs.celery_app import CelerySend, celery_app, queue_of  # noqa: E402 - needs celery

URL = os.environ.get("ASSAY_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def redis_url() -> str:
    """Return the URL of a Redis that answers, or skip with the reason."""
    try:
        redis.Redis.from_url(URL, socket_connect_timeout=2).ping()
    except redis.exceptions.RedisError as error:
        reason = f"Redis is not there ({error})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return URL


@pytest.fixture
def send(work: Work, redis_url: str) -> Iterator[CelerySend]:
    """Return what tells the workers of this test's workspace; its queues go with it."""
    work.clock.at = datetime.now(UTC)  # noqa: TID251 - as the workers' clock
    found = CelerySend(celery_app(redis_url), work.desk)
    yield found
    client = redis.Redis.from_url(redis_url)
    for weight in Weight:
        name = queue_of(work.desk, weight)
        client.delete(name, f"_kombu.binding.{name}")


@pytest.fixture
def start(own: Path, redis_url: str) -> Iterator[Start]:
    """Return a function that starts `assay worker` or `assay beat`; all are ended."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "assay", "--home", str(own), *words],
            env=os.environ | {"ASSAY_REDIS_URL": redis_url, "ASSAY_WORKERS": "true"},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def waiting(send: CelerySend, weight: Weight) -> int:
    """Return how many messages wait."""
    return int(redis.Redis.from_url(URL).llen(queue_of(send.desk, weight)))


def test_delivered_twice_it_is_done_once(work: Work, send: CelerySend, start: Start) -> None:
    row = ask(work.desk, "backup", {}, by="test", send=send).row
    light = ask(work.desk, "resolve", {}, by="test", send=send).row
    for _ in range(3):
        send(row)
        send(light)
    assert waiting(send, Weight.LIGHT) == 4

    start("worker", "--at-once", "3")
    done = [work.wait(one.id, JobState.DONE, JobState.FAILED) for one in (row, light)]
    work.until(row.id, lambda _: waiting(send, Weight.LIGHT) + waiting(send, Weight.MEDIUM) == 0)
    time.sleep(1.0)

    assert [one.state for one in done] == [JobState.DONE] * 2, [one.error for one in done]
    assert [work.jobs.get(one.id).attempts for one in done] == [1, 1]
    assert len(list((work.desk.home / "backups").glob("[!.]*"))) == 1


def test_a_killed_worker_loses_its_job_which_another_finds_and_does(
    work: Work, send: CelerySend, start: Start
) -> None:
    arguments = {"symbols": ["EURUSD"], "timeframe": "4h", "folds": 2}
    row = ask(work.desk, "backtest", arguments, by="test", send=send).row
    killed = start("worker")
    held = work.until(row.id, lambda one: one.progress is not None)
    end_group_of(row.id)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    lost = work.jobs.get(row.id)
    plan = Planner(work.desk, Schedule(), send, sweeps=True)
    assert plan.sweep() == 0, "the lease is not over"

    work.clock.at = datetime.now(UTC)  # noqa: TID251 - as the workers' clock
    Leases(work.desk.database).report(lost.lease, work.clock.at, until=work.clock.at)  # it is over
    assert plan.sweep() == 1
    assert plan.sweep() == 0
    start("worker")
    done = work.wait(row.id, JobState.DONE, JobState.FAILED)

    assert lost.state is JobState.RUNNING
    assert (done.state, done.attempts, done.error) == (JobState.DONE, 2, None)
    said = [line.text for line in work.jobs.lines(row.id)]
    assert f"{held.lease_owner} was lost" in said[0]


def test_a_job_that_runs_with_a_worker_is_cancelled(
    work: Work, send: CelerySend, start: Start
) -> None:
    arguments = {"symbols": ["EURUSD"], "timeframe": "1h", "folds": 12}
    row = ask(work.desk, "backtest", arguments, by="test", send=send).row
    worker = start("worker", "--only", "heavy")
    work.until(row.id, lambda one: one.progress is not None)

    cancel(work.desk, row.id)
    ended = work.wait(row.id, JobState.CANCELLED, JobState.DONE, JobState.FAILED)
    os.killpg(worker.pid, signal.SIGTERM)

    assert ended.state is JobState.CANCELLED
    assert worker.wait(60) == 0


def test_beat_sends_what_waits_in_the_database(work: Work, send: CelerySend, start: Start) -> None:
    row = work.queue("resolve")

    start("worker", "--only", "light")
    start("beat")
    done = work.wait(row.id, JobState.DONE, JobState.FAILED)

    assert done.state is JobState.DONE, done.error


def test_a_redis_that_is_away_is_said_in_one_sentence_without_its_password(work: Work) -> None:
    secret = secrets.token_hex(8)
    away = CelerySend(celery_app(f"redis://:{secret}@127.0.0.1:1/0"), work.desk)

    asked = ask(work.desk, "backup", {}, by="test", send=away)

    assert asked.note == (
        "Redis at 127.0.0.1:1 could not be reached; the job waits in the database, and is sent "
        "with the next sweep"
    )
    assert work.jobs.get(asked.row.id).state is JobState.QUEUED
    with pytest.raises(TransientError) as error:
        away(asked.row)
    assert secret not in str(error.value)


def end_group_of(job_id: str) -> None:
    """Kill the process group of the command that does a job, found by the job's id."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - numbers, not files
        if not name.isdigit():
            continue
        try:
            words = Path(f"/proc/{name}/cmdline").read_bytes()
        except OSError:
            continue
        if job_id.encode() in words:
            os.killpg(int(name), signal.SIGKILL)
            return
    raise AssertionError(f"no process does {job_id}")
