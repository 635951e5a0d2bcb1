"""`assay doctor` and `assay daily` through the real entry."""

import json
from pathlib import Path

import pytest

from assay.app import open_desk
from assay.cli.main import run
from tests.cli.conftest import Run


def test_a_sound_workspace_ends_with_zero(workspace: Path, assay: Run) -> None:
    text, data = assay(workspace, "doctor"), assay(workspace, "doctor", "--json")

    assert (text.code, data.code) == (0, 0)
    assert data.json["sound"] is True
    names = {one["name"] for one in data.json["findings"]}
    assert {"python", "database", "journal", "bars", "models", "calendars", "disk"} <= names
    assert all(one["sentence"] for one in data.json["findings"])


def test_damage_ends_with_one_and_is_named(own: Path, assay: Run) -> None:
    file = next((own / "bars").rglob("*.parquet"))
    file.write_bytes(b"x")

    said = assay(own, "doctor")

    assert said.code == 1
    assert "fail" in said.out
    assert file.name[:12] in "".join(said.out.split())


def test_daily_prints_a_line_a_series_and_a_summary(own: Path, assay: Run) -> None:
    said = assay(own, "daily")

    assert said.code == 0
    assert said.out.count("EURUSD") == 2
    assert "2 series: " in said.out
    assert "2 issued now" in said.out
    assert "0 issued now" in assay(own, "daily").out


def test_daily_of_one_timeframe(own: Path, assay: Run) -> None:
    found = assay(own, "daily", "--timeframe", "4h", "--json").json

    assert [line["timeframe"] for line in found["lines"]] == ["4h"]
    assert found["counts"]["series"] == 1
    assert found["lines"][0]["age_seconds"] > 0
    unknown = assay(own, "daily", "--timeframe", "1d")
    assert unknown.code == 2
    assert "1h, 4h" in unknown.err
    assert assay(own, "daily", "--timeframe", "7h").code == 2


def test_daily_without_models_says_what_to_run(tmp_path: Path, assay: Run) -> None:
    said = assay(tmp_path / "new", "daily")

    assert said.code == 2
    assert "assay train" in said.err


def test_daily_lists_a_series_that_failed_beside_the_others(own: Path, assay: Run) -> None:
    listed = assay(own, "models", "list", "--timeframe", "4h", "--json").json
    fusion = next(one["artefact"] for one in listed if one["kind"] == "fusion")
    (own / "models" / "fusion" / f"{fusion}.json").write_text("{}")

    text, data = assay(own, "daily"), assay(own, "daily", "--json")

    assert (text.code, data.code) == (0, 0)
    failed = [line for line in data.json["lines"] if line["problem"]]
    assert len(failed) == 1
    assert len(data.json["lines"]) == 2
    assert "1 failed" in text.out
    assert "is damaged" in text.out


def test_daily_with_nothing_but_failures_ends_with_one(own: Path, assay: Run) -> None:
    for file in (own / "models" / "fusion").glob("*.json"):
        file.write_text("{}")

    assert assay(own, "daily").code == 1


def test_a_mistake_in_the_settings_is_a_finding_and_not_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "assay.toml").write_text('seed = "many"\n')

    code = run(["--home", str(tmp_path), "doctor", "--json"], open_desk)

    found = json.loads(capsys.readouterr().out)
    assert code == 1
    assert found["sound"] is False
    assert "'seed' cannot be 'many'" in found["findings"][0]["sentence"]
    assert any(one["name"] == "libraries" for one in found["findings"])
