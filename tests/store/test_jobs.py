"""A job is done once, whoever claims it, however often it is delivered, whatever dies."""

import multiprocessing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from assay.core.errors import NotFoundError
from assay.store.database import Database, open_database, sqlite_url
from assay.store.job_rows import MOST_ATTEMPTS, MOST_LINES, JobRow, JobState, Loss
from assay.store.jobs import Jobs
from assay.store.leases import LeaseLostError, Leases

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LENT = {"backup": timedelta(seconds=60)}
LATER = NOW + timedelta(seconds=61)


@dataclass(frozen=True)
class Tables:
    jobs: Jobs
    leases: Leases

    def queued(self, key: str = "backup:2026-11-26", at: datetime = NOW) -> JobRow:
        return self.jobs.add("backup", {}, key, asked_by="schedule", at=at)[0]

    def claimed(self, owner: str = "one", now: datetime = NOW) -> JobRow:
        row = self.leases.claim(owner, now, LENT)
        assert row is not None
        return row


@pytest.fixture
def tables(database: Database) -> Tables:
    return Tables(Jobs(database), Leases(database))


def test_a_key_is_one_job_for_ever(tables: Tables) -> None:
    first, is_new = tables.jobs.add("backup", {}, "k", asked_by="a", at=NOW)
    again, is_again_new = tables.jobs.add("backup", {"keep": 3}, "k", asked_by="b", at=LATER)

    assert (is_new, is_again_new) == (True, False)
    assert again == first


def test_the_same_question_under_way_is_one_job_and_a_new_one_after_its_end(
    tables: Tables,
) -> None:
    def asked(key: str) -> tuple[JobRow, bool]:
        return tables.jobs.add("backup", {}, key, asked_by="a", at=NOW, once_under_way=True)

    first, _ = asked("a")
    while_queued = asked("b")
    row = tables.claimed()
    while_running = asked("c")
    tables.leases.finish(row.lease, NOW, "done")
    after = asked("d")

    assert while_queued == (first, False)
    assert while_running[0].id == first.id
    assert after[1] is True


def test_one_that_is_lent_is_not_lent_again(tables: Tables) -> None:
    queued = tables.queued()

    row = tables.claimed()

    assert (row.id, row.state, row.attempts, row.lease_owner) == (
        queued.id,
        JobState.RUNNING,
        1,
        "one",
    )
    assert row.lease_until == NOW + LENT["backup"]
    assert tables.leases.claim("two", NOW, LENT) is None
    assert tables.leases.claim("two", NOW, LENT, job_id=row.id) is None


def test_only_wanted_kinds_and_what_is_due_are_lent(tables: Tables) -> None:
    tables.queued()
    tables.jobs.add("sync", {}, "s", asked_by="a", at=NOW, due_at=LATER)
    both = {**LENT, "sync": timedelta(seconds=60)}

    assert tables.leases.claim("one", NOW, {"train": timedelta(seconds=60)}) is None
    first, second = tables.leases.claim("one", NOW, both), tables.leases.claim("one", NOW, both)
    third = tables.leases.claim("one", LATER, {"sync": timedelta(seconds=60)})

    assert (first.kind if first else None, second) == ("backup", None)
    assert third is not None
    assert third.kind == "sync"


def test_a_worker_that_is_silent_loses_its_job_and_all_it_writes_later(tables: Tables) -> None:
    tables.queued()
    dead = tables.claimed("dead").lease

    alive = tables.claimed("alive", LATER)

    assert (alive.attempts, alive.lease_owner) == (2, "alive")
    for write in (
        lambda: tables.leases.finish(dead, LATER, "done"),
        lambda: tables.leases.fail(dead, LATER, "failed"),
        lambda: tables.leases.report(dead, LATER, progress={"done": 1}, lines=["ghost"]),
        lambda: tables.leases.put_back(dead, LATER, "later", LATER),
        lambda: tables.leases.held(dead),
    ):
        with pytest.raises(LeaseLostError, match="is not dead's any more"):
            write()
    said = [line.text for line in tables.jobs.lines(alive.id)]
    assert said == ["dead was lost; begun again by alive"]
    assert tables.jobs.get(alive.id).progress is None


def test_the_same_owner_that_claims_again_is_another_attempt(tables: Tables) -> None:
    tables.queued()
    before = tables.claimed("one").lease
    after = tables.claimed("one", LATER).lease

    with pytest.raises(LeaseLostError):
        tables.leases.finish(before, LATER, "done")
    tables.leases.finish(after, LATER, "done")

    assert tables.jobs.get(after.job_id).state is JobState.DONE


