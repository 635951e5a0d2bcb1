"""`assay jobs`: done here, listed, shown, cancelled, begun again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assay.app import beat_workspace, serve_workspace, work_workspace
from assay.core.errors import SettingsError
from tests.cli.conftest import Run


def test_a_job_is_done_here_and_listed(own: Path, assay: Run) -> None:
    ran = assay(own, "jobs", "run", "backup", "keep=2", "--json")
    listed = assay(own, "jobs", "list", "--json")
    shown = assay(own, "jobs", "show", ran.json["id"])

    assert (ran.code, ran.json["state"]) == (0, "done")
    assert [one["id"] for one in listed.json] == [ran.json["id"]]
    assert "24 journal entries" in shown.out
    assert "by command line" in shown.out


def test_lists_texts_and_files_are_arguments(own: Path, assay: Run, tmp_path: Path) -> None:
    file = tmp_path / "idea.yaml"
    file.write_text("name: x\nfamly: y\n")

    predicted = assay(own, "jobs", "run", "predict", "symbols=EURUSD", "timeframe=4h", "--json")
    failed = assay(own, "jobs", "run", "experiment", f"text=@{file}")

    assert predicted.json["arguments"] == {"symbols": ["EURUSD"], "timeframe": "4h"}
    assert predicted.json["state"] == "done"
    assert failed.code == 1
    assert "experiment.yaml:2" in failed.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nap",), "No job is called 'nap'"),
        (("backup", "keep"), "An argument of a job is NAME=VALUE; found 'keep'"),
        (("backup", "keep=x"), "takes no keep like 'x'"),
        (("backup", "kep=3"), "did you mean keep"),
        (("experiment", "text=@/nowhere.yaml"), "/nowhere.yaml cannot be read"),
        (("job-zz",), "No job begins with 'job-zz'"),
    ],
)
def test_a_wrong_question_is_one_sentence(
    own: Path, assay: Run, words: tuple[str, ...], said: str
) -> None:
    found = assay(own, "jobs", "run", *words)

    assert found.code == 2
    assert found.err.count("\n") == 1
    assert said in found.err


def test_one_that_ended_is_not_done_again_unless_asked(own: Path, assay: Run) -> None:
    failed = assay(own, "jobs", "run", "backtest", "symbols=NOPE", "--json")
    job = failed.json["id"]

    again = assay(own, "jobs", "run", job)
    retried = assay(own, "jobs", "retry", job)
    cancelled = assay(own, "jobs", "cancel", job)
    listed = assay(own, "jobs", "list", "--state", "cancelled")

    assert (failed.code, failed.json["state"]) == (1, "failed")
    assert (again.code, f"The job {job} is failed" in again.err) == (2, True)
    assert retried.out == f"{job} is queued again\n"
    assert cancelled.out == f"{job} is cancelled\n"
    assert job in listed.out


def test_none_is_said(own: Path, assay: Run) -> None:
    assert assay(own, "jobs", "list").out.startswith("There are no such jobs")
    assert "one of queued, running" in assay(own, "jobs", "list", "--state", "asleep").err


def test_how_to_restore_is_told_where_backups_are_made(own: Path, assay: Run) -> None:
    said = " ".join(assay(own, "jobs", "run", "--help").out.split())

    assert "To restore a backup" in said
    assert "assay journal verify; assay doctor" in said


def test_a_worker_takes_only_weights_there_are(own: Path, assay: Run) -> None:
    said = assay(own, "worker", "--only", "feather")

    assert said.code == 2
    assert "light, medium, heavy; found feather" in said.err


@pytest.mark.parametrize("work", [work_workspace, beat_workspace])
def test_workers_without_a_redis_are_told_to_name_one(
    own: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[..., None]
) -> None:
    monkeypatch.delenv("ASSAY_REDIS_URL", raising=False)

    with pytest.raises(SettingsError, match="needs a Redis: set redis_url"):
        work(own, {})


def test_a_schedule_in_the_settings_that_cannot_be_is_refused_before_serving(own: Path) -> None:
    (own / "assay.toml").write_text('[schedule.backup]\nwhen = "whenever"\n')

    with pytest.raises(SettingsError, match="as cron says it in five fields"):
        serve_workspace(own, {}, lambda address: None)
