"""What becomes of one job: done, skipped, failed, stopped, put back, begun again."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from assay.core.errors import SettingsError
from assay.models.contract import Progress
from assay.store.job_rows import JobState
from assay.store.signals import Signals
from assay.store.trials import Trials
from assay.workflows.jobs.asking import ask, cancel, past, retry, story
from assay.workflows.jobs.catalog import KINDS
from assay.workflows.jobs.here import do_here
from assay.workflows.jobs.reporting import Reporter
from assay.workflows.jobs.running import perform
from tests.workflows.jobs.conftest import Work


def test_a_backup_is_made_and_what_it_did_is_kept(work: Work) -> None:
    row = work.do("backup")

    assert row.state is JobState.DONE
    assert row.error is None
    assert "24 journal entries" in (row.outcome or "")
    assert (work.desk.home / row.result["folder"] / "assay.db").is_file()
    assert row.progress is not None
    assert row.progress["done"] == row.result["files"]


def test_signals_are_issued_once_however_often_it_is_done(work: Work) -> None:
    first = work.do("predict", "a", timeframe="1h")
    entries = work.desk.journal.last()
    second = work.do("predict", "b", timeframe="1h")

    assert (len(first.result["issued"]), first.result["again"]) == (1, [])
    assert (second.result["issued"], second.result["again"]) == ([], first.result["issued"])
    assert work.desk.journal.last() == entries


def test_the_bar_that_closed_is_decided_on_and_not_computed_again(work: Work) -> None:
    at = work.desk.bars.series()[0].last

    first = work.do("predict", "a", timeframe="1h", at=at.isoformat(), symbols=["EURUSD"])
    second = work.do("predict", "b", timeframe="1h", at=at.isoformat(), symbols=["EURUSD"])

    assert first.outcome == "1 signals issued"
    assert second.outcome == "0 signals issued, 1 were issued before"
    newest = Signals(work.desk.journal).newest("EURUSD", work.desk.bars.series()[0].timeframe)
    assert newest is not None
    assert (newest.id, newest.as_of) == (first.result["issued"][0], at)


def test_outcomes_of_issued_signals_are_written_down(work: Work) -> None:
    row = work.do("resolve")
    again = work.do("resolve", "again")

    assert row.result["horizons"] > 0
    assert again.result["horizons"] == 0


def test_what_is_due_is_retrained_and_that_nothing_is_is_said(work: Work) -> None:
    row = work.do("retrain")

    assert row.state is JobState.DONE, row.error
    assert (row.outcome or "").startswith("nothing is due")
    assert {one["is_due"] for one in row.result["due"]} == {False}


def test_the_result_of_a_drift_check_is_kept_to_be_read(work: Work) -> None:
    row = work.do("drift", timeframes=["4h"])

    assert row.state is JobState.DONE, row.error
    assert [one["series"] for one in row.result["series"]] == ["EURUSD 4h"]


def test_a_holiday_is_skipped_and_said(work: Work) -> None:
    row = work.do("predict", market="XNYS", at="2026-11-26T17:00Z")

    assert row.state is JobState.DONE
    assert row.outcome == "skipped: XNYS was closed on 2026-11-26 (Thanksgiving)"


def test_an_argument_that_cannot_be_fails_with_its_sentence(work: Work) -> None:
    row = work.do("backtest", folds=99)

    assert (row.state, row.error) == (
        JobState.FAILED,
        "folds must be between 1 and 24; found 99",
    )


def test_an_experiment_that_cannot_be_read_fails_with_the_line(work: Work) -> None:
    row = work.do("experiment", text="name: x\nfamly: y\n")

    assert row.state is JobState.FAILED
    assert "experiment.yaml:2" in (row.error or "")
    assert "famly" in (row.error or "")


def test_what_is_stopped_goes_back_and_does_not_count(work: Work) -> None:
    row = work.claim(work.queue("backup").id)
    ending = Event()
    ending.set()

    perform(work.desk, row, ending)

    back = work.jobs.get(row.id)
    assert (back.state, back.most_attempts - back.attempts) == (JobState.QUEUED, 3)
    assert list((work.desk.home / "backups").glob("[!.]*")) == []


def test_what_is_cancelled_while_it_runs_ends_so(work: Work) -> None:
    row = work.claim(work.queue("backup").id)
    asked = cancel(work.desk, row.id)

    perform(work.desk, asked, Event())

    assert work.jobs.get(row.id).state is JobState.CANCELLED


def test_a_worker_that_lost_its_lease_writes_nothing(work: Work) -> None:
    slow = work.claim(work.queue("backup").id, "slow")
    work.later(minutes=2)
    work.claim(slow.id, "quick")

    perform(work.desk, slow, Event())

    row = work.jobs.get(slow.id)
    assert (row.state, row.lease_owner, row.outcome) == (JobState.RUNNING, "quick", None)


def test_a_job_that_failed_is_begun_again_when_asked(work: Work) -> None:
    failed = work.do("backtest", folds=99)

    again = retry(work.desk, failed.id).row

    assert (again.state, again.error) == (JobState.QUEUED, None)
    with pytest.raises(SettingsError, match="only one that failed or was cancelled"):
        retry(work.desk, failed.id)


def test_asking_twice_is_one_job_and_a_wrong_question_none(work: Work) -> None:
    first = ask(work.desk, "backup", {}, by="me")
    second = ask(work.desk, "backup", {}, by="you")
    with pytest.raises(SettingsError, match="keep must be 1 or more"):
        ask(work.desk, "backup", {"keep": 0}, by="me")
    keyed = [ask(work.desk, "backup", {"keep": 3}, by="me", key="mine") for _ in range(2)]

    assert (first.is_new, second.is_new, first.row.id) == (True, False, second.row.id)
    assert keyed[0].row.id == keyed[1].row.id
    assert len(past(work.desk)) == 2


def test_one_done_here_ends_here(work: Work) -> None:
    row = do_here(work.desk, "resolve", {}, by="me")

    assert row.state is JobState.DONE
    assert story(work.desk, row.id).row == row
    with pytest.raises(SettingsError, match="is done"):
        do_here(work.desk, row.id, {}, by="me")


def test_how_a_training_goes_is_kept_epoch_by_epoch(work: Work) -> None:
    row = work.claim(work.queue("train").id)
    with Reporter(work.desk, row, KINDS.get("train"), Event()) as told:
        for epoch, loss, held in ((1, 0.7, None), (2, 0.6, 0.65), (3, float("nan"), 0.66)):
            told.watch("gru 1h", Progress(epoch, 40, epoch * 10, 400, loss, held, 12.5))
        told.tick("Fitting members", 1, 4)
        told.flush()

    found = story(work.desk, row.id)

    assert [(one.epoch, one.loss, one.held_loss) for one in found.losses] == [
        (1, 0.7, None),
        (2, 0.6, 0.65),
    ]
    assert found.row.progress == {
        "what": "Fitting members",
        "done": 1,
        "total": 4,
        "seconds_left": None,
    }


def test_how_long_is_left_is_told_by_the_pace(work: Work) -> None:
    row = work.claim(work.queue("train").id)
    with Reporter(work.desk, row, KINDS.get("train"), Event()) as told:
        told.tick("Fitting folds", 0, 10)
        work.later(seconds=6)
        told.tick("Fitting folds", 2, 10)
        told.flush()

    progress = work.jobs.get(row.id).progress

    assert progress is not None
    assert progress["seconds_left"] == 24.0


def child(home: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start our own command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "assay", "--home", str(home), "jobs", "run", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def test_a_killed_worker_loses_its_job_and_what_it_did_is_not_done_twice(work: Work) -> None:
    work.clock.at = datetime.now(UTC)  # noqa: TID251 - as the child's clock
    queued = work.queue("backtest", symbols=["EURUSD"], timeframe="4h", folds=2)
    process = child(work.desk.home, queued.id)
    work.until(queued.id, lambda row: row.progress is not None)
    give_up = time.monotonic() + 120
    while not Trials(work.desk.database).list() and time.monotonic() < give_up:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    lost = work.jobs.get(queued.id)
    work.clock.at = max(work.clock.at, lost.lease_until or work.clock.at)
    row = work.claim(queued.id, "second")
    perform(work.desk, row, Event())

    done = work.jobs.get(queued.id)
    assert lost.state is JobState.RUNNING
    assert (done.state, done.attempts, done.error) == (JobState.DONE, 2, None)
    assert "was lost; begun again by second" in work.jobs.lines(done.id)[0].text
    digests = {one.configuration_digest for one in Trials(work.desk.database).list()}
    assert len(digests) == 1, "a rerun of one configuration is no second trial"


def test_a_ctrl_c_cancels_what_a_person_runs(work: Work) -> None:
    process = child(work.desk.home, "backtest", "symbols=EURUSD", "timeframe=1h", "folds=12")
    give_up = time.monotonic() + 120
    while not (rows := past(work.desk)) or rows[0].progress is None:
        assert time.monotonic() < give_up
        time.sleep(0.05)

    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert past(work.desk)[0].state is JobState.CANCELLED, said.decode()
    assert process.returncode == 1