def test_a_lease_that_is_renewed_is_kept(tables: Tables) -> None:
    tables.queued()
    row = tables.claimed()

    tables.leases.report(row.lease, NOW, until=LATER + timedelta(seconds=60))

    assert tables.leases.claim("two", LATER, LENT) is None


def test_one_that_was_begun_too_often_has_failed(tables: Tables) -> None:
    queued = tables.queued()
    for number in range(MOST_ATTEMPTS):
        tables.claimed(f"worker {number}", NOW + number * timedelta(seconds=61))

    late = NOW + MOST_ATTEMPTS * timedelta(seconds=61)

    assert tables.leases.claim("another", late, LENT) is None
    row = tables.jobs.get(queued.id)
    assert (row.state, row.attempts, row.ended_at) == (JobState.FAILED, MOST_ATTEMPTS, late)
    assert row.error == (
        "Its process ended before it did, 3 times; it is not begun again by itself"
    )


def test_one_put_back_waits_and_fails_when_it_was_put_back_too_often(tables: Tables) -> None:
    tables.queued()
    times = [NOW + number * timedelta(seconds=60) for number in range(MOST_ATTEMPTS + 1)]
    for now, later in pairwise(times[:-1]):
        row = tables.leases.put_back(tables.claimed(now=now).lease, later, "busy", now)
        assert row.state is JobState.QUEUED
        assert tables.leases.claim("one", now, LENT) is None

    lease = tables.claimed(now=times[-2]).lease
    last = tables.leases.put_back(lease, times[-1], "busy", times[-2])

    assert (last.state, last.error) == (JobState.FAILED, "busy")


def test_an_attempt_that_was_only_stopped_does_not_count(tables: Tables) -> None:
    tables.queued()
    for _ in range(MOST_ATTEMPTS + 2):
        tables.leases.put_back(tables.claimed().lease, NOW, "stopped", NOW, is_counted=False)

    assert tables.claimed().state is JobState.RUNNING


def test_a_waiting_job_is_cancelled_at_once_a_running_one_is_asked(tables: Tables) -> None:
    waiting = tables.queued("a")
    cancelled = tables.jobs.cancel(waiting.id, NOW)
    tables.queued("b")
    running = tables.claimed()
    asked = tables.jobs.cancel(running.id, NOW)
    tables.leases.stop(running.lease, LATER)

    assert (cancelled.state, cancelled.ended_at) == (JobState.CANCELLED, NOW)
    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    assert tables.jobs.get(running.id).state is JobState.CANCELLED
    assert tables.leases.claim("one", LATER, LENT) is None


def test_a_cancelled_job_whose_worker_died_is_not_begun_again(tables: Tables) -> None:
    tables.queued()
    row = tables.claimed()
    tables.jobs.cancel(row.id, NOW)

    assert tables.leases.claim("two", LATER, LENT) is None
    assert tables.jobs.get(row.id).state is JobState.CANCELLED


def test_only_what_failed_or_was_cancelled_is_begun_again(tables: Tables) -> None:
    tables.queued()
    row = tables.claimed()
    tables.leases.fail(row.lease, NOW, "broken")

    again, was = tables.jobs.retry(row.id, LATER)
    _, twice = tables.jobs.retry(row.id, LATER)

    assert (was, twice) == (True, False)
    assert (again.state, again.error, again.ended_at, again.attempts) == (
        JobState.QUEUED,
        None,
        None,
        1,
    )
    assert again.most_attempts == 1 + MOST_ATTEMPTS
    assert tables.claimed(now=LATER).attempts == 2


def test_the_newest_lines_are_kept_and_losses_by_epoch(tables: Tables) -> None:
    tables.queued()
    lease = tables.claimed().lease
    losses = [Loss("gru 1h", epoch, 3, 1.0 / epoch, None) for epoch in (1, 2)]

    tables.leases.report(lease, NOW, lines=[f"line {no}" for no in range(MOST_LINES)])
    tables.leases.report(lease, NOW, lines=["last\0" + "x" * 5_000], losses=losses)
    tables.leases.report(lease, NOW, losses=[Loss("gru 1h", 2, 3, 0.4, 0.45)])

    lines = tables.jobs.lines(lease.job_id)
    assert (len(lines), lines[0].text, lines[-1].no) == (MOST_LINES, "line 1", MOST_LINES + 1)
    assert lines[-1].text.startswith("lastx")
    assert len(lines[-1].text) <= 2_000
    assert [(one.epoch, one.loss, one.held_loss) for one in tables.jobs.losses(lease.job_id)] == [
        (1, 1.0, None),
        (2, 0.4, 0.45),
    ]


