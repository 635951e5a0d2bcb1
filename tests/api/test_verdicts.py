"""The gate is told line by line: what it asks, and what it said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.workflows.verdicts import asked_by, verdict_on
from tests.api.conftest import served
from tests.workflows.experiments import looked
from tests.workflows.workspace import open_at


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Return a workspace, a run that was judged, and one that failed."""
    folder = tmp_path_factory.mktemp("judged")
    desk = looked.filled(folder / "home")
    judged, _ = looked.ran(desk, folder, looked.PAIR, looked.Inline())
    [failed] = looked.ran(desk, folder, looked.FAILED, looked.Inline(broken=True))
    desk.close()
    return folder / "home", judged, failed


@pytest.fixture
def asked(run: tuple[Path, str, str]) -> Iterator[TestClient]:
    with served(run[0]) as client:
        yield client


def test_a_verdict_has_every_line_that_was_stored(
    asked: TestClient, run: tuple[Path, str, str]
) -> None:
    home, judged, _ = run
    found = asked.get(f"/api/v1/experiments/{judged}/verdict").json()

    stored = verdict_on(open_at(home), judged)
    assert found["verdict"] == stored["verdict"]
    assert found["simulated"] is True
    for name in ("check", "passed", "statistic", "threshold", "p", "sentence", "allows"):
        assert [one[name] for one in found["lines"]] == [one[name] for one in stored["lines"]]
    assert {one["tier"] for one in found["lines"]} == {
        "registration",
        "sanity",
        "performance",
        "statistics",
    }


def test_a_run_without_a_verdict_says_so(asked: TestClient, run: tuple[Path, str, str]) -> None:
    found = asked.get(f"/api/v1/experiments/{run[2]}/verdict")

    assert found.status_code == 404
    assert "The gate has said nothing" in found.json()["detail"]


@pytest.mark.parametrize("profile", ["standard", "strict"])
def test_its_questions_come_with_their_thresholds(asked: TestClient, profile: str) -> None:
    found = asked.get("/api/v1/gate/checks", params={"profile": profile}).json()

    assert found["items"] == asked_by(profile)
    assert found["next"] is None


def test_a_profile_nobody_knows_is_refused(asked: TestClient) -> None:
    found = asked.get("/api/v1/gate/checks", params={"profile": "lax"})

    assert found.status_code == 422
    assert "standard" in found.json()["detail"]
