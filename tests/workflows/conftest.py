"""The small trained workspace, built once, and a copy for a test that damages it."""

from pathlib import Path

import pytest

from tests.workflows.workspace import build, copied


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that no test may change."""
    home = tmp_path_factory.mktemp("workspace") / "home"
    build(home)
    return home


@pytest.fixture
def own(workspace: Path, tmp_path: Path) -> Path:
    """Return a copy of the workspace that the test may damage."""
    return copied(workspace, tmp_path / "home")