def test_whoever_looks_for_changes_sees_each_once_in_order(tables: Tables) -> None:
    before = tables.queued("before", NOW - timedelta(seconds=1))
    marker = tables.jobs.newest_change()
    one, two = tables.queued("one"), tables.queued("two")

    found, marker = tables.jobs.changed_since(marker)
    nothing, same = tables.jobs.changed_since(marker)
    tables.leases.finish(tables.claimed().lease, NOW, "done", {"much": "data"})
    changed, _ = tables.jobs.changed_since(marker)

    assert [row.id for row in found] == [one.id, two.id]
    assert (nothing, same) == ([], marker)
    assert [(row.id, row.state, row.result) for row in changed] == [
        (before.id, JobState.DONE, None)
    ]
    assert tables.jobs.get(changed[0].id).result == {"much": "data"}


def test_jobs_are_listed_page_by_page_the_newest_first(tables: Tables) -> None:
    for number in range(5):
        tables.queued(f"job {number}", NOW + (number // 2) * timedelta(seconds=1))
    every = tables.jobs.list()
    paged: list[JobRow] = []

    while page := tables.jobs.list(before=paged[-1] if paged else None, limit=2):
        paged += page

    assert every[0].key == "job 4"
    assert paged == every
    assert tables.jobs.list(kind="sync") == []
    assert len(tables.jobs.list(states=[JobState.QUEUED], kind="backup")) == 5


def test_old_ends_are_forgotten_what_runs_and_the_last_change_never(tables: Tables) -> None:
    for number in range(3):
        tables.queued(f"job {number}")
    old, running = tables.claimed(), tables.claimed()
    tables.leases.report(old.lease, NOW, lines=["a line"], losses=[Loss("x", 1, 1, 1.0, None)])
    tables.leases.finish(old.lease, NOW, "done")
    last = tables.claimed()
    tables.leases.finish(last.lease, NOW, "done")
    marker = tables.jobs.newest_change()

    gone = tables.jobs.prune(LATER)

    assert gone == 1
    assert {row.id for row in tables.jobs.list()} == {running.id, last.id}
    assert tables.jobs.lines(old.id) == ()
    assert tables.queued("new").change > marker


def test_what_no_queue_was_told_of_is_found_and_told_again_after_a_while(tables: Tables) -> None:
    row = tables.queued()
    minutes = timedelta(minutes=5)

    before = tables.jobs.unsent(NOW, minutes)
    tables.jobs.sent(row.id, NOW)
    after, forgotten = (
        tables.jobs.unsent(LATER, minutes),
        tables.jobs.unsent(NOW + minutes, minutes),
    )

    assert [one.id for one in before] == [row.id]
    assert after == []
    assert [one.id for one in forgotten] == [row.id]


def test_a_name_nobody_knows_is_said(tables: Tables) -> None:
    tables.queued()

    with pytest.raises(NotFoundError, match="No job begins with 'job-zz'"):
        tables.jobs.get("job-zz")


def claimer(url: str, owner: str, go: "multiprocessing.synchronize.Event", out: Path) -> None:
    """Claim until nothing is left; write down what was got."""
    database = open_database(url)
    leases = Leases(database)
    go.wait()
    got = []
    while (row := leases.claim(owner, NOW, LENT)) is not None:
        got.append(row.id)
        leases.finish(row.lease, NOW, f"done by {owner}")
    database.close()
    out.write_text("\n".join(got))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_claim_at_once_get_each_job_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = kind == "postgresql"
    url = request.getfixturevalue("empty_postgres") if server else sqlite_url(tmp_path / "a.db")
    database = open_database(url)
    jobs = Jobs(database)
    every = {
        jobs.add("backup", {}, f"job {number}", asked_by="a", at=NOW)[0].id for number in range(40)
    }
    context = multiprocessing.get_context("spawn")
    go = context.Event()
    outs = [tmp_path / f"out-{number}" for number in range(3)]
    workers = [
        context.Process(target=claimer, args=(url, f"worker {number}", go, out))
        for number, out in enumerate(outs)
    ]

    for worker in workers:
        worker.start()
    go.set()
    for worker in workers:
        worker.join(60)

    got = [line for out in outs for line in out.read_text().splitlines()]
    assert sorted(got) == sorted(every)
    assert {row.attempts for row in jobs.list()} == {1}
    assert {row.state for row in jobs.list()} == {JobState.DONE}
    database.close()
