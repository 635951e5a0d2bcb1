"""The system says what it is, and what an examination finds."""

import platform
from importlib.metadata import version
from pathlib import Path

from starlette.testclient import TestClient

from assay.core.values.scope import Scope
from assay.store.schema import HEAD
from tests.api.conftest import ADDRESS, asking, bearer, parts_over

HERE = "/api/v1/system"


def test_it_says_what_runs_here(client: TestClient) -> None:
    found = client.get(HERE).json()

    assert (found["assay"], found["python"]) == (version("assay"), platform.python_version())
    assert (found["database"], found["schema"], found["newest_schema"]) == ("SQLite", HEAD, HEAD)
    assert (found["series"], found["simulated"]) == (2, False)
    assert found["now"] == "2022-01-03T12:00:00Z"


def test_an_examination_says_what_the_doctor_says(client: TestClient, own: Path) -> None:
    sound = client.post(f"{HERE}/examine").json()
    for file in (own / "bars").rglob("*.parquet"):
        file.write_bytes(b"nothing")
    broken = client.post(f"{HERE}/examine").json()

    assert sound["sound"] is True
    assert {"database", "journal", "bars", "models"} <= {one["name"] for one in sound["findings"]}
    assert broken["sound"] is False
    assert any(
        (one["name"], one["state"]) == ("bars", "fail") and "EURUSD" in one["sentence"]
        for one in broken["findings"]
    )


def test_only_who_may_do_everything_examines(client: TestClient, own: Path) -> None:
    parts = parts_over(own)
    reader = TestClient(asking(parts).app, base_url=ADDRESS, headers=bearer(parts, Scope.READ))

    assert reader.get(HERE).status_code == 200
    assert reader.post(f"{HERE}/examine").status_code == 403
    parts.desk.close()


def test_a_fresh_workspace_has_no_schema_yet(tmp_path: Path) -> None:
    parts = parts_over(tmp_path / "home")
    found = asking(parts).get(HERE).json()

    assert (found["series"], found["simulated"]) == (0, False)
    assert found["schema"] in (None, HEAD)  # the token of this test makes the database
    parts.desk.close()
