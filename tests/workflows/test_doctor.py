"""The doctor finds what is broken, says it, and changes nothing."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.store.artefacts import Artefacts
from assay.workflows import doctor
from assay.workflows.doctor import examine
from assay.workflows.finding import Finding, State
from assay.workflows.machine import extras
from tests.workflows.workspace import open_at


def found(home: Path, name: str, state: State | None = None) -> list[Finding]:
    every = examine(open_at(home)).findings
    return [one for one in every if one.name == name and state in (None, one.state)]


def contents(home: Path) -> dict[str, bytes]:
    """Return the files that matter; SQLite's own working files come and go."""
    kept = (p for p in home.rglob("*") if p.is_file() and not p.name.startswith("assay.db-"))
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in kept}


def test_a_sound_workspace_has_no_failure_and_is_not_changed(own: Path) -> None:
    before = contents(own)

    diagnosis = examine(open_at(own))

    assert diagnosis.sound
    assert {one.state for one in diagnosis.findings} <= {State.OK, State.INFO}
    assert contents(own) == before


def test_a_workspace_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    home = tmp_path / "nowhere"

    diagnosis = examine(open_at(home))

    assert diagnosis.sound
    assert not home.exists()


def test_a_workspace_that_is_a_file_fails(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("")

    assert found(home, "workspace", State.FAIL)


def test_little_room_is_said(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(workspace)
    states = []
    for free in (10 * 2**20, 2**30, 2**40):
        monkeypatch.setattr("shutil.disk_usage", lambda _, f=free: usage._replace(free=f))
        states.append(found(workspace, "disk")[0].state)

    assert states == [State.FAIL, State.WARN, State.OK]


def test_a_damaged_file_hides_no_other_series(own: Path) -> None:
    broken = next((own / "bars" / "symbol=EURUSD" / "timeframe=4h").rglob("*.parquet"))
    broken.write_bytes(b"x")

    failed = found(own, "bars", State.FAIL)

    assert len(failed) == 1
    assert failed[0].sentence.startswith("EURUSD 4h: ")
    assert "1 series" in found(own, "bars", State.OK)[0].sentence


def test_a_damaged_manifest_is_found(own: Path) -> None:
    manifest = own / "bars" / "symbol=EURUSD" / "timeframe=1h" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("EURUSD", "EURUSX", 1))

    assert "manifest.json" in found(own, "bars", State.FAIL)[0].sentence


def test_bars_of_nobody_knows_what_are_mentioned(own: Path) -> None:
    folder = own / "bars" / "symbol=EURUSD" / "timeframe=4h"
    shutil.copytree(folder, own / "bars" / "symbol=ACME" / "timeframe=4h")

    warned = found(own, "bars", State.WARN)

    assert [one.sentence.partition(",")[0] for one in warned] == ["ACME 4h is stored"]
    assert found(own, "bars", State.FAIL) == []


def test_a_broken_journal_is_found(own: Path) -> None:
    (own / "journal.head").unlink()

    assert "is missing" in found(own, "journal", State.FAIL)[0].sentence


def test_a_database_that_is_none_fails_and_the_rest_is_checked(own: Path) -> None:
    for beside in own.glob("assay.db-*"):
        beside.unlink()
    (own / "assay.db").write_bytes(b"x" * 8192)

    assert "is not a database" in found(own, "database", State.FAIL)[0].sentence
    assert found(own, "journal", State.FAIL)
    assert found(own, "bars", State.OK)
    assert found(own, "calendars", State.OK)


def test_an_altered_model_fails_and_one_set_aside_warns(own: Path) -> None:
    desk = open_at(own)
    registry = Artefacts(desk.database)
    ridge, naive = (
        next(row for row in registry.list(member=name) if row.timeframe == "1h")
        for name in ("ridge", "naive")
    )
    (desk.models / ridge.path / "arch.json").write_text("{}")
    registry.quarantine(naive.id, "a test said so")

    failed, warned = found(own, "models", State.FAIL), found(own, "models", State.WARN)

    assert len(failed) == len(warned) == 1
    assert "ridge 1h" in failed[0].sentence
    assert "arch.json" in failed[0].sentence
    assert "a test said so" in warned[0].sentence
    assert "6 artefacts load" in found(own, "models", State.OK)[0].sentence
    still = Artefacts(open_at(own).database).get(ridge.id)
    assert still.quarantined is None  # the doctor looks, and changes nothing


def test_a_folder_of_no_artefact_is_mentioned(own: Path) -> None:
    (own / "models" / ".writing-abc").mkdir()

    assert ".writing-abc" in found(own, "models", State.INFO)[0].sentence


@pytest.mark.parametrize(
    ("year", "state"), [(2024, State.OK), (2027, State.WARN), (2029, State.FAIL)]
)
def test_a_calendar_that_ends_is_said_in_time(workspace: Path, year: int, state: State) -> None:
    desk = open_at(workspace, datetime(year, 11, 1, tzinfo=UTC))

    states = {one.state for one in examine(desk).findings if one.name == "calendars"}

    assert state in states


def test_the_extras_are_those_of_the_package() -> None:
    found = extras()

    assert "lightgbm" in found["train"]
    assert found["postgres"] == ("pg8000",)
    assert "dev" not in found


def test_the_fault_of_old_sqlite_is_told(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 2))
    old = [one.sentence for one in found(workspace, "database", State.INFO)]
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 51, 3))
    new = [one.sentence for one in found(workspace, "database", State.INFO)]

    assert any("writes through one at a time" in sentence for sentence in old)
    assert not any("writes through one at a time" in sentence for sentence in new)


def test_one_failure_is_enough_to_be_unsound() -> None:
    fine = Finding("a", State.WARN, "so so")

    assert doctor.Diagnosis((fine,)).sound
    assert not doctor.Diagnosis((fine, replace(fine, state=State.FAIL))).sound
