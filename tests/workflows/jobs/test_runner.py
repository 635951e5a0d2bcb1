"""A service that does jobs: in its threads, beside itself, watched, stopped, never twice."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest

from assay.store.job_rows import JobRow, JobState
from assay.workflows.jobs.asking import cancel
from assay.workflows.jobs.beside import GRACE_SECONDS, NICENESS, Command, assay_command
from assay.workflows.jobs.runner import Runner
from tests.workflows.jobs.conftest import Work


@contextmanager
def running(
    work: Work, command: Command | None = None, grace_seconds: float = GRACE_SECONDS
) -> Iterator[Runner]:
    runner = Runner(work.desk, command or assay_command(work.desk.home), grace_seconds)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()


@pytest.fixture
def now(work: Work) -> Work:
    """Return the work at the time of the children's clock."""
    work.clock.at = datetime.now(UTC)  # noqa: TID251 - as the children's clock
    return work


def script(lines: str) -> Command:
    """Return a command that runs a few lines of Python in place of a job."""

    def command(row: JobRow) -> Sequence[str]:
        return [sys.executable, "-c", lines]

    return command


def test_light_and_heavy_ones_are_done_where_they_belong(now: Work) -> None:
    light, heavy = now.queue("resolve"), now.queue("backup")

    with running(now) as runner:
        done = [now.wait(one.id, JobState.DONE, JobState.FAILED) for one in (light, heavy)]

    assert [row.state for row in done] == [JobState.DONE] * 2, [row.error for row in done]
    assert [row.attempts for row in done] == [1, 1]
    assert runner.owner.split(":")[1] == str(os.getpid())


def test_two_services_at_once_do_each_job_once(now: Work) -> None:
    rows = [now.queue("resolve", f"resolve {number}") for number in range(12)]

    with running(now), running(now):
        done = [now.wait(row.id, JobState.DONE, JobState.FAILED) for row in rows]

    assert {(row.state, row.attempts) for row in done} == {(JobState.DONE, 1)}


def test_one_beside_has_less_right_to_the_processor_and_is_stopped_by_signal(now: Work) -> None:
    row = now.queue("backtest", symbols=["EURUSD"], timeframe="1h", folds=12)

    with running(now):
        now.until(row.id, lambda one: one.progress is not None)
        [child] = [pid for pid in children() if row.id in pid[1]]
        niceness = os.getpriority(os.PRIO_PROCESS, child[0])
        cancel(now.desk, row.id)
        ended = now.wait(row.id, JobState.CANCELLED, JobState.DONE, JobState.FAILED)
        time.sleep(0.5)

    assert niceness == NICENESS
    assert ended.state is JobState.CANCELLED
    assert [one for one in children() if row.id in one[1]] == []


def test_one_that_ignores_the_signal_is_killed(now: Work) -> None:
    deaf = script(
        "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(99)"
    )
    row = now.queue("backup")

    with running(now, deaf, grace_seconds=1.0):
        now.wait(row.id, JobState.RUNNING)
        time.sleep(1.0)
        cancel(now.desk, row.id)
        ended = now.wait(row.id, JobState.CANCELLED)

    assert ended.lease_owner is None


def test_one_whose_process_dies_is_begun_again_but_not_for_ever(now: Work) -> None:
    dying = script("import os,sys\nsys.stderr.write('out of memory\\n')\nos.abort()")
    row = now.queue("backup")

    with running(now, dying) as runner:
        for attempt in (1, 2, 3):
            ended = partial(has_ended, attempt=attempt)
            now.until(row.id, ended)
            now.later(seconds=6)
            runner.wake()
        failed = now.wait(row.id, JobState.FAILED)

    assert failed.attempts == 3
    assert failed.error == f"Its process ended by signal {signal.SIGABRT} before the job was done"
    assert "out of memory" in [line.text for line in now.jobs.lines(row.id)]


def test_a_service_that_ends_puts_back_what_it_did(now: Work) -> None:
    row = now.queue("backtest", symbols=["EURUSD"], timeframe="1h", folds=12)

    with running(now):
        now.until(row.id, lambda one: one.progress is not None)

    back = now.jobs.get(row.id)
    assert (back.state, back.most_attempts - back.attempts) == (JobState.QUEUED, 3)
    assert [one for one in children() if row.id in one[1]] == []


def has_ended(row: JobRow, attempt: int) -> bool:
    return row.attempts == attempt and row.state is not JobState.RUNNING


def children() -> list[tuple[int, str]]:
    """Return the number and the words of every process that this one started and that lives."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - numbers, not files
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as stat:  # noqa: PTH123
                fields = stat.read().rpartition(")")[2].split()
            with open(f"/proc/{name}/cmdline", "rb") as words:  # noqa: PTH123
                said = words.read().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append((int(name), said))
    return found
